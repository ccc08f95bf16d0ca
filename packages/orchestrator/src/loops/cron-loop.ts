import { randomUUID } from "node:crypto";
import type { CronJobSettings } from "@rrq/protocol/config";
import type { Clock } from "@rrq/protocol/runtime";
import { findDue } from "../core/cron-due.ts";
import type { CronSchedule } from "../core/cron-schedule.ts";
import type { Log } from "../log.ts";
import type { CronStore } from "../store/cron-store.ts";
import type { CronFiring } from "../store/scripts/fire-cron-job.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

export interface CronEntry {
  readonly settings: CronJobSettings;
  readonly schedule: CronSchedule;
}

export interface CronDeps {
  readonly entries: readonly CronEntry[];
  readonly store: CronStore;
  readonly telemetry: Pick<Telemetry, "startEnqueue">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Nothing is due for longer than this without a look at the clock, which may have been set. */
const LONGEST_SLEEP_MS = 30_000;
const AGAIN_AFTER_ERROR_MS = 1_000;

/** Makes the jobs of `[[rrq.cron_jobs]]`: each slot of each entry once in the whole fleet, whoever comes first. */
export class CronLoop {
  readonly #deps: CronDeps;
  /** For each entry the last slot that is settled, as far as we know. */
  readonly #lastAt = new Map<CronEntry, number>();

  constructor(deps: CronDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { entries, clock } = this.#deps;
    if (entries.length === 0) return;
    while (!signal.aborted) await clock.sleep(await this.step(), signal);
  }

  /** Sees to what is due. Answers the milliseconds until something is due again. */
  async step(): Promise<number> {
    const { entries, clock, log } = this.#deps;
    let pauseMs = LONGEST_SLEEP_MS;
    for (const entry of entries) {
      try {
        await this.#see(entry);
        const next = entry.schedule.next(clock.now());
        if (next !== null) pauseMs = Math.min(pauseMs, next - clock.now());
      } catch (error) {
        log.error(`cron enqueue failed for ${entry.settings.functionName}`, { cron: entry.settings.name, error: String(error) });
        pauseMs = Math.min(pauseMs, AGAIN_AFTER_ERROR_MS);
      }
    }
    return Math.max(0, pauseMs);
  }

  async #see(entry: CronEntry): Promise<void> {
    const { store, clock, log } = this.#deps;
    const { settings, schedule } = entry;
    // Where nobody knows of a slot, nothing was missed: the first start of an entry.
    const lastAt = this.#lastAt.get(entry) ?? (await store.lastSlot(settings)) ?? clock.now();
    this.#lastAt.set(entry, lastAt);
    const { slotAt, missed } = findDue(schedule, lastAt, clock.now());
    for (const missedAt of missed) {
      log.warn("a cron slot was missed", { cron: settings.name, slot: new Date(missedAt).toISOString(), misfire: settings.misfire });
    }
    const latestMiss = missed.at(-1);
    const fireAt = slotAt ?? (settings.misfire === "once" ? latestMiss : undefined);
    if (fireAt !== undefined) {
      const firing = await this.#fire(settings, fireAt);
      log.info("cron slot", { cron: settings.name, slot: new Date(fireAt).toISOString(), firing });
    } else if (latestMiss !== undefined) {
      await store.skip(settings, latestMiss);
    }
    this.#lastAt.set(entry, fireAt ?? latestMiss ?? lastAt);
  }

  async #fire(settings: CronJobSettings, slotAt: number): Promise<CronFiring> {
    const { store, telemetry } = this.#deps;
    const id = randomUUID();
    const enqueue = telemetry.startEnqueue({ id, functionName: settings.functionName, queue: settings.queueName });
    try {
      const firing = await store.fire(settings, slotAt, { id, trace: enqueue?.trace ?? null });
      enqueue?.end(firing === "fired" ? "enqueued" : "unmade");
      return firing;
    } catch (error) {
      enqueue?.end("error");
      throw error;
    }
  }
}
