import type { ActiveJob } from "./core/active-job.ts";
import { decide } from "./core/decide.ts";
import type { Execution, RunningJobs } from "./running-jobs.ts";
import { type WorkDeps, workJob } from "./work-job.ts";
import { writeEnd } from "./write-end.ts";

/** Sets claimed jobs to work, each on its own. Whatever throws in one of them is told, and that job is retried. */
export function createJobStarter(
  running: RunningJobs,
  deps: WorkDeps,
  givingUp: AbortSignal,
  onEnd: () => void,
): (job: ActiveJob) => void {
  const work = async (job: ActiveJob, execution: Execution): Promise<void> => {
    try {
      await workJob(job, deps, execution, givingUp);
    } catch (error) {
      deps.log.error("job execution error", { "rrq.job_id": job.id, error });
      execution.answered();
      const failure = { type: "runner-lost", message: String(error) } as const;
      await writeEnd(job, decide(job, failure, deps.policy, deps.clock.now(), deps.random()), deps, givingUp);
    }
  };
  return (job) => {
    work(job, running.add(job))
      .catch((error: unknown) => {
        // The job is in no one's hands now: the next heartbeats find and release it.
        deps.log.error("job execution error", { "rrq.job_id": job.id, error });
      })
      .finally(() => {
        running.delete(job);
        onEnd();
      });
  };
}
