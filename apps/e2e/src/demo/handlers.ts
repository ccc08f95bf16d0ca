import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { createRegistry, type Registry } from "@rrq/runner";
import { listRepositoryFiles } from "../repository-files.ts";
import * as jobs from "./jobs.ts";
import { summarise } from "./report.ts";

const compress = promisify(brotliCompress);

/** What the runner processes of the demo can do. */
export function demoHandlers(): Registry {
  return createRegistry()
    .register(jobs.listFiles, ({ root }) => listRepositoryFiles(root))
    .register(jobs.hashFile, async ({ root, path }) => {
      const content = await readFile(join(root, path));
      const sha256 = createHash("sha256").update(content).digest("hex");
      return { path, sha256, bytes: content.length, pid: process.pid };
    })
    .register(jobs.compressFile, async ({ root, path }) => {
      const content = await readFile(join(root, path));
      return { path, bytes: content.length, compressed: (await compress(content)).length, pid: process.pid };
    })
    .register(jobs.makeReport, ({ hashes, sizes }) => summarise(hashes, sizes))
    .register(jobs.failsTwice, (_params, { attempt }) => {
      if (attempt < 3) throw new Error(`attempt ${attempt} fails, as planned`);
      return { attempt };
    })
    .register(jobs.alwaysFails, () => {
      throw new Error("fails every time, as planned");
    })
    .register(jobs.overruns, (_params, { signal }) => sleep(60_000, null, { signal }))
    .register(jobs.scheduled, () => ({ calledAt: Date.now() }))
    .register(jobs.calledOff, () => {
      throw new Error("was cancelled, and must never be called");
    });
}
