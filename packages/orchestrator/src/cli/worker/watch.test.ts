import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore, type TestStore } from "../../testing/open-store.ts";

/** The built command: what users run. */
const RRQ = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const RUNNER = new URL("../../../../runner/dist/index.js", import.meta.url).href;

let store: TestStore;
let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  store = await openStore();
  folder = await realpath(await mkdtemp(join(tmpdir(), "rrq-watch-")));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGTERM")) await once(child, "exit");
  }
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const writeRunner = (answer: number): Promise<void> =>
  writeFile(
    join(folder, "runner.mjs"),
    `import { createRegistry, runRunner } from "${RUNNER}";
await runRunner(createRegistry().register("ask", () => ${answer}));`,
  );

const writeConfig = (): Promise<void> =>
  writeFile(
    join(folder, "rrq.toml"),
    `[rrq]
redis_dsn = "${store.url}"
[rrq.runners.main]
cmd = ["${process.execPath}", "runner.mjs"]
tcp_port = 39700
pool_size = 4
`,
  );

/** Starts `rrq worker watch` in the folder, and gathers what it says. */
function watch(...args: string[]): { readonly child: ChildProcess; readonly said: () => string; readonly complained: () => string } {
  const { RRQ_REDIS_DSN: _dsn, RRQ_CONFIG: _config, ...env } = process.env;
  const child = spawn(process.execPath, [RRQ, "worker", "watch", ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const [said, complained] = [gather(child.stdout), gather(child.stderr)];
  return { child, said, complained };
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let all = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    all += text;
  });
  return () => all;
}

const eventually = (look: () => unknown): Promise<unknown> => vi.waitFor(look, { timeout: 20_000, interval: 20 });

async function resultOf(id: string): Promise<string | undefined> {
  await store.enqueue(id, { function_name: "ask" });
  await eventually(async () => expect(await store.hash(id)).toMatchObject({ status: "COMPLETED" }));
  return (await store.hash(id))["result"];
}

describe("[cli §2] rrq worker watch", { timeout: 60_000 }, () => {
  test("runs what a file says now, starts anew for a matching change only, and ends with 0 at a signal", async () => {
    await writeRunner(1);
    await writeConfig();
    const { child, said } = watch("--pattern", "*.mjs", "--ignore-pattern", "ignored*");
    expect(await resultOf("first")).toBe("1");
    expect(said()).toBe(`Watching ${folder} for changes...\n`);
    await writeFile(join(folder, "ignored.mjs"), "1");
    await writeFile(join(folder, "notes.ts"), "1");
    await writeRunner(2);
    await eventually(() => expect(said()).toContain("Restarting worker...\n"));
    expect(await resultOf("second")).toBe("2");
    expect(said()).toContain("Change detected (event=change, path=runner.mjs).\n");
    expect(said()).not.toMatch(/ignored|notes/);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await store.redis.keys("rrq:health:*")).toEqual([]);
  });

  test("a folder that is not there: one line, and 1", async () => {
    await writeRunner(1);
    await writeConfig();
    const { child, said, complained } = watch("--path", "nowhere");
    expect(await once(child, "exit")).toEqual([1, null]);
    expect(said()).toBe("");
    expect(complained().trim()).toBe("rrq: cannot watch 'nowhere': no such folder");
  });

  test("an empty pattern is a wrong command line", async () => {
    const { child, complained } = watch("--pattern", "");
    expect(await once(child, "exit")).toEqual([2, null]);
    expect(complained()).toContain("a pattern needs a text");
  });
});
