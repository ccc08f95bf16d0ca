import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { createStderrLog, type LogFormat, readLogFormat } from "./stderr-log.ts";

const STORM = fileURLToPath(new URL("../testing/log-storm.ts", import.meta.url));
/** Lines of some 300 bytes: more than a pipe and the queue in front of it hold. */
const TOO_MANY = 10_000;

describe("[telemetry §2] RUST_LOG_FORMAT and NO_COLOR", () => {
  const json: LogFormat = { kind: "json" };
  const plain: LogFormat = { kind: "pretty", colour: false };
  const coloured: LogFormat = { kind: "pretty", colour: true };
  test.each<[Record<string, string>, LogFormat, LogFormat]>([
    [{}, coloured, json],
    [{ RUST_LOG_FORMAT: "" }, coloured, json],
    [{ RUST_LOG_FORMAT: "json" }, json, json],
    [{ RUST_LOG_FORMAT: "compact" }, json, json],
    [{ RUST_LOG_FORMAT: "pretty" }, coloured, plain],
    [{ RUST_LOG_FORMAT: " TEXT " }, coloured, plain],
    [{ RUST_LOG_FORMAT: "Human" }, coloured, plain],
    [{ NO_COLOR: "1" }, plain, json],
    [{ NO_COLOR: "" }, coloured, json],
    [{ TERM: "dumb" }, plain, json],
  ])("%j", (env, onTerminal, elsewhere) => {
    expect([readLogFormat(env, true), readLogFormat(env, false)]).toEqual([onTerminal, elsewhere]);
  });
});

describe("[design §8] [trap 51] logs go to stderr, and what is behind it costs no job", () => {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "exit");
    }
  });

  function storm(lines: number, stderr: "pipe" | number, env: Record<string, string> = {}): ChildProcess {
    const args = ["--conditions=@rrq/source", "--import", "tsx", STORM, String(lines)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", stderr], env: { ...process.env, RUST_LOG: "info", ...env } });
    children.push(child);
    return child;
  }

  /** Waits until it has said all, lets it say its last word, and answers how it ended. */
  async function see(child: ChildProcess, beforeLast: () => void = () => undefined): Promise<{ stdout: string; code: number | null }> {
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    if (child.stdout !== null) await once(child.stdout, "data");
    beforeLast();
    const closed = once(child, "close");
    child.stdin?.end("go");
    const [code] = (await closed) as [number | null];
    return { stdout, code };
  }

  function collect(child: ChildProcess): () => Record<string, unknown>[] {
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (more: string) => (text += more));
    return () => text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test("one JSON object per line, in order, nothing on stdout", async () => {
    const child = storm(1_000, "pipe");
    const records = collect(child);
    expect(await see(child)).toEqual({ stdout: "stormed\n", code: 0 });
    expect(records()).toHaveLength(1_001);
    expect(records()[999]).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      level: "INFO",
      target: "rrq",
      fields: { message: "storm", line: 1_000, text: "x".repeat(200) },
    });
  });

  test("for people in text without colours when it is no terminal", async () => {
    const child = storm(1, "pipe", { RUST_LOG_FORMAT: "pretty" });
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (more: string) => (text += more));
    expect((await see(child)).code).toBe(0);
    expect(text).toMatch(/^[\d-]+T[\d:.]+Z {2}INFO rrq: storm line=1 text=x{200}\n.* INFO rrq: after the storm\n$/);
  });

  test("a reader that stands still makes nobody wait; once it reads again, it hears how many lines it lost", async () => {
    const child = storm(TOO_MANY, "pipe");
    let records: () => Record<string, unknown>[] = () => [];
    const ended = await see(child, () => {
      records = collect(child);
    });
    expect(ended).toEqual({ stdout: "stormed\n", code: 0 });
    const [notice, last] = records().slice(-2);
    const kept = records().length - 2;
    expect(notice).toMatchObject({ level: "WARN", fields: { message: expect.stringContaining("lost") as string, lost: TOO_MANY - kept } });
    expect(last).toMatchObject({ fields: { message: "after the storm" } });
    expect(kept).toBeLessThan(TOO_MANY);
  });

  test("a reader that hung up ends nothing", async () => {
    const child = storm(TOO_MANY, "pipe");
    child.stderr?.destroy();
    expect(await see(child)).toEqual({ stdout: "stormed\n", code: 0 });
  });

  test("a full disk ends nothing", async () => {
    const full = await open("/dev/full", "w");
    try {
      expect(await see(storm(100, full.fd))).toEqual({ stdout: "stormed\n", code: 0 });
    } finally {
      await full.close();
    }
  });

  test("a file has every line", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rrq-log-"));
    const file = await open(join(folder, "log"), "w");
    try {
      expect((await see(storm(TOO_MANY, file.fd))).code).toBe(0);
      expect((await readFile(join(folder, "log"), "utf8")).trim().split("\n")).toHaveLength(TOO_MANY + 1);
    } finally {
      await file.close();
      await rm(folder, { recursive: true });
    }
  });

  test("RUST_LOG=off says nothing", async () => {
    const child = storm(10, "pipe", { RUST_LOG: "off" });
    let text = "";
    child.stderr?.on("data", (more: Buffer) => (text += more.toString()));
    expect((await see(child)).code).toBe(0);
    expect(text).toBe("");
  });
});

test("[telemetry §2] the variables are read where they are given, and only there", () => {
  expect(() => createStderrLog({ RUST_LOG: "off", RUST_LOG_FORMAT: "pretty" }).error("never seen")).not.toThrow();
});
