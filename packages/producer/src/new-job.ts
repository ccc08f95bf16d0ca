import { randomUUID } from "node:crypto";
import { RrqError } from "@rrq/protocol";
import { channels, formatTimestamp, keys, MAX_TIMEOUT_SECONDS, MAX_TTL_SECONDS } from "@rrq/protocol/redis";
import { correlate } from "./correlation.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { chooseInsertion, type Insertion } from "./insertion.ts";
import { checkId, checkInstant, checkSeconds, checkStrings, checkText, checkWhole, MAX_ATTEMPTS } from "./option-check.ts";
import type { ProducerDefaults } from "./options.ts";
import type { SHARED_ARGS } from "./scripts/create-job.ts";

/** A job that is ready to be sent: checked, with every default filled in. */
export interface NewJob {
  readonly id: string;
  readonly insertion: Insertion;
  readonly shared: SharedValues;
  /** KEYS and ARGV of its own in the script of its insertion. */
  readonly values: Readonly<Record<string, string>>;
  /** About as many bytes as it takes on the wire. */
  readonly size: number;
}

/** KEYS and ARGV that it may share with other jobs of one call. */
export type SharedValues = Readonly<Record<"queue" | (typeof SHARED_ARGS)[number], string>>;

/** What the call and its producer say about a new job. */
export interface JobRequest {
  readonly functionName: string;
  /** A JSON object, within the limits. */
  readonly params: string;
  readonly options: EnqueueOptions;
  /** The producer's, with those of the job's contract on top. */
  readonly defaults: ProducerDefaults;
  readonly correlationMappings: Readonly<Record<string, string>>;
  /** What {@link EnqueueOptions.trace} became. */
  readonly trace: Readonly<Record<string, string>> | null;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Of this one call. */
  readonly nonce: string;
}

/** Bytes of names, ids and contexts that fit into a frame beside the largest params. */
const MAX_ENVELOPE_BYTES = 60 * 1024;

/** Throws `INVALID_ARGUMENT`, naming the option and what it takes; `TOO_LARGE` for names and headers that no frame has room for. */
export function buildJob(request: JobRequest): NewJob {
  const { options, defaults, params, trace, now } = request;
  const functionName = checkText("job", request.functionName);
  const id = options.id === undefined ? randomUUID() : checkId(options.id);
  const queue = keys.queue(checkText("queue", options.queue ?? defaults.queue));
  const enqueuedAt = options.enqueuedAt === undefined ? now : checkInstant("enqueuedAt", options.enqueuedAt);
  const dueAt = readDueAt(options, enqueuedAt);
  const correlation = correlate({
    params,
    trace,
    mappings: request.correlationMappings,
    given: checkStrings("correlation", options.correlation),
  });
  const { insertion, holder } = chooseInsertion(options, { queue, enqueuedAt, dueAt, defaults });
  const enqueueTime = formatTimestamp(enqueuedAt);
  const shared = {
    queue,
    wake: channels.wake(queue),
    functionName,
    maxRetries: String(checkWhole("maxAttempts", options.maxAttempts ?? defaults.maxAttempts, 1, MAX_ATTEMPTS)),
    timeout: String(checkWhole("timeoutSeconds", options.timeoutSeconds ?? defaults.timeoutSeconds, 1, MAX_TIMEOUT_SECONDS)),
    resultTtl: String(checkWhole("resultTtlSeconds", options.resultTtlSeconds ?? defaults.resultTtlSeconds, -1, MAX_TTL_SECONDS)),
  };
  const contexts = trace === null && correlation === null ? "" : `${inOneLine(trace)}\n${inOneLine(correlation)}`;
  const values = {
    job: keys.job(id),
    nonce: request.nonce,
    dueAt: String(dueAt),
    params,
    enqueueTime,
    runTime: dueAt === enqueuedAt ? "" : formatTimestamp(dueAt),
    contexts,
    ...holder,
  };
  const envelope = 2 * id.length + functionName.length + queue.length + contexts.length;
  checkEnvelope(envelope, [id, id, functionName, queue, contexts]);
  return { id, insertion, shared, values, size: params.length + envelope };
}

/** Epoch milliseconds. */
function readDueAt(options: EnqueueOptions, enqueuedAt: number): number {
  const { delaySeconds, runAt, debounce } = options;
  const given = [delaySeconds, runAt, debounce].filter((one) => one !== undefined);
  if (given.length > 1) throw new RrqError("INVALID_ARGUMENT", "delaySeconds, runAt and debounce exclude each other: each says when the job runs");
  if (runAt !== undefined) return checkInstant("runAt", runAt);
  const waitMs =
    debounce === undefined
      ? checkSeconds("delaySeconds", delaySeconds ?? 0, "zero", MAX_TTL_SECONDS)
      : checkSeconds("debounce.windowSeconds", debounce.windowSeconds, "above zero", MAX_TTL_SECONDS);
  return checkInstant("runAt", enqueuedAt + waitMs);
}

function inOneLine(context: Readonly<Record<string, string>> | null): string {
  return context === null ? "" : JSON.stringify(context);
}

/** @param length Characters of all texts: an escaped one takes six bytes at most. */
function checkEnvelope(length: number, texts: readonly string[]): void {
  if (length * 6 <= MAX_ENVELOPE_BYTES) return;
  const bytes = Buffer.byteLength(JSON.stringify(texts));
  if (bytes <= MAX_ENVELOPE_BYTES) return;
  throw new RrqError(
    "TOO_LARGE",
    `id, job, queue, trace and correlation take ${bytes} bytes together; ${MAX_ENVELOPE_BYTES} fit beside the params`,
  );
}
