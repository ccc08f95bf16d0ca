/**
 * The one of `words` that `word` was probably meant to be: one slip away, or the only one that contains it, or the nearest
 * within a third of its letters. `undefined` if there is none.
 */
export function nearestWord(word: string, words: Iterable<string>): string | undefined {
  const given = word.toLowerCase();
  const reach = Math.max(1, Math.floor(given.length / 3));
  let best: { readonly word: string; readonly distance: number } | undefined;
  const containing: string[] = [];
  for (const candidate of words) {
    const other = candidate.toLowerCase();
    if (given.length >= 5 && other.includes(given)) containing.push(candidate);
    const distance = Math.abs(other.length - given.length) > reach ? Infinity : editDistance(given, other);
    if (distance <= reach && distance < (best?.distance ?? Infinity)) best = { word: candidate, distance };
  }
  const only = containing.length === 1 ? containing[0] : undefined;
  return best !== undefined && best.distance <= 1 ? best.word : (only ?? best?.word);
}

/** Letters to insert, remove, replace or swap with their neighbour until `a` is `b`. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        distance = Math.min(distance, (older[column - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
