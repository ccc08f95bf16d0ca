import { RrqError } from "@rrq/protocol";
import { keys, MAX_TTL_SECONDS } from "@rrq/protocol/redis";
import type { EnqueueOptions, KeyWindow } from "./enqueue-options.ts";
import { checkSeconds, checkText } from "./option-check.ts";
import type { ProducerDefaults } from "./options.ts";
import type { BatchScript } from "./redis/index.ts";
import type { SHARED_ARGS } from "./scripts/create-job.ts";
import { debounceJobs } from "./scripts/debounce-job.ts";
import { enqueueIdempotentJobs } from "./scripts/enqueue-idempotent.ts";
import { enqueueJobs } from "./scripts/enqueue-job.ts";
import type { EnqueueReply } from "./scripts/enqueue-reply.ts";
import { enqueueUniqueJobs } from "./scripts/enqueue-unique.ts";
import { rateLimitJobs } from "./scripts/rate-limit-job.ts";

/** The script that puts a job in. All of them take many jobs of one queue. */
export type Insertion = BatchScript<"queue", (typeof SHARED_ARGS)[number], string, string, EnqueueReply>;

interface Timing {
  /** Full key. */
  readonly queue: string;
  readonly enqueuedAt: number;
  readonly dueAt: number;
  readonly defaults: ProducerDefaults;
}

interface Chosen {
  readonly insertion: Insertion;
  /** What the script takes beside the job: the key that it is about, and how long that lasts. */
  readonly holder: Readonly<Record<string, string>>;
}

const KEYS = ["idempotency", "unique", "rateLimit", "debounce"] as const;

/** The script that does what the key of a call asks for. Throws `INVALID_ARGUMENT`. */
export function chooseInsertion(options: EnqueueOptions, timing: Timing): Chosen {
  const { idempotency, unique, rateLimit, debounce } = options;
  if (KEYS.filter((name) => options[name] !== undefined).length > 1) {
    throw new RrqError("INVALID_ARGUMENT", `${KEYS.join(", ")} exclude each other`);
  }
  if (idempotency !== undefined) {
    const key = checkText("idempotency.key", idempotency.key);
    const ttl = seconds("idempotency.ttlSeconds", idempotency.ttlSeconds ?? timing.defaults.idempotencyTtlSeconds);
    // Or it would be forgotten before the job runs.
    const untilDue = Math.ceil((timing.dueAt - timing.enqueuedAt) / 1_000);
    const holderTtl = String(Math.min(Math.max(ttl, untilDue), MAX_TTL_SECONDS));
    return { insertion: enqueueIdempotentJobs, holder: { holder: keys.idempotency(key), holderTtl } };
  }
  if (unique !== undefined) {
    return { insertion: enqueueUniqueJobs, holder: { holder: keys.unique(checkText("unique.key", unique.key)) } };
  }
  if (rateLimit !== undefined) {
    return { insertion: rateLimitJobs, holder: keyWindow("rateLimit", rateLimit, keys.rateLimit) };
  }
  if (debounce !== undefined) {
    const holder = keyWindow("debounce", debounce, keys.debounce);
    return { insertion: debounceJobs, holder: { ...holder, oldQueue: timing.queue } };
  }
  return { insertion: enqueueJobs, holder: {} };
}

function keyWindow(name: string, { key, windowSeconds }: KeyWindow, toKey: (key: string) => string) {
  return {
    holder: toKey(checkText(`${name}.key`, key)),
    holderTtl: String(seconds(`${name}.windowSeconds`, windowSeconds)),
  };
}

/** Whole seconds: up to milliseconds first, as upstream does. */
function seconds(name: string, value: unknown): number {
  return Math.ceil(checkSeconds(name, value, "above zero", MAX_TTL_SECONDS) / 1_000);
}
