import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildRequest } from "../testing/build-request.ts";
import { isAlive, openPoolStand, type PoolStand } from "../testing/pool-stand.ts";
import { groupRuns } from "./process-group.ts";
import type { RunnerPool } from "./runner-pool.ts";

const never = new AbortController().signal;

let stand: PoolStand;
beforeEach(async () => {
  stand = await openPoolStand();
});
afterEach(() => stand[Symbol.asyncDispose]());

describe("[orchestrator §13.5] the end of a process", () => {
  test("[trap 9] one that ignores SIGTERM is killed after the grace", async () => {
    const pool = await stand.open({ env: { IGNORE_TERM: "1" } }, { termGraceMs: 300 });
    await pool.ready();
    const [pid = 0] = await stand.started();
    const closing = performance.now();
    await pool.close();
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - closing).toBeLessThan(3_000);
  });

  /** A runner that started another process, which ignores SIGTERM. */
  async function openWithDescendant(termGraceMs: number): Promise<{ pool: RunnerPool; pid: number }> {
    const file = join(stand.folder, "descendant");
    const pool = await stand.open({ env: { FORK_FILE: file } }, { termGraceMs });
    await pool.ready();
    expect(isAlive(Number(await readFile(file, "utf8")))).toBe(true);
    const [pid = 0] = await stand.started();
    return { pool, pid };
  }

  test("its descendants go with it, also one that ignores SIGTERM", async () => {
    const { pool, pid } = await openWithDescendant(300);
    await pool.close();
    expect(groupRuns(pid)).toBe(false);
  });

  test("what it leaves behind when it dies by itself is ended at once, before the next one starts", async () => {
    const { pool, pid } = await openWithDescendant(60_000);
    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(pool.status().processes[0]?.restarts).toBe(1), { timeout: 10_000 });
    expect(groupRuns(pid)).toBe(false);
  });

  test("one that was stopped (SIGSTOP) ends as any other", async () => {
    const pool = await stand.open({}, { termGraceMs: 60_000 });
    await pool.ready();
    const [pid = 0] = await stand.started();
    process.kill(pid, "SIGSTOP");
    await pool.close();
    expect(isAlive(pid)).toBe(false);
  });

  test("whoever waits is told, and nothing new is taken", async () => {
    const pool = await stand.open();
    await pool.ready();
    const execution = pool.execute(buildRequest("a", "hold"), never);
    const rejection = expect(execution).rejects.toMatchObject({ code: "RUNNER_REPLACED" });
    await setImmediate(); // it leaves
    await pool.close();
    await rejection;
    await expect(pool.execute(buildRequest("b"), never)).rejects.toMatchObject({ code: "CLOSED" });
  });
});
