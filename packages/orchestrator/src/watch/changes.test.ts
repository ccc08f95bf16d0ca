import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Changes, openChanges } from "./changes.ts";

let root: string;
let changes: Changes;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "rrq-watch-"));
  await mkdir(join(root, "src"));
  await mkdir(join(root, "node_modules"));
  await writeFile(join(root, "src", "old.ts"), "1");
  changes = await openChanges(root, (path) => path.endsWith(".ts"));
});
afterEach(async () => {
  await changes[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

test("[orchestrator §14] a change of a file that counts, and nothing else", async () => {
  const next = changes.next();
  await writeFile(join(root, "src", "notes.md"), "1");
  await writeFile(join(root, "node_modules", "x.ts"), "1");
  await writeFile(join(root, "src", "new.ts"), "1");
  expect(await next).toBe("event=add, path=src/new.ts");
});

test("[orchestrator §14] a change while nobody waited is not missed; those of one burst are one", async () => {
  const seen = changes.next();
  await writeFile(join(root, "src", "old.ts"), "22");
  expect(await seen).toBe("event=change, path=src/old.ts");
  await changes.quiet(new AbortController().signal);
  const next = changes.next();
  await rm(join(root, "src", "old.ts"));
  expect(await next).toBe("event=unlink, path=src/old.ts");
});
