import { describe, expect, test } from "vitest";
import { answerRequest } from "./answer-request.ts";
import type { Health } from "./health.ts";

const well: Health = { workerId: "w", phase: "running", redis: "up", runners: [{ name: "a", health: "up" }, { name: "b", health: "down" }] };

interface Asked {
  readonly status: number;
  readonly headers: object;
  readonly body: Record<string, unknown> | string;
}

async function ask(method: string, url: string, change: Partial<Health> = {}): Promise<Asked> {
  const sources = { health: () => ({ ...well, ...change }), metrics: async () => "rrq_total 1\n" };
  const { status, body, headers } = await answerRequest(method, url, sources);
  const isJson = headers["content-type"]?.startsWith("application/json");
  return { status, headers, body: isJson ? (JSON.parse(body) as Record<string, unknown>) : body };
}

describe("[design §8] health over HTTP", () => {
  test("/live is 200 whatever else is the matter", async () => {
    expect(await ask("GET", "/live", { redis: "away", phase: "stopping", runners: [] })).toMatchObject({ status: 200, body: { status: "live" } });
  });

  test("/ready is 200 while jobs are taken, and says who does", async () => {
    expect(await ask("GET", "/ready?probe=1")).toMatchObject({
      status: 200,
      body: { status: "ready", reasons: [], worker_id: "w", redis: "up", runners: well.runners },
    });
  });

  test.each<[string, Partial<Health>, string[]]>([
    ["Redis is away", { redis: "away" }, ["REDIS_AWAY"]],
    ["no runner is up", { runners: [{ name: "a", health: "down" }] }, ["NO_RUNNER"]],
    ["there is no runner", { runners: [] }, ["NO_RUNNER"]],
    ["it starts", { phase: "starting", redis: "away", runners: [] }, ["STARTING"]],
    ["it stops", { phase: "stopping" }, ["STOPPING"]],
    ["all of that", { phase: "stopping", redis: "away", runners: [] }, ["STOPPING", "REDIS_AWAY", "NO_RUNNER"]],
  ])("/ready is 503 with the reason when %s", async (_title, change, codes) => {
    const { status, body } = await ask("GET", "/ready", change);
    expect({ status, codes: (body as { reasons: { code: string }[] }).reasons.map(({ code }) => code) }).toEqual({ status: 503, codes });
  });

  test("a runner that is up in part is up", async () => {
    expect(await ask("GET", "/ready", { runners: [{ name: "a", health: "degraded" }] })).toMatchObject({ status: 200 });
  });
});

describe("[design §8] metrics over HTTP", () => {
  test("/metrics is the text that Prometheus reads", async () => {
    expect(await ask("GET", "/metrics")).toMatchObject({
      status: 200,
      body: "rrq_total 1\n",
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "content-length": "12" },
    });
  });
});

test.each<[string, string, number, object]>([
  ["GET", "/", 404, { error: "there is /live, /ready, /metrics" }],
  ["GET", "/live/x", 404, {}],
  ["GET", "", 404, {}],
  ["POST", "/live", 405, { error: "GET or HEAD" }],
])("[design §8] %s %s is answered %i", async (method, url, status, body) => {
  expect(await ask(method, url)).toMatchObject({ status, body });
});
