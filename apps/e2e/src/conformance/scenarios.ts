import type { TomlTable } from "../rrq-toml.ts";

/** What a job's hash has beside what every producer writes. */
export interface ScenarioJob {
  readonly id: string;
  readonly functionName?: string;
  /** What the runner answers, one for each attempt. */
  readonly says?: readonly object[];
  /** Put over the fields of the hash; `null` takes one away. */
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly queue?: string;
  /** Milliseconds from now. */
  readonly delayMs?: number;
}

export interface Scenario {
  readonly title: string;
  readonly jobs: readonly ScenarioJob[];
  readonly rrq?: TomlTable;
  /** More keys before the start: strings. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly queues?: readonly string[];
  /** Queue → runner; there is a second runner `alt`. */
  readonly routes?: Readonly<Record<string, string>>;
  /** When a job has this status the orchestrator gets SIGTERM, instead of at the end. */
  readonly stopWhenActive?: string;
  /** Jobs that are not waited for. */
  readonly left?: readonly string[];
  /** Its end states as the specification's golden file has them. */
  readonly golden?: string;
}

const success = (result: unknown) => ({ status: "success", result });
const error = (message: string, more: object = {}) => ({ status: "error", error: { message, ...more } });

export const scenarios: readonly Scenario[] = [
  {
    title: "golden: basic",
    golden: "basic.json",
    jobs: [
      { id: "job-success", says: [success("ok:alpha")] },
      { id: "job-retry", says: [{ status: "retry", error: { message: "retry" }, retry_after_seconds: 0.01 }, success("ok:beta")] },
      { id: "job-fail", says: [error("boom: gamma")], fields: { max_retries: "2" } },
      { id: "job-timeout", says: [{ sleep_ms: 30_000, ...success("late") }], fields: { job_timeout_seconds: "1" } },
      {
        id: "job-missing",
        functionName: "missing_handler",
        says: [error("No handler registered for function 'missing_handler'", { type: "handler_not_found" })],
      },
    ],
  },
  {
    title: "golden: retry_backoff",
    golden: "retry_backoff.json",
    jobs: [{ id: "job-retry-backoff", says: [error("boom: backoff")] }],
  },
  {
    title: "golden: extended, less the two that upstream's own client makes unique",
    golden: "extended.json",
    queues: ["default", "custom"],
    jobs: [
      { id: "job-defer", says: [success("ok:gamma")], delayMs: 1_000 },
      { id: "job-custom-queue", says: [success("ok:delta")], queue: "custom" },
      { id: "job-dlq", says: [error("boom: epsilon")], fields: { max_retries: "1" } },
    ],
  },
  {
    title: "golden: routing",
    golden: "routing.json",
    queues: ["default", "routed"],
    routes: { routed: "alt" },
    jobs: [
      { id: "job-route-default", says: [success("py:alpha")] },
      { id: "job-route-alt", says: [success("alt:beta")], queue: "routed" },
    ],
  },
  {
    title: "every outcome that a runner may send",
    jobs: [
      { id: "null", says: [success(null)] },
      { id: "no-result", says: [{ status: "success" }] },
      { id: "raw", says: [success({ text: "é", list: [1, 2.5, null, true] })] },
      { id: "large", says: [success("x".repeat(200_000))] },
      { id: "details", says: [error("declined", { type: "Payment", code: "card", details: { a: 1 } })], fields: { max_retries: "1" } },
      { id: "no-message", says: [error("")], fields: { max_retries: "1" } },
      { id: "error-without-error", says: [{ status: "error" }], fields: { max_retries: "1" } },
      { id: "retry-default", says: [{ status: "retry" }, success(1)] },
      { id: "retry-now", says: [{ status: "retry", error: { message: "now" }, retry_after_seconds: -5 }, success(1)] },
      { id: "retry-fraction", says: [{ status: "retry", error: { message: "soon" }, retry_after_seconds: 0.25 }, success(1)] },
      { id: "retry-exhausted", says: [{ status: "retry", error: { message: "again" }, retry_after_seconds: 0 }] },
      { id: "timeout", says: [{ status: "timeout", error: { message: "took too long", type: "timeout" } }] },
      { id: "timeout-without-error", says: [{ status: "timeout" }] },
      { id: "cancelled", says: [error("Job cancelled", { type: "cancelled" }), success(1)] },
      { id: "not-found-without-message", says: [error("", { type: "handler_not_found" })] },
      { id: "error-then-success", says: [error("first"), success("kept last_error")] },
    ],
  },
  {
    title: "times to live, dead-letter queues, unique locks",
    jobs: [
      { id: "ttl-hour", says: [success(1)], fields: { result_ttl_seconds: "3601" } },
      { id: "ttl-none", says: [success(1)], fields: { result_ttl_seconds: "0" } },
      { id: "ttl-untouched", says: [success(1)], fields: { result_ttl_seconds: "-1" } },
      { id: "ttl-default", says: [success(1)], fields: { result_ttl_seconds: null } },
      { id: "own-dlq", says: [error("boom")], fields: { max_retries: "1", dlq_name: "mail" } },
      { id: "no-attempts", says: [error("boom")], fields: { max_retries: "0" } },
      { id: "default-attempts", says: [error("boom")], fields: { max_retries: "many" } },
      { id: "unique", says: [success(1)], fields: { job_unique_key: "u1" } },
      { id: "unique-dead", says: [error("boom")], fields: { job_unique_key: "u2", max_retries: "1" } },
    ],
    keys: { "rrq:lock:unique:u1": "unique", "rrq:lock:unique:u2": "unique-dead" },
  },
  {
    title: "names, queues and params that are unusual",
    rrq: { default_max_retries: 2 },
    jobs: [
      { id: "no-handler", functionName: "main#" },
      { id: "no-name", functionName: "" },
      { id: "no-runner-before", functionName: "#echo", says: [success(1)] },
      { id: "own-runner", functionName: "main#echo", says: [success(1)] },
      { id: "bare-queue", says: [error("again"), success(1)], fields: { queue_name: "default" } },
      { id: "params-no-object", fields: { job_params: "[1,2]" } },
      { id: "params-no-json", fields: { job_params: "{" } },
      { id: "no-params", fields: { job_params: null } },
      { id: "bad-numbers", says: [success(1)], fields: { current_retries: "x", result_ttl_seconds: "soon" } },
      { id: "contexts", says: [success(1)], fields: { trace_context: '{"traceparent":"00-1"}', correlation_context: "null" } },
    ],
  },
  {
    title: "a runner that dies with a job in hand",
    jobs: [{ id: "dies-once", says: [{ die: true }, success("alive")] }],
  },
  {
    title: "what is malformed goes to the dead-letter queue",
    jobs: [
      { id: "no-time", fields: { enqueue_time: null } },
      { id: "bad-time", fields: { enqueue_time: "yesterday" } },
      { id: "beside", says: [success(1)] },
    ],
  },
  {
    title: "what has ended and is queued again",
    jobs: [
      { id: "stale-completed", fields: { status: "COMPLETED" }, says: [success("again")] },
      { id: "beside", says: [success(1)] },
    ],
    left: ["stale-completed"],
  },
  {
    title: "a runner that is configured and not started here",
    jobs: [{ id: "idle-runner-job", functionName: "alt#echo" }, { id: "beside", says: [success(1)] }],
    left: ["idle-runner-job"],
  },
  {
    title: "a shutdown in the middle of a job",
    rrq: { worker_shutdown_grace_period_seconds: 0.2, runner_shutdown_term_grace_seconds: 0.5 },
    jobs: [{ id: "interrupted", says: [{ sleep_ms: 30_000, ...success(1) }] }],
    stopWhenActive: "interrupted",
    left: ["interrupted"],
  },
];
