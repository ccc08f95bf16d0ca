import { JsonText } from "../json-text.ts";
import { jsonText } from "../to-json-text.ts";
import { type ConfigTable, tableOf } from "./config-node.ts";
import { Findings, invalidConfig } from "./findings.ts";
import { camelCase, snakeCase } from "./key-case.ts";
import { readSettings } from "./read-settings.ts";
import type { CronJobSettings, RrqSettings, RunnerSettings, WatchSettings } from "./settings.ts";

type Tables = "runners" | "runnerRoutes" | "cronJobs" | "watch" | "http";

/** Settings as a program gives them: what is left out is at its default. A whole {@link RrqSettings} is one too. */
export interface SettingsInput extends Partial<Omit<RrqSettings, Tables>> {
  readonly runners?: ReadonlyMap<string, RunnerInput> | Readonly<Record<string, RunnerInput>>;
  /** Queue, bare or full, → runner name. */
  readonly runnerRoutes?: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  readonly cronJobs?: readonly CronJobInput[];
  readonly watch?: Partial<WatchSettings>;
  readonly http?: { readonly host?: string; readonly port: number } | null;
}

export type RunnerInput = Partial<RunnerSettings> & Pick<RunnerSettings, "tcpPort">;

export type CronJobInput = Partial<CronJobSettings> &
  Pick<CronJobSettings, "functionName" | "schedule"> & {
    /** A JSON object; `paramsJson` wins. @default {} */
    readonly params?: Readonly<Record<string, unknown>> | JsonText;
  };

/**
 * Settings of a program without an `rrq.toml`, held to the same rules. No file and no variable is read.
 * Throws one `INVALID_CONFIG` that tells every problem, or for the params of a cron job what `jsonText` throws.
 */
export function defaultSettings(input: SettingsInput = {}): RrqSettings {
  const findings = new Findings();
  const context = { path: "", spell: camelCase, strict: true, findings };
  const settings = readSettings(toTable(input), { for: "worker" }, context);
  if (findings.problems.length > 0) throw invalidConfig("settings", findings);
  return settings;
}

/** As the table of a file; what has not the form of its type is left as it is, for the reader to tell. */
function toTable(input: SettingsInput): ConfigTable {
  const { runners, cronJobs, watch, ...rest } = input;
  return tableOf([
    ...snakePairs(rest),
    ["runners", isTable(runners) ? new Map(pairsOf(runners).map(([name, runner]) => [name, toRunner(runner)])) : runners],
    ["cron_jobs", Array.isArray(cronJobs) ? cronJobs.map(toCronJob) : cronJobs],
    ["watch", isTable(watch) ? new Map(snakePairs(watch)) : watch],
  ]);
}

/** Its name is its key. */
function toRunner(runner: unknown): unknown {
  return isTable(runner) ? new Map(snakePairs(runner).filter(([key]) => key !== "name")) : runner;
}

function toCronJob(job: unknown): unknown {
  if (!isTable(job)) return job;
  const { params = {}, paramsJson, ...rest } = job as Partial<CronJobInput>;
  const given = typeof paramsJson === "string" ? new JsonText(paramsJson) : params;
  return new Map([...snakePairs(rest), ["params", isTable(given) ? jsonText(given, { what: "params" }) : given]]);
}

function snakePairs(table: object): [string, unknown][] {
  return pairsOf(table).map(([key, value]) => [snakeCase(key), value]);
}

function pairsOf(table: object): [string, unknown][] {
  return table instanceof Map ? [...(table as Map<string, unknown>)] : Object.entries(table);
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
