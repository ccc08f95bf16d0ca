import type { Inspector } from "../inspect/open-inspector.ts";
import { type ExitCode, exitCodes } from "./exit-code.ts";
import { isoTime, print, printJson } from "./output.ts";

/** Who works: every worker with a heartbeat. None is unhealthy. */
export async function check(inspector: Inspector, { json = false }: { readonly json?: boolean }): Promise<ExitCode> {
  const workers = await inspector.workers();
  const code = workers.length === 0 ? exitCodes.unhealthy : exitCodes.done;
  if (json) {
    printJson(
      workers.map(({ workerId, heartbeat, ttlSeconds }) => ({
        worker_id: workerId,
        status: heartbeat.status,
        active_jobs: heartbeat.activeJobs,
        concurrency_limit: heartbeat.concurrencyLimit,
        queues: heartbeat.queues,
        runners: heartbeat.runners,
        last_heartbeat: isoTime(heartbeat.at),
        ttl_seconds: ttlSeconds,
      })),
    );
    return code;
  }
  if (workers.length === 0) {
    print("Worker Health Check: FAIL (No active workers found)");
    return code;
  }
  print(`Worker Health Check: Found ${workers.length} active worker(s):`);
  for (const { workerId, heartbeat, ttlSeconds } of workers) {
    print(`  - Worker ID: ${workerId}`);
    if (heartbeat.status !== null) print(`    Status: ${heartbeat.status}`);
    if (heartbeat.activeJobs !== null) print(`    Active Jobs: ${heartbeat.activeJobs}`);
    if (heartbeat.at !== null) print(`    Last Heartbeat: ${isoTime(heartbeat.at) ?? "unknown"}`);
    print(`    TTL: ${ttlSeconds === null ? "none" : `${ttlSeconds} seconds`}`);
  }
  return code;
}
