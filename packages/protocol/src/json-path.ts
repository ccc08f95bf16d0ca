/** Where something is in a value, as one would write it: `params.user.tags[3]`, `result["a b"]`. Long paths lose their middle. */
export function formatPath(root: string, path: readonly (PropertyKey | undefined)[]): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    const key = String(step);
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return root + (steps.length > 12 ? [...steps.slice(0, 8), " … ", ...steps.slice(-3)] : steps).join("");
}
