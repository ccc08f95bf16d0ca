import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keys } from "@rrq/protocol/redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore, type TestStore } from "../testing/open-store.ts";

/** The built command: what users run. */
const RRQ = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let store: TestStore;
let folder: string;
beforeEach(async () => {
  store = await openStore();
  folder = await mkdtemp(join(tmpdir(), "rrq-cli-"));
  await writeFile(join(folder, "rrq.toml"), `[rrq]\nredis_dsn = "${store.url}"\n`);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder with an `rrq.toml` for the test's database. */
function rrq(...args: string[]): Promise<Ran> {
  const { RRQ_REDIS_DSN: _dsn, RRQ_CONFIG: _config, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RRQ, ...args], { cwd: folder, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe("[cli §1] the command line", () => {
  test.each<[string, string[], Partial<Ran>]>([
    ["--version", ["--version"], { code: 0, stdout: expect.stringMatching(/^rrq \d+\.\d+\.\d+/) as string, stderr: "" }],
    ["--help tells the exit codes", ["--help"], { code: 0, stdout: expect.stringContaining("3  there is no such thing") as string }],
    ["help of a verb", ["help", "queue"], { code: 0, stdout: expect.stringContaining("list the queues") as string }],
    ["no command is a usage error", [], { code: 2, stdout: "" }],
    ["a group without a verb is one", ["job"], { code: 2, stdout: "" }],
    ["an unknown command is one", ["nope"], { code: 2, stderr: expect.stringContaining("unknown command 'nope'") as string }],
    ["a verb without its argument is one", ["job", "show"], { code: 2, stderr: expect.stringContaining("job_id") as string }],
    ["an unknown option is one", ["check", "--nope"], { code: 2, stderr: expect.stringContaining("--nope") as string }],
  ])("%s", async (_title, args, expected) => {
    expect(await rrq(...args)).toMatchObject(expected);
  });

  test("[trap 48] without a config: one line that says what to do", async () => {
    await rm(join(folder, "rrq.toml"));
    const { code, stdout, stderr } = await rrq("check");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("RRQ_CONFIG");
  });

  test("[trap 57] without Redis: one line without the password, within five seconds", async () => {
    await writeFile(join(folder, "rrq.toml"), '[rrq]\nredis_dsn = "redis://me:secret@127.0.0.1:1/0"\n');
    const started = performance.now();
    const { code, stderr } = await rrq("check");
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("secret");
    // Five seconds, and the start of a process on a busy machine.
    expect(performance.now() - started).toBeLessThan(9_000);
  }, 20_000);
});

describe("[cli §3] rrq check", () => {
  test("[trap 49] nobody works: unhealthy", async () => {
    expect(await rrq("check")).toEqual({
      code: 4,
      stdout: "Worker Health Check: FAIL (No active workers found)\n",
      stderr: "",
    });
    expect(await rrq("check", "--json")).toMatchObject({ code: 4, stdout: "[]\n" });
  });

  test("shows every worker with a heartbeat", async () => {
    await store.redis.set(
      keys.health("rrq_worker_1_aaaaaa"),
      '{"worker_id":"rrq_worker_1_aaaaaa","status":"polling","active_jobs":3,"timestamp":"2026-01-01T12:00:00+00:00"}',
      "EX",
      60,
    );
    const { code, stdout } = await rrq("check");
    expect(code).toBe(0);
    expect(stdout).toContain("Found 1 active worker(s)");
    expect(stdout).toContain("Worker ID: rrq_worker_1_aaaaaa");
    expect(stdout).toContain("Active Jobs: 3");
    expect(JSON.parse((await rrq("check", "--json")).stdout)).toMatchObject([
      { worker_id: "rrq_worker_1_aaaaaa", status: "polling", active_jobs: 3, last_heartbeat: "2026-01-01T12:00:00.000Z" },
    ]);
  });
});

describe("[cli §4] rrq queue list", () => {
  test("empty", async () => {
    expect(await rrq("queue", "list")).toEqual({ code: 0, stdout: "No active queues found\n", stderr: "" });
    expect(await rrq("queue", "list", "--json")).toMatchObject({ code: 0, stdout: "[]\n" });
  });

  test("counts what waits, and shows a key of another type as such [trap 52]", async () => {
    await store.enqueue("a", {}, 1_767_225_600_123);
    await store.enqueue("b", {}, 1_767_225_660_500);
    await store.redis.set("rrq:queue:broken", "x");
    const { code, stdout } = await rrq("queue", "list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/rrq:queue:default\s+2\s+1767225600123\s+1767225660500/);
    expect(stdout).toMatch(/rrq:queue:broken\s+not a queue/);
    expect(stdout).toContain("Total: 2 pending jobs");
    expect(JSON.parse((await rrq("queue", "list", "--json")).stdout)).toEqual([
      { queue: "rrq:queue:broken", pending: null, oldest_at: null, newest_at: null },
      { queue: "rrq:queue:default", pending: 2, oldest_at: "2026-01-01T00:00:00.123Z", newest_at: "2026-01-01T00:01:00.500Z" },
    ]);
  });
});

describe("[cli §5] rrq job show", () => {
  test("[trap 49] an unknown id is not found", async () => {
    expect(await rrq("job", "show", "nope")).toEqual({ code: 3, stdout: "", stderr: "rrq: Job 'nope' not found\n" });
  });

  test("[trap 51] its fields as text, and as one JSON document with numbers, times and JSON as such", async () => {
    await store.enqueue("a", { last_error: "boom ✗" });
    const { code, stdout } = await rrq("job", "show", "a");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Job a\n/);
    expect(stdout).toMatch(/^function_name {11} +work$/m);
    expect(stdout).toContain('{"n":1.0}');
    expect(stdout).toContain("boom ✗");
    expect(JSON.parse((await rrq("job", "show", "a", "--json")).stdout)).toMatchObject({
      id: "a",
      status: "PENDING",
      job_params: { n: 1 },
      max_retries: 3,
      enqueue_time: "2026-01-01T12:00:00.000Z",
      completion_time: null,
      result: null,
    });
  });

  test("a key of another type is refused, and named", async () => {
    await store.redis.set(keys.job("a"), "x");
    const { code, stderr } = await rrq("job", "show", "a");
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
