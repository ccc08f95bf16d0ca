import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { ResourceStack } from "@rrq/protocol/runtime";
import { inject } from "vitest";
import type { Program } from "../program.ts";
import type { TomlTable } from "../rrq-toml.ts";
import { openStory, type Story } from "../testing/story.ts";

const python = inject("upstream");
const rust = inject("rustRunner");

/** How one of upstream's runners is started. Both have the handlers of interop_runner.py. */
export interface RunnerKind {
  readonly language: "Python" | "Rust";
  /** Whether this machine has it. */
  readonly isHere: boolean;
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export const PYTHON: RunnerKind = {
  language: "Python",
  isHere: python !== null,
  cmd: [python?.rrqRunner ?? "", "--settings", "interop_runner.settings"],
  env: { PYTHONPATH: join(import.meta.dirname, "../upstream/python"), PYTHONDONTWRITEBYTECODE: "1" },
};

export const RUST: RunnerKind = { language: "Rust", isHere: rust !== null, cmd: [rust ?? ""], env: {} };

/** Our orchestrator with one process of a runner of upstream's, which takes 16 jobs at a time. */
export interface TheirRunnerStory extends AsyncDisposable {
  readonly story: Story;
  readonly worker: Program;
  /** {@link startedIn} */
  readonly started: () => Promise<string[]>;
}

/** `table` and `rrq`: what the runner's table and `[rrq]` say beside the usual. */
export async function openTheirRunnerStory(kind: RunnerKind, table: TomlTable = {}, rrq: TomlTable = {}): Promise<TheirRunnerStory> {
  const opening = new ResourceStack();
  try {
    const story = opening.use(await openStory());
    const env = { ...kind.env, STORY_FOLDER: story.folder };
    const main = { cmd: kind.cmd, env, tcp_port: await freePort(), pool_size: 1, max_in_flight: 16, ...table };
    const worker = await story.startWorker(await story.config({ rrq, runners: { main } }));
    return {
      story,
      worker,
      started: () => startedIn(story),
      [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
    };
  } catch (error) {
    await opening[Symbol.asyncDispose]();
    throw error;
  }
}

const STARTED = "started-";

/** `<job>-<attempt>` of each attempt of `hold` that has started. */
export async function startedIn({ folder }: Story): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.startsWith(STARTED)).map((name) => name.slice(STARTED.length)).toSorted();
}
