import { createHash } from "node:crypto";
import { keys } from "../redis/keys.ts";
import type { ConfigNode, ConfigTable } from "./config-node.ts";
import { describeValue } from "./describe-value.ts";
import { jsonOfNode } from "./json-of-node.ts";
import { readTable } from "./read-table.ts";
import { cronJobShape } from "./schema.ts";
import type { CronJobSettings } from "./settings.ts";
import { keyName, type TableContext } from "./table-context.ts";
import { reportUnknownKeys } from "./unknown-keys.ts";

/** `[[rrq.cron_jobs]]`. An entry with a problem is left out. Schedules are not looked at. */
export function readCronJobs(rrq: ConfigTable, defaultQueue: string, context: TableContext): CronJobSettings[] {
  const node = rrq.entries.get("cron_jobs")?.node;
  if (node === undefined) return [];
  const name = keyName(context, "cron_jobs");
  if (node.kind !== "array") {
    const found = describeValue(node);
    context.findings.problem(node.place, `${name} is ${found}; it takes tables. Write [[${name}]], with two brackets.`);
    return [];
  }
  const jobs = new Map<string, CronJobSettings>();
  node.items.forEach((item, at) => {
    const inside = { ...context, path: `${name}[${at}]` };
    const job = readCronJob(item, defaultQueue, inside);
    if (job !== null) addOnce(jobs, job, item, inside);
  });
  return [...jobs.values()];
}

function readCronJob(item: ConfigNode, defaultQueue: string, context: TableContext): CronJobSettings | null {
  const { findings } = context;
  if (item.kind !== "table") {
    findings.problem(item.place, `${context.path} is ${describeValue(item)}; it takes a table.`);
    return null;
  }
  const before = findings.problems.length;
  reportUnknownKeys(item, "[[rrq.cron_jobs]]", context);
  const values = readTable(item, cronJobShape, context);
  for (const key of ["function_name", "schedule"] as const) {
    if (!item.entries.has(key)) {
      findings.problem(item.place, `${keyName(context, key)} is missing; it takes ${cronJobShape[key].description ?? "a string"}.`);
    }
  }
  const paramsJson = readParams(item, context);
  const { function_name: functionName, schedule } = values;
  if (findings.problems.length > before || functionName === undefined || schedule === undefined) return null;
  const unnamed = {
    functionName,
    schedule,
    paramsJson,
    queueName: keys.queue(values.queue_name ?? defaultQueue),
    unique: values.unique ?? false,
    timezone: values.timezone ?? "UTC",
    misfire: values.misfire ?? ("skip" as const),
  };
  return { name: values.name ?? makeName(unnamed), ...unnamed };
}

function readParams(item: ConfigTable, context: TableContext): string {
  const node = item.entries.get("params")?.node;
  if (node === undefined) return "{}";
  const isObject = node.kind === "table" || (node.kind === "json" && node.value.text.trimStart().startsWith("{"));
  if (!isObject) {
    const text = `${keyName(context, "params")} is ${describeValue(node)}; it takes a table, such as { kind = "daily" }.`;
    context.findings.problem(node.place, text);
  }
  return jsonOfNode(node, keyName(context, "params"), context.findings);
}

/** The same for the same entry in the `rrq.toml` of every machine. */
function makeName(job: Omit<CronJobSettings, "name">): string {
  const identity = [job.functionName, job.schedule, job.queueName, job.paramsJson, job.timezone];
  return `${job.functionName}:${createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 12)}`;
}

/** Slots are settled by name: two entries of one name would take them from each other. */
function addOnce(jobs: Map<string, CronJobSettings>, job: CronJobSettings, item: ConfigNode, context: TableContext): void {
  const other = jobs.get(job.name);
  if (other === undefined) {
    jobs.set(job.name, job);
  } else if (item.kind === "table" && item.entries.has("name")) {
    const name = JSON.stringify(job.name);
    context.findings.problem(item.place, `${keyName(context, "name")} is ${name}, as of another cron job; it takes a name of its own.`);
  } else {
    const text = `${context.path} is another one once more: they fire once. If both are wanted, give each a name.`;
    context.findings.warning(item.place, text);
  }
}
