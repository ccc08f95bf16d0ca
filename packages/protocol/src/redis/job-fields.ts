/**
 * Every field of the hash `rrq:job:<id>`: its encoding, who writes it, and what a reader makes of a missing or bad value.
 * *Time* is RFC 3339 text in UTC. An optional field is absent when it has no value, never empty text.
 * "Absent" as an answer means that the reader's own default applies.
 */
export const jobFields = {
  /** Text, at enqueue. Missing: the id of the key. */
  id: "id",
  /** Text `handler` or `runner#handler`, at enqueue and by a debounce. Missing: empty text, which no runner serves. */
  functionName: "function_name",
  /** JSON object, at enqueue and by a debounce. Missing, no JSON, no object: `{}`. */
  params: "job_params",
  /** Time, at enqueue. Missing or bad: the job is malformed. */
  enqueueTime: "enqueue_time",
  /** One of `JOB_STATUSES`, by everyone who moves the job. Missing or other: the job is malformed. */
  status: "status",
  /** Integer, `0` at enqueue, raised by each attempt that did not succeed. Missing or bad: 0. */
  retries: "current_retries",
  /** Time before which it does not run: at enqueue, by a debounce, retry, recovery. Missing or bad: none. */
  nextRunTime: "next_scheduled_run_time",
  /** Integer, at enqueue and by a debounce: attempts in all. Missing or bad: absent. */
  maxRetries: "max_retries",
  /** Integer, at enqueue and by a debounce: seconds of one attempt. Missing or no number: absent. A number that is no whole number of seconds above 0: malformed. */
  timeout: "job_timeout_seconds",
  /** Integer, at enqueue and by a debounce: seconds that a success is kept, 0 for ever, below 0: TTL untouched. Missing or bad: absent. */
  resultTtl: "result_ttl_seconds",
  /** Text, at enqueue, by a debounce or requeue: full key, bare name from upstream up to 0.9.16. Missing: absent. */
  queue: "queue_name",
  /** JSON, `null` at enqueue, by the success. Missing, empty, `null` in any letter case, no JSON: none. */
  result: "result",
  /** Optional JSON object of strings, at enqueue and by a debounce: headers of the trace. Bad: none. */
  traceContext: "trace_context",
  /** Optional JSON object of strings, at enqueue and by a debounce: attributes for spans and logs. Bad: none. */
  correlationContext: "correlation_context",
  /** Optional text, by upstream's orchestrator as a producer: unique lock that goes with the job's end. Empty: none. */
  upstreamUniqueKey: "job_unique_key",
  /** Optional text, by nobody so far: dead-letter queue of this job. Missing or empty: absent. */
  dlq: "dlq_name",
  /** Time, by the claim: start of the latest attempt. Missing or bad: none. */
  startTime: "start_time",
  /** Text, by the claim: owner of the latest attempt. */
  workerId: "worker_id",
  /** Time, by the end. Missing or bad: none. */
  completionTime: "completion_time",
  /** Text, by a retry, requeue or dead-lettering: the latest error. Stays after a success; may be empty. */
  lastError: "last_error",

  // Ours. Upstream ignores them.
  /** Integer, raised by each claim: an end with another fence is refused. Bad: none. */
  fence: "fence",
  /** Integer: times the job was taken from a dead orchestrator. Missing or bad: 0. */
  rescues: "rescues",
  /** `1`: somebody asked to cancel the job while it ran. */
  cancel: "cancel",
  /** `1`: completed by us; a status that upstream's late commands put on it afterwards is undone. */
  closed: "closed",
  /** Text, by our producers at enqueue: a value of this one call, so that its repetition is known for one. Its presence marks the job as ours. */
  nonce: "nonce",
  /** Text, by a debounce of ours: the nonce of the latest call that this waiting job took over. */
  mergeNonce: "merge_nonce",
  /** JSON list of the last errors, the latest last, at most 8 KiB, by each attempt that did not succeed. Bad: empty. */
  errors: "errors",
  /** Text, by our producers at enqueue: the key of `keys.unique` that goes with the job's end. */
  uniqueKey: "unique_key",
  /** Text, by our producers at enqueue: the key of `keys.idempotency`, which a cancel gives up. */
  idempotencyKey: "idempotency_key",
} as const;
