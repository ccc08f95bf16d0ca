import { keys, prefixes } from "../redis/keys.ts";
import type { ConfigTable } from "./config-node.ts";
import { nearestWord } from "./nearest-word.ts";
import type { RunnerRules } from "./read-runners.ts";
import { readTable } from "./read-table.ts";
import { routesSchema } from "./schema.ts";
import { keyName, type TableContext } from "./table-context.ts";

/** `[rrq.runner_routes]`, queue key → runner. A worker is warned of a route to a runner that the file has not, if it has any. */
export function readRoutes(rrq: ConfigTable, { forWorker }: RunnerRules, context: TableContext): Map<string, string> {
  const { runner_routes: routes = {} } = readTable(rrq, { runner_routes: routesSchema }, context);
  // Bare names first: a full key wins over the bare name of the same queue.
  const isFull = (queue: string): boolean => queue.startsWith(prefixes.queue);
  const sorted = Object.entries(routes).sort(([a], [b]) => Number(isFull(a)) - Number(isFull(b)));
  if (forWorker) for (const [queue, runner] of sorted) warnOfUnknownRunner(rrq, queue, runner, context);
  return new Map(sorted.map(([queue, runner]) => [keys.queue(queue), runner]));
}

function warnOfUnknownRunner(rrq: ConfigTable, queue: string, runner: string, context: TableContext): void {
  const configured = namesIn(rrq, "runners");
  if (configured.length === 0 || configured.includes(runner)) return;
  const meant = nearestWord(runner, configured);
  const advice = meant === undefined ? `There are ${configured.join(", ")}.` : `Did you mean ${meant}?`;
  const routes = rrq.entries.get("runner_routes")?.node;
  const place = routes?.kind === "table" ? routes.entries.get(queue)?.node.place : undefined;
  const text = `${keyName(context, "runner_routes")}.${queue} is ${JSON.stringify(runner)}, which is no runner of this file. ${advice}`;
  context.findings.warning(place ?? null, text);
}

function namesIn(rrq: ConfigTable, key: string): string[] {
  const node = rrq.entries.get(key)?.node;
  return node?.kind === "table" ? [...node.entries.keys()] : [];
}
