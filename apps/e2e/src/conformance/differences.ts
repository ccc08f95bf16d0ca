/** A difference between the end states of the two orchestrators that we mean. */
export interface Difference {
  /** Of `path: theirs → ours`. */
  readonly pattern: RegExp;
  readonly upstream: string;
  readonly ours: string;
  readonly why: string;
}

/** Every way in which we leave Redis otherwise than upstream. A difference that is not here fails the suite; so does a row that no scenario shows. */
export const differences: readonly Difference[] = [
  {
    pattern: /^rrq:job:\S+ (fence|closed|errors): – → /,
    upstream: "no such fields",
    ours: "`fence`, `closed` and `errors` in the hash of a job",
    why: "a late end of a claim that is over changes nothing; the last five errors are kept",
  },
  {
    pattern: /^rrq:events:job:\S+ ttl: .* → short$/,
    upstream: "the event stream lives as long as the job",
    ours: "it lives `event_ttl_seconds` (300)",
    why: "it wakes whoever waits at that moment; the job itself says the rest",
  },
  {
    pattern: /^rrq:job:idle-runner-\S+ /,
    upstream: "a job for a runner that is configured and not started here is dead-lettered",
    ours: "it stays in its queue",
    why: "another worker may be started for it",
  },
  {
    pattern: /^(rrq:queue:\S+ (has idle-runner-\S+|ttl)|rrq:dlq:default holds|rrq:dlq:default ttl|rrq:events:job:idle-runner-\S+ \S+): /,
    upstream: "(the same)",
    ours: "(the same)",
    why: "where such a job is",
  },
  {
    pattern: /^rrq:job:stale-\S+ /,
    upstream: "an id in a queue runs again, whatever its hash says",
    ours: "what has ended is dropped from the queue",
    why: "a job ends once",
  },
  {
    pattern: /^(rrq:events:job:stale-\S+ \S+): /,
    upstream: "(the same)",
    ours: "(the same)",
    why: "what such a run would announce",
  },
  {
    pattern: /^rrq:job:raw result: /,
    upstream: "params and results are parsed and printed again, keys sorted",
    ours: "they are carried as they were written",
    why: "numbers arrive as they were sent",
  },
  {
    pattern: /^rrq:job:timeout-without-error last_error: Job timed out after 10s\. → Job execution timed out$/,
    upstream: "a time-out that the runner gives no reason for gets the orchestrator's words",
    ours: "it gets the runners' own",
    why: "one text for one outcome, wherever it was decoded",
  },
  {
    pattern: /^rrq:job:(no|bad)-time last_error: .* → Failed to parse claimed job definition: no valid enqueue_time\. Moved to DLQ\.$/,
    upstream: "a malformed job is told as such",
    ours: "with what is malformed",
    why: "somebody has to mend the producer",
  },
  {
    pattern: /^rrq:job:(no|bad)-time (start_time|worker_id): .* → –$/,
    upstream: "it is claimed first, then looked at",
    ours: "it is looked at before anything is written",
    why: "one bad job must not stop the claim of others",
  },
];
