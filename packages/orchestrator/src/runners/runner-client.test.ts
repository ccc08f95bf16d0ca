import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type ExecutionOutcome, outcome } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { decodeMessage, encodeResponse, FrameReader, type Message } from "@rrq/protocol/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildRequest } from "../testing/build-request.ts";
import { silentLog } from "../testing/silent-log.ts";
import { openSocket } from "./open-socket.ts";
import { RunnerClient } from "./runner-client.ts";

let server: Server;
let peer: Socket;
let client: RunnerClient;
let clock: ManualClock;
/** What reached the runner. */
let received: Message[];
let events: string[];
let warnings: string[];
const never = new AbortController().signal;

beforeEach(async () => {
  clock = new ManualClock(1_000_000);
  received = [];
  events = [];
  warnings = [];
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const connected = once(server, "connection") as Promise<[Socket]>;
  const socket = await openSocket({ host: "127.0.0.1", port }, never);
  [peer] = await connected;
  const reader = new FrameReader();
  peer.on("data", (chunk: Buffer) => received.push(...reader.push(chunk).map(decodeMessage)));
  peer.on("error", () => undefined);
  client = new RunnerClient(socket, {
    slots: 4,
    limits: { responseTimeoutMs: null, abortGraceMs: 2_000 },
    events: {
      onProgress: () => undefined,
      onStuck: () => events.push("stuck"),
      onLost: (reason) => events.push(`lost: ${reason}`),
    },
    clock,
    log: { ...silentLog, warn: (message) => warnings.push(message) },
  });
});
afterEach(async () => {
  client.close("RUNNER_REPLACED", "the test is over");
  peer.destroy();
  server.close();
  await once(server, "close");
});

/** What a test does not wait for, the end of the test rejects. */
function execute(...args: Parameters<RunnerClient["execute"]>): Promise<ExecutionOutcome> {
  const execution = client.execute(...args);
  execution.catch(() => undefined);
  return execution;
}
const arrive = (count: number) => vi.waitFor(() => expect(received).toHaveLength(count));
const answer = (jobId: string, value: ExecutionOutcome = outcome.success("done")) =>
  peer.write(encodeResponse({ jobId, requestId: `request-of-${jobId}` }, value));
const raw = (body: string): Buffer => {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
};
const response = (payload: object) => raw(JSON.stringify({ type: "response", payload }));

describe("[orchestrator §13.6] many requests on one connection", () => {
  test("answers are matched by request, in any order; each frees its slot", async () => {
    const executions = ["a", "b", "c"].map((id) => execute(buildRequest(id), never));
    expect(client.freeSlots).toBe(1);
    await arrive(3);
    for (const id of ["c", "a", "b"]) answer(id, outcome.success(id));
    const outcomes = await Promise.all(executions);
    expect(outcomes.map((one) => (one.type === "success" ? String(one.result) : one.type))).toEqual(['"a"', '"b"', '"c"']);
    expect(client.freeSlots).toBe(4);
  });

  test("frames of one turn leave in one write", async () => {
    const writes = vi.fn();
    peer.on("data", writes);
    for (const id of ["a", "b", "c"]) void execute(buildRequest(id), never);
    await arrive(3);
    expect(writes).toHaveBeenCalledTimes(1);
    for (const id of ["a", "b", "c"]) answer(id);
  });

  test("a request that no frame holds is refused alone", async () => {
    const request = buildRequest("big", "echo", null, { text: "x".repeat(17 * 1_048_576) });
    await expect(execute(request, never)).rejects.toMatchObject({ code: "TOO_LARGE" });
    expect(client.freeSlots).toBe(4);
  });
});

describe("[trap 14] an answer that cannot be used fails its own request, and the connection lives on", () => {
  test.each<[string, Buffer, string]>([
    ["an unknown status", response({ job_id: "bad", request_id: "request-of-bad", status: "nope" }), "runner message cannot be read"],
    ["another job's id", response({ job_id: "x", request_id: "request-of-bad", status: "success" }), 'runner outcome job_id mismatch (expected bad, got Some("x"))'],
    ["no job id", response({ request_id: "request-of-bad", status: "success" }), "got None"],
    ["no request id", response({ job_id: "bad", status: "success" }), "runner outcome missing request_id (expected request-of-bad)"],
  ])("%s", async (_title, frame, text) => {
    const good = execute(buildRequest("good"), never);
    const bad = execute(buildRequest("bad"), never);
    await arrive(2);
    peer.write(frame);
    await expect(bad).rejects.toMatchObject({ code: "INVALID_RESPONSE", message: expect.stringContaining(text) as string });
    answer("good");
    await expect(good).resolves.toMatchObject({ type: "success" });
    expect(events).toEqual([]);
  });

  test("late, double and foreign answers, and frames that are none, are logged and dropped", async () => {
    const execution = execute(buildRequest("a"), never);
    const neighbour = execute(buildRequest("b"), never);
    await arrive(2);
    answer("nobody");
    peer.write(raw('{"type":"ping","payload":{}}'));
    peer.write(raw("not json"));
    answer("a");
    await execution;
    answer("a");
    answer("b");
    await neighbour;
    expect(warnings).toHaveLength(4);
    expect(events).toEqual([]);
  });

  test("a busy answer: the handler was not called; the slot rests a moment", async () => {
    const execution = execute(buildRequest("a"), never);
    await arrive(1);
    answer("a", outcome.failure("Runner busy: too many in-flight requests"));
    await expect(execution).rejects.toMatchObject({ code: "RUNNER_BUSY" });
    expect(client.freeSlots).toBe(3);
    await clock.advance(250);
    expect(client.freeSlots).toBe(4);
  });
});

