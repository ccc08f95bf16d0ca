import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Log, LogFields } from "../log.ts";
import { captureOutput, type OutputStream } from "./captured-output.ts";

interface Line extends LogFields {
  readonly level: string;
  readonly message: string;
}

function openCapture(stream: OutputStream = "stdout") {
  const lines: Line[] = [];
  const logWith = (own: LogFields): Log => {
    const at = (level: string) => (message: string, fields: LogFields = {}) => void lines.push({ ...own, ...fields, level, message });
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: (more) => logWith({ ...own, ...more }) };
  };
  const output = new PassThrough();
  const last = captureOutput(output, { runner: "main", stream, pid: 7 }, logWith({}));
  const write = async (text: string | Buffer): Promise<Line[]> => {
    output.end(text);
    await once(output, "close");
    return lines;
  };
  return { write, last, output, lines };
}

describe("[trap 58] a captured line says where it came from, and keeps the job that it names", () => {
  test.each<[string, OutputStream, string, Partial<Line>]>([
    ["a plain line", "stdout", "hello", { level: "info", message: "hello" }],
    ["a plain line on stderr", "stderr", "hello", { level: "error", message: "hello" }],
    ["a flat record", "stderr", '{"level":"info","message":"hi","job_id":"j1"}', { level: "info", message: "hi", job_id: "j1" }],
    ["a record with nested fields", "stdout", '{"level":"WARN","fields":{"message":"hi","job_id":"j1"}}', { level: "warn", message: "hi", job_id: "j1" }],
    ["pino's name of the message", "stdout", '{"level":"error","msg":"hi"}', { level: "error", message: "hi" }],
    ["a level of another library", "stdout", '{"level":"CRITICAL","message":"hi"}', { level: "error", message: "hi" }],
    ["a level that nobody knows", "stdout", '{"level":30,"message":"hi"}', { level: "info", message: "hi" }],
    ["a record without a message", "stdout", '{"job_id":"j1"}', { level: "info", message: '{"job_id":"j1"}', job_id: "j1" }],
    ["a message that is no text", "stdout", '{"message":{"a":1}}', { level: "info", message: '{"message":{"a":1}}' }],
    ["fields that are no object", "stdout", '{"message":"hi","fields":[1]}', { level: "info", message: "hi", fields: [1] }],
    ["JSON that is no object", "stdout", "[1,2]", { level: "info", message: "[1,2]" }],
    ["half a record", "stdout", '{"message":', { level: "info", message: '{"message":' }],
  ])("%s", async (_title, stream, text, expected) => {
    const [line, ...rest] = await openCapture(stream).write(`${text}\n`);
    expect(line).toMatchObject({ ...expected, "rrq.runner": "main", "rrq.stream": stream, "rrq.source": "runner", "rrq.pid": 7 });
    expect(rest).toEqual([]);
  });
});

test("[trap 41] bad bytes, endless lines and the last words", async () => {
  const lines = await openCapture().write(Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(`\n${"x".repeat(200_000)}\nlast`)]));
  expect(lines.map(({ message }) => message.length)).toEqual([1, 65_536 + " … (cut)".length, 4]);
});

test("[trap 41] a pipe that breaks is told", async () => {
  const { output, lines } = openCapture();
  const closed = new Promise((resolve) => output.once("close", resolve)); // `once` would throw the error
  output.destroy(new Error("EIO"));
  await closed;
  expect(lines).toEqual([expect.objectContaining({ level: "warn", error: "EIO" })]);
});

test("an error about the process can quote its last ten lines, each in short", async () => {
  const { write, last } = openCapture("stderr");
  await write(`${Array.from({ length: 20 }, (_, n) => `line ${n}`).join("\n")}\n${"x".repeat(10_000)}\n`);
  expect(last.lines).toHaveLength(10);
  expect(last.lines[0]).toBe("line 11");
  expect(last.lines[9]).toHaveLength(500);
});
