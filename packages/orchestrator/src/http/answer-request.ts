import { findObstacles, type Health } from "./health.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What can be asked for. */
export interface HttpSources {
  readonly health: () => Health;
  /** Everything measured so far, in the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
}

const PATHS = ["/live", "/ready", "/metrics"];
const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** Answers one request. `/live`: this process turns. `/ready`: it takes jobs, else 503 with the reasons. */
export async function answerRequest(method: string, url: string, sources: HttpSources): Promise<HttpAnswer> {
  const [path = ""] = url.split("?", 1);
  if (!PATHS.includes(path)) return json(404, { error: `there is ${PATHS.join(", ")}` });
  if (method !== "GET" && method !== "HEAD") return json(405, { error: "GET or HEAD" }, { allow: "GET, HEAD" });
  if (path === "/live") return json(200, { status: "live" });
  if (path === "/metrics") return answer(200, { "content-type": PROMETHEUS_TEXT }, await sources.metrics());
  const health = sources.health();
  const reasons = findObstacles(health);
  const [status, word] = reasons.length === 0 ? [200, "ready"] : [503, "not ready"];
  return json(status, { status: word, reasons, worker_id: health.workerId, redis: health.redis, runners: health.runners });
}

function json(status: number, body: object, headers: HttpAnswer["headers"] = {}): HttpAnswer {
  return answer(status, { "content-type": "application/json; charset=utf-8", ...headers }, `${JSON.stringify(body)}\n`);
}

function answer(status: number, headers: HttpAnswer["headers"], body: string): HttpAnswer {
  return { status, headers: { ...headers, "cache-control": "no-store", "content-length": String(Buffer.byteLength(body)) }, body };
}
