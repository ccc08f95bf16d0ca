import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore, type TestStore } from "../testing/open-store.ts";
import { silentLog } from "../testing/silent-log.ts";
import { type WatchOptions, watchOrchestrator } from "./watch-orchestrator.ts";

let store: TestStore;
let root: string;
let lines: string[];
let stop: AbortController;
let watching: Promise<void>;
beforeEach(async () => {
  store = await openStore();
  root = await mkdtemp(join(tmpdir(), "rrq-watch-"));
  lines = [];
  stop = new AbortController();
  watching = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await watching.catch(() => undefined);
  await store[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

/** The built package: a plain node process runs it. */
const RUNNER = new URL("../../../runner/dist/index.js", import.meta.url).href;

/** A runner whose handler `version` says what its file says. */
const writeRunner = (version: number): Promise<void> =>
  writeFile(
    join(root, "runner.mjs"),
    `import { createRegistry, runRunner } from "${RUNNER}";
await runRunner(createRegistry().register("version", () => ${version}));`,
  );

const writeConfig = (extra = ""): Promise<void> =>
  writeFile(
    join(root, "rrq.toml"),
    `[rrq]
redis_dsn = "${store.url}"
[rrq.runners.main]
cmd = ["${process.execPath}", "${join(root, "runner.mjs")}"]
tcp_port = 39600
pool_size = 2
${extra}`,
  );

function watch(change: Partial<WatchOptions> = {}): void {
  watching = watchOrchestrator({
    config: join(root, "rrq.toml"),
    path: root,
    signal: stop.signal,
    onEvent: (line) => lines.push(line),
    log: silentLog,
    ...change,
  });
  watching.catch(() => undefined);
}

async function ask(id: string): Promise<string | undefined> {
  await store.enqueue(id, { function_name: "version" });
  return vi.waitFor(
    async () => {
      const { status, result } = await store.hash(id);
      expect(status).toBe("COMPLETED");
      return result;
    },
    { timeout: 15_000, interval: 20 },
  );
}

describe("[orchestrator §14] watch mode", { timeout: 30_000 }, () => {
  test("starts the worker anew when a file changes", async () => {
    await writeRunner(1);
    await writeConfig();
    watch();
    expect(await ask("first")).toBe("1");
    await writeRunner(2);
    await vi.waitFor(() => expect(lines).toContain("Restarting worker..."), { timeout: 10_000 });
    expect(await ask("second")).toBe("2");
    expect(lines[0]).toBe(`Watching ${root} for changes...`);
    expect(lines[1]).toBe("Change detected (event=change, path=runner.mjs).");
    stop.abort();
    await watching;
    expect(await store.redis.keys("rrq:health:*")).toEqual([]);
  });

  test("waits for the next change when a command before the start fails, or the config is broken", async () => {
    await writeRunner(1);
    const failing = `[rrq.watch]\npre_restart_cmds = [["${process.execPath}", "-e", "process.exit(3)"]]`;
    await writeConfig(failing);
    watch();
    await vi.waitFor(() => expect(lines.at(-1)).toContain("failed with status 3"), { timeout: 10_000 });
    await writeConfig("max_in_flight = 0");
    await vi.waitFor(() => expect(lines.join("\n")).toContain("max_in_flight"), { timeout: 10_000 });
    await writeConfig();
    expect(await ask("first")).toBe("1");
  });

  test("a folder that does not exist is refused", async () => {
    await writeConfig();
    watch({ path: join(root, "nowhere") });
    await expect(watching).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
