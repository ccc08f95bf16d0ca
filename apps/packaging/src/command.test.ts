import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { readManifest } from "./entries.ts";

const run = promisify(execFile);
const consumer = inject("consumer");

test("npx rrq --version tells the installed version", async () => {
  const { stdout } = await run("npx", ["--no-install", "rrq", "--version"], { cwd: consumer.folder });
  const { version } = await readManifest(consumer, "@rrq/orchestrator");
  expect(stdout.trim().split(/\s+/)).toContain(version);
});
