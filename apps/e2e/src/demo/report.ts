export interface FileHash {
  readonly path: string;
  readonly sha256: string;
}

export interface FileSize {
  readonly path: string;
  readonly bytes: number;
  readonly compressed: number;
}

/** Adds up what the other jobs found out. */
export function summarise(hashes: readonly FileHash[], sizes: readonly FileSize[]) {
  const sum = (pick: (size: FileSize) => number): number => sizes.reduce((total, size) => total + pick(size), 0);
  const [largest = { path: "none", bytes: 0 }] = sizes.toSorted((a, b) => b.bytes - a.bytes);
  return {
    files: sizes.length,
    bytes: sum(({ bytes }) => bytes),
    compressed: sum(({ compressed }) => compressed),
    duplicates: hashes.length - new Set(hashes.map(({ sha256 }) => sha256)).size,
    largest: { path: largest.path, bytes: largest.bytes },
  };
}
