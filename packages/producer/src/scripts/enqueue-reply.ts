/** What a script made of one new job. */
export type EnqueueReply =
  | { readonly kind: "enqueued" }
  /** The id is taken: by a job of the same function, or of another. */
  | { readonly kind: "same-id" | "other-job" }
  /** The job that holds the idempotency or unique key. */
  | { readonly kind: "held"; readonly by: string }
  | { readonly kind: "rate-limited" }
  /** The waiting job that took over the new params. */
  | { readonly kind: "debounced"; readonly into: string }
  /** The waiting job is in this queue: call again with its key. Nothing was changed. */
  | { readonly kind: "elsewhere"; readonly queue: string };

/** The first word is the kind. */
export function readEnqueueReply(raw: unknown): EnqueueReply {
  if (raw === 1) return ENQUEUED;
  const [kind, what] = raw as [string, string];
  switch (kind) {
    case "held":
      return { kind, by: what };
    case "debounced":
      return { kind, into: what };
    case "elsewhere":
      return { kind, queue: what };
    default:
      return { kind: kind as "same-id" | "other-job" | "rate-limited" };
  }
}

const ENQUEUED: EnqueueReply = { kind: "enqueued" };
