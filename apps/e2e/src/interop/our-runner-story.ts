import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ResourceStack } from "@rrq/protocol/runtime";
import { inject } from "vitest";
import type { Program } from "../program.ts";
import type { TomlTable } from "../rrq-toml.ts";
import { openStory, type Story } from "../testing/story.ts";
import { freePortsInARow } from "./free-ports.ts";
import { startBeating } from "./start-beating.ts";

/** What `hold` of outcome-runner.js tells: that it runs, and why its signal fired. */
export type Told =
  | { readonly jobId: string; readonly started: number }
  | { readonly jobId: string; readonly stopped: string };

/** Upstream's orchestrator with runners of ours, which run outcome-runner.js. */
export interface OurRunnerStory extends AsyncDisposable {
  readonly story: Story;
  readonly worker: Program;
  readonly told: () => Promise<Told[]>;
}

/** A runner of ours with every way to end. */
export const outcomeRunner: readonly string[] = [process.execPath, join(import.meta.dirname, "outcome-runner.js")];

/**
 * `pools`: runner tables by name, each for the queue of its name; upstream starts none that no queue is routed to. `env`: of
 * the runners.
 */
export async function openOurRunnerStory(
  pools: Readonly<Record<string, TomlTable>>,
  rrq: TomlTable = {},
  env: Readonly<Record<string, string>> = {},
): Promise<OurRunnerStory> {
  const upstream = inject("upstream");
  if (upstream === null) throw new Error("without upstream these tests are left out");
  const opening = new ResourceStack();
  try {
    const story = opening.use(await openStory());
    const file = join(story.folder, "told");
    const tables: Record<string, TomlTable> = {};
    for (const [name, more] of Object.entries(pools)) {
      tables[name] = await story.runner(name, { cmd: outcomeRunner, tcp_port: await freePortsInARow(Number(more["pool_size"] ?? 1)), ...more }, { TOLD_FILE: file, ...env });
    }
    const names = Object.keys(pools);
    const config = await story.config({
      rrq: { default_runner_name: names[0] ?? "", default_poll_delay_seconds: 0.05, ...rrq },
      runners: tables,
      routes: Object.fromEntries(names.map((name) => [name, name])),
    });
    const queues = names.flatMap((name) => ["--queue", name]);
    const worker = await startBeating(story, [upstream.rrq, "worker", "run", "--config", config, ...queues]);
    return {
      story,
      worker,
      told: async () => {
        const text = await readFile(file, "utf8").catch(() => "");
        return text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Told);
      },
      [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
    };
  } catch (error) {
    await opening[Symbol.asyncDispose]();
    throw error;
  }
}
