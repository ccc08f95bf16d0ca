import { once } from "node:events";
import { JsonText, outcome } from "@rrq/protocol";
import { encodeRequest, encodeResponse, MAX_FRAME_BYTES } from "@rrq/protocol/wire";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CANCELLED } from "./abort-reasons.ts";
import { buildRequest } from "./test-support/requests.ts";
import { RunnerBench } from "./test-support/runner-bench.ts";
import { frameOf, type SocketClient } from "./test-support/socket-client.ts";

let bench: RunnerBench;
let client: SocketClient;
/** Params of `blob`: how many bytes its result has. */
interface Size {
  readonly bytes: number;
}
let blobs = 0;

beforeEach(async () => {
  blobs = 0;
  bench = await RunnerBench.open((registry) => {
    registry.register("blob", ({ bytes }: Size) => {
      blobs += 1;
      return "x".repeat(bytes);
    });
    registry.register("deep", ({ levels }: { levels: number }) => new JsonText("[".repeat(levels) + "]".repeat(levels)));
  });
  client = await bench.connect();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** Answered only after all that was written before it has been taken in. */
async function barrier(on = client): Promise<void> {
  on.request(buildRequest("echo", { requestId: "barrier" }));
  expect((await on.response()).requestId).toBe("barrier");
}

describe("[wire §1] frames over any chunks", () => {
  test("a request that arrives byte by byte is executed", async () => {
    const frame = encodeRequest(buildRequest("echo", { jobId: "j", requestId: "r", params: { text: "ä😀" } }));
    for (const byte of frame) {
      client.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.response()).toEqual({
      kind: "response",
      jobId: "j",
      requestId: "r",
      outcome: { type: "success", result: new JsonText('{"text":"ä😀"}') },
    });
  });

  test("many requests in one chunk are all executed", async () => {
    const requests = Array.from({ length: 64 }, (_, n) => buildRequest("echo", { requestId: `r${n}`, params: { n } }));
    client.request(...requests);
    const responses = await client.responses(64);
    expect(responses.map(({ requestId }) => requestId)).toEqual(requests.map(({ requestId }) => requestId));
  });

  test("[trap 34] params and a result of 15 MiB pass", async () => {
    const text = "x".repeat(15 * 1024 * 1024);
    client.request(buildRequest("echo", { params: { text } }));
    const { outcome: told } = await client.response();
    expect(told.type === "success" && (told.result as JsonText).text.length).toBe(text.length + 11);
  });

  test.each<[string, Buffer]>([
    ["a length of zero", Buffer.from([0, 0, 0, 0])],
    ["a length over 16 MiB", Buffer.from([1, 0, 0, 1])],
  ])("[design §7] %s ends that connection, not before its good frames were taken, and no other", async (_title, bytes) => {
    const other = await bench.connect();
    client.write(encodeRequest(buildRequest("hold", { jobId: "j" })), bytes);
    await client.closed;
    const { signal } = await bench.holding("j");
    expect(signal.reason).toBe(CANCELLED);
    await barrier(other);
    expect(bench.lines).toContainEqual(expect.objectContaining({ level: "warn", message: "connection closed for an invalid frame" }));
  });
});

describe("[wire §8.1] connections", () => {
  test("[runner §3] probes that send nothing, and connections that stay silent, do no harm", async () => {
    await bench.connect();
    for (let n = 0; n < 20; n += 1) await (await bench.connect()).close();
    await barrier();
  });

  test("one connection per request, as 0.9.14 to 0.9.20 open them", async () => {
    for (let n = 0; n < 20; n += 1) {
      const single = await bench.connect();
      single.request(buildRequest("echo", { requestId: `r${n}` }));
      expect((await single.response()).requestId).toBe(`r${n}`);
      await single.close();
    }
  });

  test("a cancel on a connection of its own is acted on, although that is closed at once", async () => {
    client.request(buildRequest("hold", { jobId: "j", requestId: "r" }));
    const job = await bench.holding("j");
    const other = await bench.connect();
    other.cancel({ jobId: "j", requestId: "r" });
    other.socket.end();
    await other.closed;
    await vi.waitFor(() => expect(job.signal.reason).toBe(CANCELLED));
    job.resolve(null);
    expect(await client.response()).toMatchObject({ jobId: "j", requestId: "r", outcome: outcome.cancelled() });
  });
});

describe("[wire §8.2] many requests on one connection", () => {
  test("run at the same time and are answered in the order they end", async () => {
    for (const jobId of ["a", "b", "c"]) client.request(buildRequest("hold", { jobId }));
    const jobs = [await bench.holding("a"), await bench.holding("b"), await bench.holding("c")];
    for (const n of [2, 0, 1]) {
      jobs[n]?.resolve(n);
      expect((await client.response()).jobId).toBe("abc"[n]);
    }
  });

  test("[trap 33] small answers in a row do not wait for each other's acknowledgement", async () => {
    // So far that the system delays its acknowledgements.
    for (let n = 0; n < 30; n += 1) await barrier();
    const tookMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const ids = ["a", "b", "c"].map((name) => `${name}${round}`);
      client.request(...ids.map((jobId) => buildRequest("hold", { jobId })));
      await bench.holding(ids[2] ?? "");
      const start = performance.now();
      for (const id of ids) {
        bench.held.get(id)?.resolve(null);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await client.responses(3);
      tookMs.push(performance.now() - start);
    }
    expect(Math.min(...tookMs)).toBeLessThan(30);
  });

  test("[runner §10] the 65th is answered as busy, word for word, and not executed; another connection has its own 64", async () => {
    const other = await bench.connect();
    for (let n = 0; n < 65; n += 1) client.request(buildRequest("hold", { jobId: `j${n}`, requestId: `r${n}` }));
    expect(await client.response()).toEqual({
      kind: "response",
      jobId: "j64",
      requestId: "r64",
      outcome: { type: "failure", error: { message: "Runner busy: too many in-flight requests" } },
    });
    expect(bench.held.has("j64")).toBe(false);
    await barrier(other);
    bench.held.get("j0")?.resolve(null);
    expect((await client.response()).requestId).toBe("r0");
    await barrier();
  });

  test("[trap 22] a cancelled handler that goes on keeps its slot of the 64 until it ends", async () => {
    for (let n = 0; n < 64; n += 1) client.request(buildRequest("hold", { jobId: `j${n}` }));
    await bench.holding("j63");
    client.cancel({ jobId: "j0", requestId: null });
    await vi.waitFor(() => expect(bench.held.get("j0")?.signal.aborted).toBe(true));
    await bench.clock.advance(2_000);
    expect(await client.response()).toMatchObject({ jobId: "j0", outcome: outcome.cancelled("Job cancelled", { stillRunning: true }) });

    client.request(buildRequest("echo", { jobId: "refused" }));
    expect(await client.response()).toMatchObject({ jobId: "refused", outcome: { type: "failure" } });
    bench.held.get("j0")?.resolve("late");
    await barrier();
  });

  test("[wire §8.3] an id that is in flight twice is executed twice and answered twice", async () => {
    client.request(buildRequest("echo", { requestId: "r", params: { n: 1 } }), buildRequest("echo", { requestId: "r", params: { n: 2 } }));
    expect((await client.responses(2)).map(({ requestId }) => requestId)).toEqual(["r", "r"]);
  });
});

describe("[wire §8.5] cancel", () => {
  test("without a request id ends every request of the job, on whatever connection", async () => {
    const other = await bench.connect();
    client.request(buildRequest("hold", { jobId: "j", requestId: "r1" }));
    other.request(buildRequest("hold", { jobId: "j", requestId: "r2" }), buildRequest("hold", { jobId: "k", requestId: "r3" }));
    await bench.holding("k");
    client.cancel({ jobId: "j", requestId: null });
    await barrier();
    await bench.clock.advance(2_000);
    expect((await client.response()).requestId).toBe("r1");
    expect((await other.response()).requestId).toBe("r2");
    expect(bench.held.get("k")?.signal.aborted).toBe(false);
  });

  test("answers with the ids of the request, not of the cancel", async () => {
    client.request(buildRequest("hold", { jobId: "j", requestId: "r" }));
    const job = await bench.holding("j");
    client.cancel({ jobId: "somebody else's", requestId: "r" });
    await barrier();
    job.resolve(null);
    expect(await client.response()).toMatchObject({ jobId: "j", requestId: "r", outcome: { type: "cancelled" } });
  });

  test.each<[string, object]>([
    ["[wire §9] of another protocol version", { protocol_version: "3", job_id: "j", request_id: "r" }],
    ["for a request nobody knows", { protocol_version: "2", job_id: "j", request_id: "other" }],
    ["without a job id", { protocol_version: "2", request_id: "r" }],
    ["with a malformed field", { protocol_version: "2", job_id: "j", request_id: "r", hard_kill: null }],
  ])("is ignored without a word: %s", async (_title, payload) => {
    client.request(buildRequest("hold", { jobId: "j", requestId: "r" }));
    const job = await bench.holding("j");
    client.write(frameOf({ type: "cancel", payload }));
    await barrier();
    expect(job.signal.aborted).toBe(false);
    expect(client.unread).toBe(0);
  });
});

describe("[wire §8.6] the end of a connection", () => {
  test("cancels what came in on it, and nothing else", async () => {
    const other = await bench.connect();
    client.request(buildRequest("hold", { jobId: "a" }));
    other.request(buildRequest("hold", { jobId: "b" }));
    const [a, b] = [await bench.holding("a"), await bench.holding("b")];
    const aborted = once(a.signal, "abort");
    client.socket.destroy();
    await aborted;
    expect(a.signal.reason).toBe(CANCELLED);
    expect(b.signal.aborted).toBe(false);
    a.resolve("nobody hears it");
    await barrier(other);
  });

  test("half of an end is an end: work is dropped, nothing is answered", async () => {
    client.request(buildRequest("hold", { jobId: "a" }));
    const job = await bench.holding("a");
    client.socket.end();
    await client.closed;
    expect(job.signal.reason).toBe(CANCELLED);
    job.resolve("nobody hears it");
    expect(client.unread).toBe(0);
  });

  test("an end inside a frame does no harm", async () => {
    const other = await bench.connect();
    client.write(encodeRequest(buildRequest("echo")).subarray(0, 50));
    client.socket.end();
    await client.closed;
    await barrier(other);
  });
});

describe("[wire §9] bad frames", () => {
  test("a request of another version is answered with an error and does not count against the 64", async () => {
    const payload = (n: number): object => ({
      protocol_version: "1", request_id: `r${n}`, job_id: "j", function_name: "hold", params: {},
      context: { job_id: "j", attempt: 1, enqueue_time: "2025-01-01T12:00:00Z", queue_name: "q" },
    });
    client.write(...Array.from({ length: 100 }, (_, n) => frameOf({ type: "request", payload: payload(n) })));
    const responses = await client.responses(100);
    expect(responses.map((response) => response.outcome)).toEqual(
      responses.map(() => ({ type: "failure", error: { message: "Unsupported protocol version" } })),
    );
  });

  const ids = { request_id: "r", job_id: "j" };
  const context = { job_id: "j", attempt: 1, enqueue_time: "2025-01-01T12:00:00Z", queue_name: "q" };
  test.each<[string, object]>([
    ["params that are no object", { ...ids, function_name: "echo", params: [], context }],
    ["no context", { ...ids, function_name: "echo", params: {} }],
    ["an attempt that is no integer", { ...ids, function_name: "echo", params: {}, context: { ...context, attempt: "1" } }],
    ["a deadline that is no time", { ...ids, function_name: "echo", params: {}, context: { ...context, deadline: "soon" } }],
    ["a number where the name belongs", { ...ids, function_name: 5, params: {}, context }],
  ])("[wire §12] a request with ids is answered, whatever else is wrong with it: %s", async (_title, payload) => {
    client.write(frameOf({ type: "request", payload }));
    expect(await client.response()).toMatchObject({
      ...{ jobId: "j", requestId: "r" },
      outcome: { type: "failure", error: { message: expect.stringMatching(/^Invalid request: ./) as string } },
    });
    await barrier();
  });

  test.each<[string, object]>([
    ["a request without ids", { type: "request", payload: { function_name: "echo" } }],
    ["a request without a payload", { type: "request" }],
    ["a request whose id is null", { type: "request", payload: { request_id: null, job_id: "j" } }],
  ])("[wire §12] what cannot be answered is dropped and told in the log: %s", async (_title, frame) => {
    client.write(frameOf(frame));
    await barrier();
    expect(bench.lines).toContainEqual(expect.objectContaining({ level: "warn", message: "invalid frame dropped" }));
  });

  test.each<[string, Buffer]>([
    ["no JSON", frameOf("hello")],
    ["an array", frameOf("[]")],
    ["an unknown type", frameOf({ type: "ping", payload: {} })],
    ["a byte order mark", frameOf('\ufeff{"type":"cancel","payload":{"job_id":"j"}}')],
  ])("what is no message at all ends its connection: %s", async (_title, frame) => {
    const other = await bench.connect();
    client.write(frame);
    await client.closed;
    await barrier(other);
  });

  test.each<[string, Buffer]>([
    ["a good one", encodeResponse({ jobId: "j", requestId: "r" }, outcome.success())],
    ["a bad one", frameOf({ type: "response", payload: { job_id: "j", request_id: "r", status: "done" } })],
  ])("[wire §4] a response is answered as upstream does, without anybody's id: %s", async (_title, frame) => {
    client.write(frame);
    expect(await client.response()).toEqual({
      kind: "response",
      jobId: "unknown",
      requestId: null,
      outcome: { type: "failure", error: { message: "unexpected response message" } },
    });
    await barrier();
  });
});

describe("[wire §12] limits are checked before writing", () => {
  test("[trap 14] a result over 16 MiB fails its request; the connection and its neighbours live on", async () => {
    client.request(buildRequest("hold", { jobId: "neighbour" }));
    client.request(buildRequest("blob", { params: { bytes: MAX_FRAME_BYTES } }));
    expect((await client.response()).outcome).toMatchObject({ type: "failure", error: { code: "TOO_LARGE" } });
    bench.held.get("neighbour")?.resolve(null);
    expect(await client.response()).toMatchObject({ jobId: "neighbour", outcome: { type: "success" } });
  });

  test.each([
    [125, "success"],
    [126, "failure"],
  ])("[wire §5] a result that nests %i deep is a %s", async (levels, type) => {
    client.request(buildRequest("deep", { params: { levels } }));
    expect((await client.response()).outcome.type).toBe(type);
  });

  test("an asker whose id leaves no room for any answer is hung up on, not left waiting", async () => {
    const request = buildRequest("blob", { requestId: "", params: { bytes: 1_000 } });
    const room = MAX_FRAME_BYTES - encodeRequest(request).length;
    client.request({ ...request, requestId: "r".repeat(room) });
    await client.closed;
    expect(blobs).toBe(1);
  });
});

test("[design §7] a peer that does not read its answers is not read from: memory is bounded", { timeout: 20_000 }, async () => {
  const other = await bench.connect();
  const size = { bytes: 128 * 1024 };
  client.socket.pause();
  for (let n = 0; n < 600; n += 1) client.request(buildRequest("blob", { params: size }));
  await vi.waitFor(() => {
    expect(blobs).toBeGreaterThan(0);
  });
  for (let n = 0; n < 100; n += 1) await barrier(other);
  // What the system's buffers hold, and a frame or two.
  expect(blobs).toBeLessThan(300);
  client.socket.resume();
  await client.responses(600);
  expect(blobs).toBe(600);
});
