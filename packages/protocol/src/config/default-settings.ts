import { JsonText } from "../json-text.ts";
import { type ConfigTable, tableOf } from "./config-node.ts";
import { Findings, invalidConfig } from "./findings.ts";
import { camelCase, snakeCase } from "./key-case.ts";
import { jsonText } from "../to-json-text.ts";
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
 * Throws one `INVALID_CONFIG` that tells every problem.
 */
export function defaultSettings(input: SettingsInput = {}): RrqSettings {
  const findings = new Findings();
  const context = { path: "", spell: camelCase, strict: true, findings };
  const settings = readSettings(toTable(input), { for: "worker" }, context);
  if (findings.problems.length > 0) throw invalidConfig("settings", findings);
  return settings;
}

function toTable({ runners, cronJobs, watch, ...rest }: SettingsInput): ConfigTable {
  const pairs = Object.entries(rest).map(([key, value]): [string, unknown] => [snakeCase(key), value]);
  if (runners !== undefined) pairs.push(["runners", new Map(pairsOf(runners).map(([name, runner]) => [name, toRunner(runner)]))]);
  if (cronJobs !== undefined) pairs.push(["cron_jobs", cronJobs.map(toCronJob)]);
  if (watch !== undefined) pairs.push(["watch", snakeKeys(watch)]);
  return tableOf(pairs);
}

function pairsOf<Value>(map: ReadonlyMap<string, Value> | Readonly<Record<string, Value>>): [string, Value][] {
  return map instanceof Map ? [...map] : Object.entries(map);
}

/** Its name is its key. */
function toRunner({ name: _, ...runner }: RunnerInput): object {
  return snakeKeys(runner);
}

function toCronJob({ params = {}, paramsJson, ...job }: CronJobInput): object {
  const text = paramsJson === undefined ? jsonText(params, { what: "params" }) : new JsonText(paramsJson);
  return { ...snakeKeys(job), params: text };
}

function snakeKeys(table: object): object {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [snakeCase(key), value]));
}
