import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { ResourceStack } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import { startProgram } from "../program.ts";
import { openTemporaryFolder } from "../temporary-folder.ts";
import { endBearers, newMark } from "../testing/descendants.ts";
import { eventually } from "../testing/eventually.ts";
import { outcomeRunner } from "./our-runner-story.ts";
import { type Frame, ScriptedConnection } from "./scripted-orchestrator.ts";

interface OldRunner extends AsyncDisposable {
  connect(): Promise<ScriptedConnection>;
  /** As 0.9.14 does: a connection for this request, one frame back, hang up. */
  ask(frame: Frame): Promise<Frame>;
  /** What stopped handlers of `hold`, by job. */
  stopped(): Promise<Record<string, string>>;
}

/** Our runner, started as 0.9.14 starts one: its address in the environment, no argument, and probed until it takes a connection. */
async function startAsBefore(): Promise<OldRunner> {
  const opening = new ResourceStack();
  try {
    const mark = newMark();
    opening.defer(() => endBearers(mark));
    const folder = opening.use(await openTemporaryFolder()).path;
    const address = { host: "127.0.0.1", port: await freePort() };
    const told = join(folder, "told");
    const own = { RRQ_RUNNER_TCP_SOCKET: `${address.host}:${address.port}`, STORY_FOLDER: folder, TOLD_FILE: told };
    opening.use(await startProgram(outcomeRunner, { env: { ...process.env, ...mark.env, ...own } }));
    const connect = (): Promise<ScriptedConnection> => ScriptedConnection.open(address);
    await eventually(async () => (await connect())[Symbol.asyncDispose]());
    return {
      connect,
      ask: async (frame) => {
        await using connection = await connect();
        connection.send(frame);
        return await eventually(() => connection.frames[0] ?? Promise.reject(new Error("no answer")));
      },
      stopped: async () => {
        const lines = (await readFile(told, "utf8").catch(() => "")).split("\n").slice(0, -1);
        const all = lines.map((line) => JSON.parse(line) as { jobId: string; stopped?: string });
        return Object.fromEntries(all.flatMap(({ jobId, stopped }) => (stopped === undefined ? [] : [[jobId, stopped]])));
      },
      [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
    };
  } catch (error) {
    await opening[Symbol.asyncDispose]();
    throw error;
  }
}

/** As 0.9.14 writes it: no `correlation_context`, and the queue as it is configured. */
function request(id: string, functionName: string, params: object = {}, deadline: string | null = null): Frame {
  const context = { job_id: id, attempt: 1, enqueue_time: "2025-01-01T12:00:00Z", queue_name: "default", deadline, trace_context: null, worker_id: "rrq_worker_1_abcdef" };
  return { type: "request", payload: { protocol_version: "2", request_id: `r-${id}`, job_id: id, function_name: functionName, params, context } };
}

const cancel = (id: string, requestId?: string): Frame => ({
  type: "cancel",
  payload: { protocol_version: "2", job_id: id, ...(requestId === undefined ? {} : { request_id: requestId }), hard_kill: false },
});

const CANCELLED = { status: "error", error: { message: "Job cancelled", type: "cancelled" } };

describe("[wire §10] [runner §2] our runner under an orchestrator of 0.9.14", () => {
  test("[wire §8.1] answers one request per connection, and probes that say nothing are no trouble", async () => {
    await using runner = await startAsBefore();
    for (let probe = 0; probe < 20; probe++) await (await runner.connect())[Symbol.asyncDispose]();
    expect(await runner.ask(request("a", "end", { by: "success" }))).toEqual({
      type: "response",
      payload: { job_id: "a", request_id: "r-a", status: "success", result: { kept: true } },
    });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => runner.ask(request(`b${index}`, "text", { text: String(index) }))));
    expect(answers.map(({ payload }) => [payload["request_id"], payload["result"]])).toEqual(answers.map((_, index) => [`r-b${index}`, index]));
  });

  test("[wire §4] says with its four statuses what came of a job", async () => {
    await using runner = await startAsBefore();
    const statusOf = async (by: string): Promise<unknown> => (await runner.ask(request(by, "end", { by }))).payload["status"];
    const said = Object.fromEntries(
      await Promise.all(
        ["success", "failure", "handler_not_found", "timeout", "cancelled", "retry_after 30 s"].map(async (by) => [by, await statusOf(by)] as const),
      ),
    );
    expect(said).toEqual({
      success: "success",
      failure: "error",
      handler_not_found: "error",
      timeout: "timeout",
      cancelled: "error",
      "retry_after 30 s": "retry",
    });
    expect((await runner.ask(request("late", "where", {}, "2025-01-01T12:00:01Z"))).payload).toMatchObject({ status: "timeout", error: { message: "Job deadline exceeded" } });
    expect((await runner.ask(request("none", "nobody"))).payload).toMatchObject({ status: "error", error: { type: "handler_not_found" } });
  });

  test.each<[string, string | undefined]>([
    ["the request", "r-a"],
    ["the job", undefined],
  ])("[wire §8.5] a cancel of %s on a connection of its own is answered where the request came in", async (_title, requestId) => {
    await using runner = await startAsBefore();
    await using connection = await runner.connect();
    await using other = await runner.connect();
    connection.send(request("a", "hold"));
    other.send(request("b", "hold"));
    await eventually(async () => {
      const canceller = await runner.connect();
      canceller.send(cancel("a", requestId));
      await canceller[Symbol.asyncDispose]();
      expect(canceller.frames).toEqual([]);
      expect(connection.frames).toEqual([{ type: "response", payload: { job_id: "a", request_id: "r-a", ...CANCELLED } }]);
    });
    expect(await runner.stopped()).toEqual({ a: "AbortError: Job cancelled" });
    expect(other.frames).toEqual([]);
  });

  test("[wire §8.6] an orchestrator that hangs up cancels its request, and no other", async () => {
    await using runner = await startAsBefore();
    const connection = await runner.connect();
    await using other = await runner.connect();
    connection.send(request("a", "hold"));
    other.send(request("b", "hold"));
    other.send(request("c", "where"));
    await eventually(() => expect(other.frames).toHaveLength(1));
    await connection[Symbol.asyncDispose]();
    await eventually(async () => expect(await runner.stopped()).toEqual({ a: "AbortError: Job cancelled" }));
    expect(other.isClosed).toBe(false);
  });

  test("[runner §3] [wire §8.2] more than 64 at once are fine on a connection each, and the 65th of one connection is busy", async () => {
    await using runner = await startAsBefore();
    await using opened = new ResourceStack();
    for (let index = 0; index < 70; index++) opened.use(await runner.connect()).send(request(`h${index}`, "hold"));
    const shared = opened.use(await runner.connect());
    for (let index = 0; index < 64; index++) shared.send(request(`s${index}`, "hold"));
    shared.send(request("s64", "where"));
    await eventually(() =>
      expect(shared.frames).toEqual([
        { type: "response", payload: { job_id: "s64", request_id: "r-s64", status: "error", error: { message: "Runner busy: too many in-flight requests" } } },
      ]),
    );
    shared.send(cancel("s0"));
    await eventually(() => expect(shared.frames).toHaveLength(2));
    shared.send(request("s65", "where"));
    await eventually(() => expect(shared.frames[2]?.payload).toMatchObject({ request_id: "r-s65", status: "success" }));
  });
});
