import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@rrq/private-redis";
import { JsonText } from "@rrq/protocol";
import type { RunnerSettings } from "@rrq/protocol/config";
import { systemClock } from "@rrq/protocol/runtime";
import { expect, vi } from "vitest";
import { type ManagedOptions, openRunnerPool } from "../runners/managed-runner.ts";
import type { RunnerPool } from "../runners/runner-pool.ts";
import { buildRequest } from "./build-request.ts";
import { silentLog } from "./silent-log.ts";

/** Runner pools of real processes, in a folder of their own. Disposing of it closes them, and finds none of their processes alive. */
export interface PoolStand extends AsyncDisposable {
  readonly folder: string;
  /** A pool of one process of `scripted-runner.mjs` with four slots, unless told otherwise. */
  open(change?: Partial<RunnerSettings>, options?: Partial<ManagedOptions>): Promise<RunnerPool>;
  /** Every process of the program that came up so far. */
  started(): Promise<number[]>;
}

/** The program of the stand's runners. */
export const SCRIPTED_RUNNER = fileURLToPath(new URL("scripted-runner.mjs", import.meta.url));

export async function openPoolStand(): Promise<PoolStand> {
  const folder = await mkdtemp(join(tmpdir(), "rrq-pool-"));
  const pids = join(folder, "pids");
  const pools: RunnerPool[] = [];

  const started = async (): Promise<number[]> => {
    const text = await readFile(pids, "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map(Number);
  };
  const open: PoolStand["open"] = async (change = {}, options = {}) => {
    const settings: RunnerSettings = {
      name: "main",
      cmd: [process.execPath, SCRIPTED_RUNNER],
      poolSize: 1,
      maxInFlight: 4,
      cwd: null,
      tcpHost: "127.0.0.1",
      tcpPort: await freePort(),
      allowedHosts: [],
      responseTimeoutSeconds: null,
      ...change,
      env: { PID_FILE: pids, ...change.env },
    };
    const pool = await openRunnerPool(settings, {
      connectTimeoutMs: 10_000,
      termGraceMs: 1_000,
      abortGraceMs: 300,
      env: process.env,
      passRedisDsn: false,
      output: "inherit",
      restarts: { firstPauseMs: 20, maxPauseMs: 50, breakAfter: 4, breakMs: 60_000, steadyMs: 2_000 },
      clock: systemClock,
      log: silentLog,
      ...options,
    });
    pools.push(pool);
    return pool;
  };
  return {
    folder,
    open,
    started,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(pools.map((pool) => pool.close()));
      for (const pid of await started()) expect(isAlive(pid)).toBe(false);
      await rm(folder, { recursive: true });
    },
  };
}

/** The result of one job, as it is executed at once. */
export async function ask(pool: RunnerPool, functionName = "pid", params: unknown = {}): Promise<unknown> {
  const request = buildRequest(`job-${Math.random()}`, functionName, 30_000, params);
  const said = await pool.execute(request, new AbortController().signal);
  if (said.type !== "success" || !(said.result instanceof JsonText)) throw new Error(said.type);
  return said.result.parse();
}

/** Waits until the pool has so many free slots. */
export async function hasSlots(pool: RunnerPool, slots: number): Promise<void> {
  await vi.waitFor(() => expect(pool.freeSlots()).toBe(slots), 10_000);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