describe("the connection breaks", () => {
  test.each<[string, () => void, string]>([
    ["closed by the runner", () => peer.end(), "runner connection closed"],
    ["framing lost", () => peer.write(Buffer.from([0, 0, 0, 0])), "runner connection read failed"],
  ])("%s: all that wait fail, once", async (_title, breakIt, text) => {
    const executions = ["a", "b"].map((id) => execute(buildRequest(id), never));
    await arrive(2);
    breakIt();
    for (const execution of executions) {
      await expect(execution).rejects.toMatchObject({ code: "RUNNER_LOST", message: expect.stringContaining(text) as string });
    }
    expect(events).toHaveLength(1);
    expect(client.freeSlots).toBe(0);
  });

  test("[trap 19] a request that had not left yet was not run", async () => {
    const execution = execute(buildRequest("a"), never);
    client.close("RUNNER_LOST", "gone");
    await expect(execution).rejects.toMatchObject({ code: "RUNNER_UNAVAILABLE" });
  });
});

describe("[trap 11, trap 22] the clocks of a job", () => {
  test("its time starts when it is sent: the runner is told, and the deadline counted from then", async () => {
    await clock.advance(5_000);
    void execute(buildRequest("a", "echo", 1_500), never);
    await arrive(1);
    expect(received[0]).toMatchObject({ request: { context: { timeoutMs: 1_500, deadline: new Date(1_006_500).toISOString() } } });
    answer("a");
  });

  test("time over: the job has its end at once, the handler is told to stop, its slot stays taken until it does", async () => {
    const execution = execute(buildRequest("a", "echo", 1_500), never);
    await arrive(1);
    await clock.advance(1_500);
    expect(await execution).toMatchObject({ type: "timeout", error: { message: "Job timed out after 1s." } });
    await arrive(2);
    expect(received[1]).toMatchObject({ kind: "cancel", requestId: "request-of-a", jobId: "a" });
    expect(client.freeSlots).toBe(3);
    answer("a", outcome.cancelled());
    await vi.waitFor(() => expect(client.freeSlots).toBe(4));
    expect(events).toEqual([]);
  });

  test("a handler that ignores its cancel past the grace is told of: its process has to go", async () => {
    const execution = execute(buildRequest("a", "echo", 1_000), never);
    await arrive(1);
    await clock.advance(1_000);
    await execution;
    await clock.advance(2_000);
    expect(events).toEqual(["stuck"]);
    expect(client).toMatchObject({ freeSlots: 3, stuck: 1 });
  });

  test("[design §8] an answer that says the handler goes on keeps the slot", async () => {
    const execution = execute(buildRequest("a"), never);
    await arrive(1);
    answer("a", outcome.timeout("late", { stillRunning: true }));
    expect(await execution).toMatchObject({ type: "timeout" });
    await vi.waitFor(() => expect(events).toEqual(["stuck"]));
    expect(client.freeSlots).toBe(3);
  });

  test("cancelled by us: what the handler answers counts; without an answer it was interrupted", async () => {
    const [polite, deaf] = [new AbortController(), new AbortController()];
    const answered = execute(buildRequest("polite"), polite.signal);
    const ignored = execute(buildRequest("deaf"), deaf.signal);
    await arrive(2);
    polite.abort();
    deaf.abort();
    await arrive(4);
    answer("polite", outcome.success("just in time"));
    expect(await answered).toMatchObject({ type: "success" });
    const rejection = expect(ignored).rejects.toMatchObject({ code: "ABORTED" });
    await clock.advance(2_000);
    await rejection;
    expect(events).toEqual(["stuck"]);
  });

  test("a signal that has fired before: nothing is sent", async () => {
    await expect(execute(buildRequest("a"), AbortSignal.abort())).rejects.toMatchObject({ code: "ABORTED" });
    expect(client.freeSlots).toBe(4);
  });

  test("[trap 42] time over in a hundred days is not now", async () => {
    const execution = execute(buildRequest("a", "echo", 100 * 86_400_000), never);
    await arrive(1);
    await clock.advance(86_400_000);
    answer("a");
    expect(await execution).toMatchObject({ type: "success" });
  });
});
