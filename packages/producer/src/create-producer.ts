import { randomBytes } from "node:crypto";
import { type JobLike, jobName, RrqError } from "@rrq/protocol";
import { type Clock, systemClock } from "@rrq/protocol/runtime";
import { type Connections, openConnections } from "./connections.ts";
import { encodeJob } from "./encode-job.ts";
import { type AnyItem, enqueueMany, type EnqueueManyOptions } from "./enqueue-many.ts";
import type { Enqueued, EnqueueOptions, RateLimited } from "./enqueue-options.ts";
import { toResult } from "./enqueue-result.ts";
import { type Job, readJob, viewJob } from "./job-view.ts";
import { JobWaits } from "./job-waits.ts";
import { buildJob, type NewJob } from "./new-job.ts";
import { checkId, checkSeconds, checkStrings } from "./option-check.ts";
import { checkOptions, defaultsFor, type ProducerOptions, type ProducerSettings, resolveOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { PatientCalls } from "./patient-calls.ts";
import type { EnqueueManyResult, Producer, WaitOptions, WaitResult } from "./producer.ts";
import { type CancelResult, requestCancel } from "./request-cancel.ts";
import type { EnqueueReply } from "./scripts/enqueue-reply.ts";
import { openTraceSource, type TraceSource } from "./trace.ts";

/**
 * Makes a producer. It connects at the first call; options are checked at once, a file is read at the first call.
 * Throws `INVALID_ARGUMENT`, or `REDIS_UNSUPPORTED` for a client that we cannot work with.
 */
export function createProducer(options: ProducerOptions = {}): Producer {
  return new RedisProducer(options, systemClock);
}

/** What a producer has once its settings are known. */
interface Opened {
  readonly settings: ProducerSettings;
  readonly traceOf: TraceSource;
  readonly connections: Connections;
  readonly calls: PatientCalls;
  readonly outbox: Outbox;
  readonly waits: JobWaits;
}

const WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 1e10;

class RedisProducer implements Producer {
  readonly #options: ProducerOptions;
  readonly #clock: Clock;
  readonly #giveUpAfterMs: number;
  /** Nonces: of this producer, and of a call of it. */
  readonly #nonce = randomBytes(6).toString("base64url");
  #nonces = 0;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  #closing: Promise<void> | undefined;
  readonly #onAbort = (): void => void this.close();

  constructor(options: ProducerOptions, clock: Clock) {
    this.#giveUpAfterMs = checkOptions(options).giveUpAfterMs;
    this.#options = options;
    this.#clock = clock;
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
  }

  async enqueue(job: JobLike, params?: unknown, options: EnqueueOptions = {}): Promise<Enqueued & RateLimited> {
    const encoded = encodeJob(job, params);
    const text = typeof encoded === "string" ? encoded : await encoded;
    const opened = this.#opened ?? (await this.#open());
    const prepared = this.#prepare(opened, job, text, options);
    const result = toResult(prepared, await send(opened.outbox, prepared, options.signal));
    if (RrqError.is(result)) throw result;
    // Which of them it may be is told by the overloads of the interface.
    return result as Enqueued & RateLimited;
  }

  async enqueueMany(items: readonly AnyItem[], options: EnqueueManyOptions = {}): Promise<EnqueueManyResult[]> {
    const opened = this.#opened ?? (await this.#open());
    const prepare = (job: JobLike, params: string, its: EnqueueOptions): NewJob => this.#prepare(opened, job, params, its);
    return enqueueMany(items, options, opened.outbox, prepare);
  }

  async getJob(id: string, { as }: { readonly as?: JobLike | undefined } = {}): Promise<Job<never> | null> {
    const { calls } = this.#opened ?? (await this.#open());
    const record = await readJob(calls, checkId(id));
    return record === null ? null : ((await viewJob(record, as ?? "")) as Job<never>);
  }

  async waitForJob(id: string, options: WaitOptions<JobLike> = {}): Promise<WaitResult<never>> {
    const { as, timeoutSeconds = WAIT_SECONDS, signal } = options;
    const timeoutMs =
      timeoutSeconds === Number.POSITIVE_INFINITY
        ? timeoutSeconds
        : checkSeconds("timeoutSeconds", timeoutSeconds, "zero", LONGEST_WAIT_SECONDS);
    const { waits } = this.#opened ?? (await this.#open());
    const answer = await waits.until(checkId(id), { timeoutMs, signal });
    if (answer.kind === "unknown") return answer;
    return { kind: answer.kind, job: (await viewJob(answer.record, as ?? "")) as Job<never> };
  }

  async cancel(id: string): Promise<CancelResult> {
    checkId(id);
    const { calls, settings } = this.#opened ?? (await this.#open());
    return calls.run(`cancel of job ${id}`, (redis) => requestCancel(redis, id, settings.defaults.queue, this.#clock.now()));
  }

  async connect(): Promise<void> {
    const { calls } = this.#opened ?? (await this.#open());
    await calls.run("PING", (redis) => redis.ping());
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): Promise<Opened> {
    if (this.#closing !== undefined) return Promise.reject(new RrqError("CLOSED", "the producer is closed"));
    this.#opening ??= openParts(this.#options, this.#giveUpAfterMs, this.#clock).then(
      (opened) => (this.#opened = opened),
      (error: unknown) => {
        this.#opening = undefined; // a file can be mended
        throw error;
      },
    );
    return this.#opening;
  }

  #prepare(
    { settings, traceOf }: Pick<Opened, "settings" | "traceOf">,
    job: JobLike,
    params: string,
    options: EnqueueOptions,
  ): NewJob {
    return buildJob({
      functionName: jobName(job),
      params,
      options,
      defaults: defaultsFor(job, settings.defaults),
      correlationMappings: settings.correlationMappings,
      trace: traceOf(checkStrings("trace", options.trace)),
      now: this.#clock.now(),
      nonce: this.#nonce + (this.#nonces++).toString(36),
    });
  }

  async #shutDown(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#opened = undefined; // from here on, every call asks #open(), which refuses
    const opened = await this.#opening?.catch(() => undefined);
    this.#opened = undefined;
    if (opened === undefined) return;
    opened.waits.close();
    await opened.outbox.idle();
    opened.connections.close();
  }
}

async function openParts(options: ProducerOptions, giveUpAfterMs: number, clock: Clock): Promise<Opened> {
  const [settings, traceOf] = await Promise.all([resolveOptions(options), openTraceSource()]);
  const connections = openConnections(settings.source);
  const calls = new PatientCalls(connections, clock, giveUpAfterMs);
  const waits = new JobWaits(connections, calls, clock);
  return { settings, traceOf, connections, calls, outbox: new Outbox(calls), waits };
}

/** Puts a job into the outbox and hears what became of it, unless the caller stops waiting. */
function send(outbox: Outbox, job: NewJob, signal: AbortSignal | undefined): Promise<EnqueueReply | RrqError> {
  const aborted = (fate: string): RrqError => new RrqError("ABORTED", `job ${job.id} ${fate}`, { cause: signal?.reason });
  if (signal?.aborted) return Promise.resolve(aborted("was not sent"));
  return new Promise((resolve) => {
    const onAbort = (): void => {
      settle(aborted(outbox.withdraw(settle) ? "was not sent" : "may have been enqueued all the same"));
    };
    const settle = (reply: EnqueueReply | RrqError): void => {
      signal?.removeEventListener("abort", onAbort);
      resolve(reply);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    outbox.put(job, settle);
  });
}
