import { readFile } from "node:fs/promises";
import type { TestDatabase } from "@rrq/private-redis/vitest";
import { keys } from "@rrq/protocol/redis";

/** A line of a runner: an attempt started, or its handler ended. */
export interface Line {
  readonly what: "start" | "end";
  readonly jobId: string;
  readonly attempt: number;
  readonly fence: number;
  readonly pid: number;
  readonly at: number;
}

export async function readLines(file: string): Promise<readonly Line[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  // A process that is killed in mid-write leaves half a line behind.
  return text.split("\n").flatMap((line) => parse(line));
}

function parse(line: string): readonly Line[] {
  try {
    return [JSON.parse(line) as Line];
  } catch {
    return [];
  }
}

/** Where each accepted job stands in Redis. */
export interface Ledger {
  readonly counts: Readonly<Record<string, number>>;
  /** Sentences about what must not be. */
  readonly broken: readonly string[];
  /** Times a job was taken from a dead orchestrator. */
  readonly rescues: number;
  /** Attempts that started beyond the first of each job's every attempt number. */
  readonly reruns: number;
}

const TERMINAL = ["COMPLETED", "FAILED", "CANCELLED"];

/** Holds what Redis says against what was accepted and what was run. */
export async function drawUp(redis: TestDatabase["redis"], accepted: readonly string[], lines: readonly Line[], maxAttempts: number): Promise<Ledger> {
  const pipeline = redis.pipeline();
  for (const id of accepted) pipeline.hgetall(keys.job(id));
  const hashes = (await pipeline.exec())?.map(([, hash]) => hash as Record<string, string>) ?? [];
  const dlq = await redis.lrange(keys.dlq("default"), 0, -1);
  const leftovers = [...(await redis.keys("rrq:queue:*")), ...(await redis.keys("rrq:active:jobs:*"))];

  const counts: Record<string, number> = {};
  const broken: string[] = [];
  const dead = new Set(dlq);
  let rescues = 0;
  const starts = groupByJob(lines);
  accepted.forEach((id, index) => {
    const hash = hashes[index] ?? {};
    const status = hash["status"] ?? "gone";
    counts[status] = (counts[status] ?? 0) + 1;
    rescues += Number(hash["rescues"] ?? 0);
    const ran = starts.get(id) ?? [];
    const listed = dead.has(id);
    if (!TERMINAL.includes(status)) broken.push(`${id} is ${status}`);
    if (status === "COMPLETED" && !ran.some(({ what }) => what === "end")) broken.push(`${id} completed and never ran to its end`);
    if ((status === "FAILED") !== listed) broken.push(`${id} is ${status}, and ${listed ? "" : "not "}in the dead-letter queue`);
    if (Number(hash["current_retries"]) > maxAttempts) broken.push(`${id} spent ${String(hash["current_retries"])} attempts of ${maxAttempts}`);
  });
  if (dead.size !== dlq.length) broken.push("an id is twice in the dead-letter queue");
  broken.push(...leftovers.map((key) => `${key} is left`));
  for (const [id, ofJob] of starts) {
    const fences = ofJob.filter(({ what }) => what === "start").map(({ fence }) => fence);
    if (new Set(fences).size !== fences.length) broken.push(`${id} started twice with one fence`);
  }
  const attempts = new Set(lines.filter(({ what }) => what === "start").map(({ jobId, attempt }) => `${jobId} ${attempt}`));
  const reruns = lines.filter(({ what }) => what === "start").length - attempts.size;
  return { counts, broken, rescues, reruns };
}

function groupByJob(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(line.jobId);
    if (group === undefined) groups.set(line.jobId, [line]);
    else group.push(line);
  }
  return groups;
}
