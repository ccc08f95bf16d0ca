import { join } from "node:path";
import type { Job } from "@rrq/producer";
import type { ResultOutput } from "@rrq/protocol";
import { Crew } from "./crew.ts";
import * as jobs from "./jobs.ts";
import { type Ledger, type LedgerEntry, toLedger } from "./ledger.ts";
import type { Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** What there is to tell in the end. */
export interface DemoEnd {
  readonly ledger: Ledger;
  readonly report: ResultOutput<typeof jobs.makeReport>;
  readonly strike: Strike;
  /** Milliseconds after its time at which each scheduled job was called. */
  readonly lateness: readonly number[];
  /** Every process that executed a file job. */
  readonly runnerPids: readonly number[];
}

/** A runner process was killed. */
export interface Strike {
  readonly pid: number;
  /** File jobs that were on it, and ran again elsewhere. */
  readonly jobsHit: number;
}

/** The root of this repository. */
const ROOT = join(import.meta.dirname, "../../../..");

/** Each file is hashed and compressed: two jobs. In a small repository some are taken more than once. */
const FEWEST_FILES = 250;
const MOST_FILES = 600;
/** The share of jobs that have ended when a runner process is killed. */
const STRIKE_AT = 0.4;
const AHEAD_SECONDS = 2;

/** Enqueues everything, kills a runner process in the middle, waits for every end, and reads the ledger from Redis. */
export async function runDemo(stage: Stage, view: View): Promise<DemoEnd> {
  const crew = new Crew(stage);
  const files = await listFiles(crew, view);

  const hashIds = await crew.enqueue(jobs.hashFile, files);
  const sizeIds = await crew.enqueue(jobs.compressFile, files);
  const twiceIds = await crew.enqueue(jobs.failsTwice, times(6));
  const neverIds = await crew.enqueue(jobs.alwaysFails, times(4));
  const overrunIds = await crew.enqueue(jobs.overruns, times(3));
  const scheduledIds = await crew.enqueue(jobs.scheduled, times(3), {
    delaySeconds: AHEAD_SECONDS,
    queue: stage.punctualQueue,
  });
  const calledOffIds = await crew.enqueue(jobs.calledOff, times(1), { delaySeconds: 3_600 });
  view.say(`${crew.progress.accepted} jobs were accepted; the report on them comes last.`);
  view.follow(() => crew.progress.byFunction());

  const runnerPids = new Set<number>();
  let latestPid: number | null = null;
  const onFileEnd = ({ result }: Job<{ readonly pid: number }>): void => {
    if (result === null) return;
    latestPid = result.pid;
    runnerPids.add(latestPid);
  };
  const striking = crew.progress.reaches(STRIKE_AT).then(() => strike(latestPid, view, crew));
  const [hashes, sizes, scheduled] = await Promise.all([
    crew.follow(jobs.hashFile, hashIds, onFileEnd),
    crew.follow(jobs.compressFile, sizeIds, onFileEnd),
    crew.follow(jobs.scheduled, scheduledIds),
    crew.follow(jobs.failsTwice, twiceIds),
    crew.follow(jobs.alwaysFails, neverIds),
    crew.follow(jobs.overruns, overrunIds),
    callOff(stage, crew, calledOffIds),
    striking,
  ]);
  const report = await makeReport(crew, hashes, sizes);
  view.follow(undefined);

  return {
    ledger: toLedger(await readEntries(stage, crew)),
    report,
    strike: { pid: await striking, jobsHit: [...hashes, ...sizes].filter(({ attempts }) => attempts > 1).length },
    lateness: scheduled.flatMap(({ result, enqueuedAt }) =>
      result === null || enqueuedAt === null ? [] : [result.calledAt - enqueuedAt.getTime() - AHEAD_SECONDS * 1_000],
    ),
    runnerPids: [...runnerPids],
  };
}

async function listFiles(crew: Crew, view: View): Promise<{ root: string; path: string }[]> {
  const [listing] = await crew.follow(jobs.listFiles, await crew.enqueue(jobs.listFiles, [{ root: ROOT }]));
  const paths = listing?.result?.paths ?? [];
  if (paths.length === 0) throw new Error(`no files in ${ROOT}: ${listing?.error ?? "the list is empty"}`);
  view.say(`The first job listed ${paths.length} files of this repository (${listing?.result?.source}).`);
  const count = Math.min(MOST_FILES, Math.max(FEWEST_FILES, paths.length));
  return Array.from({ length: count }, (_, index) => ({ root: ROOT, path: paths[index % paths.length] ?? "" }));
}

/** Kills the process that ended a job last, as an operator's mistake or the kernel would. */
function strike(pid: number | null, view: View, crew: Crew): number {
  if (pid === null) throw new Error("there is no runner process to kill: no file job has ended");
  process.kill(pid, "SIGKILL");
  const { ended, accepted } = crew.progress;
  view.say(view.paint.bad(`Killed runner process ${pid} with SIGKILL, after ${ended} of ${accepted} jobs.`));
  return pid;
}

async function callOff(stage: Stage, crew: Crew, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => stage.producer.cancel(id)));
  await crew.follow(jobs.calledOff, ids);
}

async function makeReport(
  crew: Crew,
  hashes: readonly Job<{ path: string; sha256: string }>[],
  sizes: readonly Job<{ path: string; bytes: number; compressed: number }>[],
): Promise<DemoEnd["report"]> {
  const params = {
    hashes: hashes.flatMap(({ result }) => result ?? []).map(({ path, sha256 }) => ({ path, sha256 })),
    sizes: sizes.flatMap(({ result }) => result ?? []).map(({ path, bytes, compressed }) => ({ path, bytes, compressed })),
  };
  const [report] = await crew.follow(jobs.makeReport, await crew.enqueue(jobs.makeReport, [params]));
  if (!report?.result) throw new Error(`there is no report: ${report?.error ?? "nothing came back"}`);
  return report.result;
}

/** What Redis has of every accepted job, whatever we were told before. */
async function readEntries({ producer }: Stage, crew: Crew): Promise<LedgerEntry[]> {
  return Promise.all(
    crew.accepted.map(async ({ id, functionName }) => {
      const job = await producer.getJob(id);
      if (job === null) return { functionName, status: null, attempts: 0, tookMs: null };
      const { status, attempts, enqueuedAt, finishedAt } = job;
      const wasCancelled = status === "CANCELLED";
      const tookMs = wasCancelled || enqueuedAt === null || finishedAt === null ? null : finishedAt.getTime() - enqueuedAt.getTime();
      return { functionName, status, attempts, tookMs };
    }),
  );
}

function times(count: number): Record<string, never>[] {
  return Array.from({ length: count }, () => ({}));
}
