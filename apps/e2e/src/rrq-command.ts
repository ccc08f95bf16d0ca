import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);

/** Our `rrq`, as it is built. */
export const rrqCommand: readonly string[] = [
  process.execPath,
  join(dirname(resolve("@rrq/orchestrator")), "cli/main.js"),
];
