import type { Job, Producer, UnlimitedOptions } from "@rrq/producer";
import { type JobDefinition, jobName, type ParamsInput, type ResultOutput } from "@rrq/protocol";
import { ProgressCounter } from "./progress.ts";
import type { Stage } from "./stage.ts";

/** Every job of the demo ends within seconds; one that has not by then is stuck. */
const END_LIMIT_SECONDS = 60;

/** A job that was accepted. */
export interface Accepted {
  readonly id: string;
  readonly functionName: string;
}

/** Enqueues jobs and follows every one of them to its end. */
export class Crew {
  readonly progress = new ProgressCounter();
  readonly #producer: Producer;
  readonly #name: string;
  readonly #accepted: Accepted[] = [];

  constructor({ producer, name }: Pick<Stage, "producer" | "name">) {
    this.#producer = producer;
    this.#name = name;
  }

  /** All of them, in the order of their acceptance. */
  get accepted(): readonly Accepted[] {
    return this.#accepted;
  }

  /** Enqueues one job for each of `params`, once per job. Resolves with their ids once all are accepted. */
  async enqueue<Of extends JobDefinition>(
    job: Of,
    params: readonly ParamsInput<Of>[],
    options: UnlimitedOptions = {},
  ): Promise<string[]> {
    const name = jobName(job);
    const items = params.map((one, index) => ({ job, params: one, options: { ...options, id: `${this.#name}-${name}-${index}` } }));
    const answers = await this.#producer.enqueueMany(items);
    return answers.map((answer) => {
      if (answer.kind === "failed") throw answer.error;
      if (answer.kind !== "enqueued") throw new Error(`${name} was not enqueued: ${answer.kind}`);
      this.#accepted.push({ id: answer.jobId, functionName: name });
      this.progress.accept(name);
      return answer.jobId;
    });
  }

  /** What became of jobs of one kind, in the order of `ids`; `onEnd` hears of each at once. */
  follow<Of extends JobDefinition>(
    job: Of,
    ids: readonly string[],
    onEnd: (job: Job<ResultOutput<Of>>) => void = () => undefined,
  ): Promise<Job<ResultOutput<Of>>[]> {
    return Promise.all(
      ids.map(async (id) => {
        const end = await this.#producer.waitForJob(id, { as: job, timeoutSeconds: END_LIMIT_SECONDS });
        if (end.kind !== "finished") throw new Error(`${jobName(job)} ${id} did not end: ${end.kind}`);
        this.progress.end(jobName(job));
        onEnd(end.job);
        return end.job;
      }),
    );
  }
}
