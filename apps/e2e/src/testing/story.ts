import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { openTestRedis, type TestDatabase } from "@rrq/private-redis/vitest";
import { createProducer, type Producer } from "@rrq/producer";
import { ResourceStack } from "@rrq/protocol/runtime";
import { type Program, startProgram } from "../program.ts";
import { rrqCommand } from "../rrq-command.ts";
import { formatRrqToml, type RrqToml, type TomlTable } from "../rrq-toml.ts";
import { openTemporaryFolder } from "../temporary-folder.ts";
import { endBearers, newMark } from "./descendants.ts";

const storyRunner = [process.execPath, join(import.meta.dirname, "story-runner.js")];

/** A handler of the story runner was called. */
export interface Start {
  readonly jobId: string;
  readonly functionName: string;
  readonly attempt: number;
  readonly fence: number | null;
  /** Of the runner process. */
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A database, a folder, a producer and the processes of one test. Disposing of it ends them all and looks that none is left. */
export interface Story extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly producer: Producer;
  /** Where its processes run, and meet. Goes with the story. */
  readonly folder: string;
  /** A runner table that starts the story runner on ports of its own. `where` answers with `name`. */
  runner(name: string, more?: TomlTable, env?: Readonly<Record<string, string>>): Promise<TomlTable>;
  /** Writes an `rrq.toml` with quick retries for this database, and answers its path. Without runners it has one, of one process. */
  config(toml?: RrqToml): Promise<string>;
  /** Starts a process that ends with the story. */
  start(command: readonly string[]): Promise<Program>;
  /** Our `rrq worker run`, once it takes jobs. More arguments may follow. */
  startWorker(config: string, ...args: readonly string[]): Promise<Program>;
  /** Lets `hold` and `overrun` end, now and from now on. */
  openDoor(): Promise<void>;
  /** The calls of the story runner's handlers so far; of one job, if it is named. */
  starts(jobId?: string): Promise<Start[]>;
}

export async function openStory(): Promise<Story> {
  const opening = new ResourceStack();
  try {
    const mark = newMark();
    const folder = opening.use(await openTemporaryFolder()).path;
    const database = opening.use(await openTestRedis());
    opening.defer(() => endBearers(mark));
    const producer = opening.use(createProducer({ redisUrl: database.url }));
    return new OpenStory(folder, database, producer, mark.env, opening);
  } catch (error) {
    await opening[Symbol.asyncDispose]();
    throw error;
  }
}

class OpenStory implements Story {
  readonly database: TestDatabase;
  readonly producer: Producer;
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #opened: ResourceStack;
  #configs = 0;

  constructor(folder: string, database: TestDatabase, producer: Producer, mark: NodeJS.ProcessEnv, opened: ResourceStack) {
    this.folder = folder;
    this.database = database;
    this.producer = producer;
    this.#env = { ...cleanEnvironment(), ...mark };
    this.#opened = opened;
  }

  async runner(name: string, more: TomlTable = {}, env: Readonly<Record<string, string>> = {}): Promise<TomlTable> {
    return {
      cmd: storyRunner,
      tcp_port: await freePort(),
      pool_size: 1,
      ...more,
      env: { STORY_FOLDER: this.folder, STORY_RUNNER: name, ...env },
    };
  }

  async config({ rrq, runners, routes }: RrqToml = {}): Promise<string> {
    const path = join(this.folder, `rrq-${++this.#configs}.toml`);
    const text = formatRrqToml({
      rrq: {
        redis_dsn: this.database.url,
        base_retry_delay_seconds: 0.01,
        max_retry_delay_seconds: 0.05,
        worker_shutdown_grace_period_seconds: 1,
        ...rrq,
      },
      runners: runners ?? { main: await this.runner("main") },
      ...(routes && { routes }),
    });
    await writeFile(path, text);
    return path;
  }

  async start(command: readonly string[]): Promise<Program> {
    return this.#opened.use(await startProgram(command, { cwd: this.folder, env: this.#env }));
  }

  async startWorker(config: string, ...args: readonly string[]): Promise<Program> {
    const worker = await this.start([...rrqCommand, "worker", "run", "--config", config, ...args]);
    await worker.says(/worker started/);
    return worker;
  }

  async openDoor(): Promise<void> {
    await writeFile(join(this.folder, "open"), "");
  }

  async starts(jobId?: string): Promise<Start[]> {
    const text = await readFile(join(this.folder, "starts"), "utf8").catch(() => "");
    const starts = text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Start);
    return jobId === undefined ? starts : starts.filter((start) => start.jobId === jobId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened[Symbol.asyncDispose]();
  }
}

/** Ours, less what would reach into the processes under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { RRQ_REDIS_DSN: _dsn, RRQ_CONFIG: _config, RUST_LOG: _level, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
}
