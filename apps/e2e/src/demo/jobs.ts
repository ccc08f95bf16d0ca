import { defineJob } from "@rrq/protocol";
import { z } from "zod";

// The jobs of the demo, as the program that enqueues them and the one that runs them both import them.

const file = z.object({ root: z.string(), path: z.string() });
/** The runner process that did it. */
const pid = z.int();

export const listFiles = defineJob("list-files", {
  params: z.object({ root: z.string() }),
  result: z.object({ paths: z.array(z.string()), source: z.enum(["git", "folder"]) }),
});

export const hashFile = defineJob("hash-file", {
  params: file,
  result: z.object({ path: z.string(), sha256: z.string(), bytes: z.int(), pid }),
});

export const compressFile = defineJob("compress-file", {
  params: file,
  result: z.object({ path: z.string(), bytes: z.int(), compressed: z.int(), pid }),
});

export const makeReport = defineJob("make-report", {
  params: z.object({
    hashes: z.array(z.object({ path: z.string(), sha256: z.string() })),
    sizes: z.array(z.object({ path: z.string(), bytes: z.int(), compressed: z.int() })),
  }),
  result: z.object({
    files: z.int(),
    bytes: z.int(),
    compressed: z.int(),
    /** How many files are word for word the same as another. */
    duplicates: z.int(),
    largest: z.object({ path: z.string(), bytes: z.int() }),
  }),
});

/** Two attempts fail, the third succeeds. */
export const failsTwice = defineJob("fails-twice", { result: z.object({ attempt: z.int() }) });

export const alwaysFails = defineJob("always-fails", { maxAttempts: 3 });

/** Wants a minute and gets a second. */
export const overruns = defineJob("overruns-its-time", { timeoutSeconds: 1 });

/** Enqueued for a moment to come; answers when it was called. */
export const scheduled = defineJob("scheduled-2s-ahead", { result: z.object({ calledAt: z.number() }) });

/** Enqueued for a moment that never comes, since it is cancelled. */
export const calledOff = defineJob("called-off");
