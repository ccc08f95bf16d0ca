import { redactDsn } from "@rrq/protocol/redis";
import { formatLedger } from "./ledger-table.ts";
import type { Played } from "./play.ts";
import type { Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** Lines of the orchestrator's log that are shown when something went wrong. */
const LOG_LINES = 20;

/** What is about to happen; the first time ever, a Redis may have to be fetched. */
export function tellTitle(view: View): void {
  view.say(view.paint.bold("RRQ: real jobs on the files of this repository, and a runner process that dies in the middle"));
  view.say();
  view.say("Starting Redis, an orchestrator and its runners …");
}

/** What takes part. */
export function tellStage({ redis, orchestrator }: Stage, view: View): void {
  view.say(`  Redis         ${redactDsn(redis.url)}${redis.pid === undefined ? " (yours)" : `, private, process ${redis.pid}`}`);
  view.say(`  orchestrator  rrq worker run, process ${orchestrator.pid}`);
  view.say("  runners       2 processes with 8 slots each");
  view.say();
}

/** What the orchestrator said last. */
export function tellTrouble({ orchestrator }: Stage, view: View): void {
  view.follow(undefined);
  const { stdout, stderr } = orchestrator.output();
  view.say("The last lines of the orchestrator and its runners:");
  for (const line of `${stdout}${stderr}`.trimEnd().split("\n").slice(-LOG_LINES)) view.say(`  ${line}`);
}

/** The table, what happened on the way, and the checks. Answers whether all of them hold. */
export function tellEnd({ end, orchestrator, left, seconds }: Played, view: View): boolean {
  const { bold, dim } = view.paint;
  const { ledger, report, strike, lateness, runnerPids } = end;
  const [title = "", ...rows] = formatLedger(ledger);
  const others = runnerPids.filter((pid) => pid !== strike.pid).join(", ");
  const share = Math.round((report.compressed / report.bytes) * 100);
  for (const line of [
    "",
    bold(title),
    ...rows,
    dim("Times are from enqueue to end. Nearly all is enqueued at once, so most of it is waiting for a slot, or for its time."),
    "",
    `Runner process ${strike.pid} was killed with ${count(strike.jobsHit, "file job")} in hand: each ran again. Others at work: ${others}.`,
    `The scheduled jobs were called ${lateness.map((ms) => `${Math.round(ms)} ms`).join(", ")} after their time.`,
    `The report says: ${count(report.files, "file")}, ${megabytes(report.bytes)}, ${share} % of that when compressed; ` +
      `${report.duplicates} the same as another; the largest is ${report.largest.path} (${megabytes(report.largest.bytes)}).`,
    "",
  ]) {
    view.say(line);
  }

  const exited = "code" in orchestrator ? orchestrator.code : null;
  const { enqueued, completed, deadLettered, cancelled } = ledger.total;
  const checks: readonly (readonly [holds: boolean, text: string])[] = [
    [
      ledger.balances,
      `accepted ${enqueued} ${ledger.balances ? "=" : "≠"} completed ${completed} + dead-lettered ${deadLettered} + cancelled ${cancelled}`,
    ],
    [exited === 0, `the orchestrator drained, and exited ${exited ?? "by SIGKILL"}`],
    [left.length === 0, left.length === 0 ? `no process is left, after ${seconds.toFixed(1)} s` : `left behind: ${left.join(", ")}`],
  ];
  for (const [holds, text] of checks) view.say(holds ? view.paint.good(`✓ ${text}`) : view.paint.bad(`✗ ${text}`));
  return checks.every(([holds]) => holds);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
