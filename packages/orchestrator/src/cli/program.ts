import { Command, InvalidArgumentError, Option } from "commander";
import { type Inspector, openInspector } from "../inspect/open-inspector.ts";
import { check } from "./check.ts";
import type { ExitCode } from "./exit-code.ts";
import { jobShow } from "./job/show.ts";
import { queueList } from "./queue/list.ts";
import { type RunOptions, runWorker } from "./worker/run.ts";

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
    .option("--queue <queue>", "take jobs from this queue; repeat it for several (default: the default queue)", collect)
    .option("--burst", "end once no job is due and none runs")
    .addOption(new Option("--runner-mode <mode>", "who starts the runners").choices(["managed", "external"]))
    .action(async (options: RunOptions) => onExit(await runWorker(options)));

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

function asking(command: Command): Command {
  return command.addOption(configOption()).option("--json", "print one JSON document");
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  if (value.trim() === "") throw new InvalidArgumentError("a queue needs a name");
  return [...before, value];
}
