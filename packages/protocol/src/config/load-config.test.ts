import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RrqError, type RrqErrorCode } from "../errors.ts";
import { loadConfig, type LoadConfigOptions } from "./load-config.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "rrq-config-"));
});

afterEach(async () => {
  await rm(cwd, { recursive: true });
});

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(cwd, name, ".."), { recursive: true });
    await writeFile(join(cwd, name), content);
  }
}

function load(options: Partial<LoadConfigOptions> = {}) {
  return loadConfig({ cwd, env: {}, for: "inspect", ...options });
}

async function failure(options: Partial<LoadConfigOptions> = {}): Promise<{ code: RrqErrorCode; message: string }> {
  const error: unknown = await load(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (RrqError.is(error)) return { code: error.code, message: error.message };
  throw error;
}

describe("which file is read", () => {
  const files = { "a.toml": "default_max_retries = 1", "b.toml": "default_max_retries = 2", "rrq.toml": "default_max_retries = 3" };

  test.each<[what: string, options: Partial<LoadConfigOptions>, label: string, path: string, retries: number]>([
    ["a path that is given", { path: "a.toml", env: { RRQ_CONFIG: "b.toml" } }, "--config parameter", "a.toml", 1],
    ["RRQ_CONFIG", { env: { RRQ_CONFIG: "b.toml" } }, "RRQ_CONFIG env var", "b.toml", 2],
    ["rrq.toml here, if RRQ_CONFIG is empty", { env: { RRQ_CONFIG: "" } }, "rrq.toml in cwd", "rrq.toml", 3],
    ["rrq.toml here", {}, "rrq.toml in cwd", "rrq.toml", 3],
  ])("%s [config §1] [config §5]", async (_what, options, label, path, retries) => {
    await write(files);
    expect(await load(options)).toMatchObject({ source: { label, path }, settings: { defaultMaxRetries: retries } });
  });

  test("the file has no influence on where the paths in it point [config §1]", async () => {
    await write({ "etc/rrq.toml": 'watch = { path = "src" }' });
    expect((await load({ path: "etc/rrq.toml" })).settings.watch.path).toBe("src");
  });

  test("none is an error that says what to do [config §1] [cli §1]", async () => {
    expect(await failure()).toStrictEqual({
      code: "CONFIG_NOT_FOUND",
      message: "RRQ config not found. Provide --config, set RRQ_CONFIG, or add rrq.toml.",
    });
  });

  test("a folder called rrq.toml is no file [config §1]", async () => {
    await mkdir(join(cwd, "rrq.toml"));
    expect(await failure()).toMatchObject({ code: "CONFIG_NOT_FOUND" });
  });

  test.each<[options: Partial<LoadConfigOptions>, message: string]>([
    [{ path: "nope.toml" }, "failed to read config at nope.toml (--config parameter): there is no such file"],
    [{ path: "" }, "failed to read config at  (--config parameter): there is no such file"],
    [{ env: { RRQ_CONFIG: "nope.toml" } }, "failed to read config at nope.toml (RRQ_CONFIG env var): there is no such file"],
  ])("%j: one that is named and not there is told by name; no other is taken [config §1] [config §2]", async (options, message) => {
    await write(files);
    expect(await failure(options)).toStrictEqual({ code: "CONFIG_NOT_FOUND", message });
  });

  test("a folder that is named as the file cannot be read [config §1]", async () => {
    const { code, message } = await failure({ path: "." });
    expect(code).toBe("INVALID_CONFIG");
    expect(message).toContain("failed to read config at . (--config parameter)");
  });

  test("a file that is not UTF-8 is refused, a byte order mark and CRLF are fine [config §2]", async () => {
    await write({ "bad.toml": Buffer.from([0x61, 0xff]), "bom.toml": "\uFEFFdefault_max_retries = 4\r\n" });
    expect(await failure({ path: "bad.toml" })).toStrictEqual({
      code: "INVALID_CONFIG",
      message: "failed to read config at bad.toml (--config parameter): it is not UTF-8",
    });
    expect((await load({ path: "bom.toml" })).settings.defaultMaxRetries).toBe(4);
  });

  test("a problem in it is told with the path as it was given [config §2]", async () => {
    await write({ "x/y.toml": "default_max_retries = true" });
    expect((await failure({ path: "x/y.toml" })).message).toMatch(/^x\/y\.toml:1:23: /);
  });

  test("the mode of the command line reaches the check [config §2]", async () => {
    await write({ "rrq.toml": "[runners.p]\ntcp_port = 7" });
    expect((await load({ runnerMode: "external" })).settings.runnerManagementMode).toBe("external");
    expect(await failure()).toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe(".env", () => {
  test("supplies what the environment does not have, and changes nothing of it [config §1]", async () => {
    await write({ ".env": "RRQ_CONFIG=e.toml\nRRQ_REDIS_DSN=redis://file\nOTHER=1\n", "e.toml": "" });
    const env = { OTHER: "own", PATH: "/bin" };
    const before = { ...process.env };
    const loaded = await load({ env });
    expect(loaded).toMatchObject({ source: { label: "RRQ_CONFIG env var", path: "e.toml" }, settings: { redisDsn: "redis://file" } });
    expect(loaded.env).toStrictEqual({ RRQ_CONFIG: "e.toml", RRQ_REDIS_DSN: "redis://file", OTHER: "own", PATH: "/bin" });
    expect(env).toStrictEqual({ OTHER: "own", PATH: "/bin" });
    expect({ ...process.env }).toStrictEqual(before);
  });

  test("a variable that is set but empty counts as set [config §1]", async () => {
    await write({ ".env": "RRQ_REDIS_DSN=redis://file", "rrq.toml": "" });
    const loaded = await load({ env: { RRQ_REDIS_DSN: "" } });
    expect(loaded.settings.redisDsn).toBe("redis://localhost:6379/0");
    expect(loaded.env).toStrictEqual({ RRQ_REDIS_DSN: "" });
  });

  test("of the nearest folder counts, even if it is broken, which is told [config §1]", async () => {
    await write({ ".env": "RRQ_CONFIG=outer.toml", "a/.env": "X=1\nbroken line\nRRQ_CONFIG=inner.toml", "a/b/rrq.toml": "" });
    const loaded = await load({ cwd: join(cwd, "a/b") });
    expect(loaded.source.path).toBe("rrq.toml");
    expect(loaded.env).toStrictEqual({ X: "1" });
    expect(loaded.warnings).toStrictEqual([
      `${join(cwd, "a/.env")}:2:1: this line is not of the form NAME=value; it and what follows are ignored.`,
    ]);
  });

  test("a folder called .env does not hide the file of a parent [config §1]", async () => {
    await write({ ".env": "X=1", "a/.env/x": "", "a/rrq.toml": "" });
    expect((await load({ cwd: join(cwd, "a") })).env).toStrictEqual({ X: "1" });
  });

  test("what is not UTF-8 ends the reading [config §1]", async () => {
    await write({ ".env": Buffer.concat([Buffer.from("X=1\nY="), Buffer.from([0xff]), Buffer.from("\nZ=2")]), "rrq.toml": "" });
    const loaded = await load();
    expect(loaded.env).toStrictEqual({ X: "1" });
    expect(loaded.warnings).toHaveLength(1);
  });
});
