/** JSON text of `levels` arrays in each other. */
export function nest(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}
