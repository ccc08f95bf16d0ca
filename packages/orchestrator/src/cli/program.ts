import { Command, InvalidArgumentError, Option } from "commander";
import { type Inspector, openInspector } from "../inspect/open-inspector.ts";
import { check } from "./check.ts";
import type { ExitCode } from "./exit-code.ts";
import { jobShow } from "./job/show.ts";
import { queueList } from "./queue/list.ts";
import { type RunOptions, runWorker } from "./worker/run.ts";
import { type WatchArguments, watchWorker } from "./worker/watch.ts";

interface Shared {
  readonly config?: string;
  readonly json?: boolean;
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  failed, or refused
  2  the command line is wrong
  3  there is no such thing
  4  something is not as it should be
`;

/** The whole command line. `onExit` hears how a command ended. */
export function buildProgram(version: string, onExit: (code: ExitCode) => void): Command {
  const program = new Command("rrq")
    .description("RRQ, the Reliable Redis Queue: run the orchestrator, look at jobs, queues and workers.")
    .version(`rrq ${version}`, "-V, --version", "print the version")
    .addHelpText("after", EXIT_CODES)
    .exitOverride();

  const worker = program.command("worker").description("run the orchestrator");
  worker
    .command("run")
    .description("take jobs from queues and have runners execute them, until a signal")
    .addOption(configOption())
    .addOption(queueOption())
    .option("--burst", "end once no job is due and none runs")
    .addOption(runnerModeOption())
    .action(async (options: RunOptions) => onExit(await runWorker(options)));
  worker
    .command("watch")
    .description("for development: run one job at a time for each runner, and start anew when a file changes")
    .addOption(configOption())
    .addOption(queueOption())
    .option("--path <folder>", "the folder to watch (default: [rrq.watch] path, then the current directory)")
    .addOption(globOption("--pattern <glob>", "start anew for files that match; repeat it for several (default: [rrq.watch] include_patterns)"))
    .addOption(globOption("--ignore-pattern <glob>", "but not for those that match this one; repeatable (default: [rrq.watch] ignore_patterns)"))
    .option("--no-gitignore", "start anew for files that git ignores, too")
    .addOption(runnerModeOption())
    .action(async (options: WatchArguments) => onExit(await watchWorker(options)));

  /** A command that asks Redis something and prints the answer. */
  const ask =
    (answer: (inspector: Inspector, options: Shared) => Promise<ExitCode>) =>
    async (options: Shared): Promise<void> => {
      await using inspector = await openInspector(options.config === undefined ? {} : { config: options.config });
      onExit(await answer(inspector, options));
    };

  asking(program.command("check").description("show who works; 4 if nobody does")).action(ask(check));
  const queue = program.command("queue").description("look at queues");
  asking(queue.command("list").description("list the queues that hold jobs")).action(ask(queueList));
  const job = program.command("job").description("look at jobs");
  asking(job.command("show <job_id>").description("show everything about a job; 3 if there is none")).action(
    (id: string, options: Shared) => ask((inspector) => jobShow(inspector, id, options))(options),
  );
  return program;
}

function configOption(): Option {
  return new Option("--config <path>", "the rrq.toml (default: RRQ_CONFIG, then rrq.toml in the current directory)");
}

function queueOption(): Option {
  const description = "take jobs from this queue; repeat it for several (default: the default queue)";
  return new Option("--queue <queue>", description).argParser(collect("a queue needs a name"));
}

function globOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect("a pattern needs a text"));
}

function runnerModeOption(): Option {
  return new Option("--runner-mode <mode>", "who starts the runners").choices(["managed", "external"]);
}

function asking(command: Command): Command {
  return command.addOption(configOption()).option("--json", "print one JSON document");
}

/** Gathers the values of an option that may be repeated. */
function collect(ifEmpty: string) {
  return (value: string, before: readonly string[] = []): readonly string[] => {
    if (value.trim() === "") throw new InvalidArgumentError(ifEmpty);
    return [...before, value];
  };
}
