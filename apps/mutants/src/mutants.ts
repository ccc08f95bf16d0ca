import type { Mutant } from "./mutant.ts";

const ORCHESTRATOR = "packages/orchestrator/src";
const ENDS = [`${ORCHESTRATOR}/store/scripts/ends.test.ts`];
const CLAIM = [`${ORCHESTRATOR}/store/scripts/claim-jobs.test.ts`];
const WORKER = [`${ORCHESTRATOR}/store/worker-store.test.ts`];

/** Takes `find` out of a Lua file of the store. */
function without(name: string, trap: number | null, file: string, find: string, tests: readonly string[], replace = ""): Mutant {
  return { name, trap, file: `${ORCHESTRATOR}/store/${file}`, find, replace, tests };
}

/** The guards of each end of an attempt. */
const ends = ["complete", "retry", "dead-letter", "release"].flatMap((end) => [
  without(`${end} without its fence`, 2, `scripts/${end}-job.ts`, `if not owns(job, workerId, fence) then return "lease-lost" end`, ENDS),
  without(`${end} without looking at the type of what it writes`, 1, `scripts/${end}-job.ts`, `expectType(active, "zset")`, ENDS),
]);

/** Guards of the scripts: each alone keeps a job from being lost or doubled. */
export const mutants: readonly Mutant[] = [
  without("the fence without the worker", 2, "lua/owns.ts", "held[1] == workerId and ", ENDS),
  without("the fence without the fence", 2, "lua/owns.ts", "held[2] == fence and ", ENDS),
  without("the fence without the status", 2, "lua/owns.ts", ` and held[3] == "ACTIVE"`, ENDS),
  without("the fence on a key of another type", 16, "lua/owns.ts", "redis.pcall", ENDS, "redis.call"),
  ...ends,
  without("unique keys freed whoever they name", 24, "lua/free-unique-keys.ts", "== jobId then", ENDS, "then"),
  without("claim without a lease", null, "scripts/claim-jobs.ts", `if redis.call("EXISTS", health) == 0 then return {"no-lease"} end`, CLAIM),
  without("claim of what upstream has locked", 31, "scripts/claim-jobs.ts", `if redis.call("EXISTS", "rrq:lock:job:" .. jobId) == 1 then return "left" end`, CLAIM),
  without("claim of what has ended", 17, "scripts/claim-jobs.ts", `if status == "COMPLETED" or status == "CANCELLED" then return "gone" end`, CLAIM),
  without("claim of a key that is no hash", 6, "scripts/claim-jobs.ts", `if held.err then return "gone" end`, CLAIM),
  without("claim of an absurd timeout", 6, "scripts/claim-jobs.ts", "timeout <= 0 or timeout >", CLAIM, "false and timeout >"),
  without("one bad job in the way of all", 7, "scripts/claim-jobs.ts", "local ok, what = pcall(claimOne, jobId)", CLAIM, "local ok, what = true, claimOne(jobId)"),
  without("claim without a slot", 23, "scripts/claim-jobs.ts", "if free[runner] <= 0 then", CLAIM, "if false then"),
  without("claim without a runner", 20, "scripts/claim-jobs.ts", "if not free[runner] then", CLAIM, "if false then"),
  without("claim of the requeued before upstream is done", null, "scripts/claim-jobs.ts", `> nowMs - \${UPSTREAM_PAUSE_MS} then return "left" end`, CLAIM, `> nowMs then return "left" end`),
  without("adopt from the living", 3, "scripts/adopt-job.ts", `if redis.call("EXISTS", health) == 1 then return "alive" end`, WORKER),
  without("adopt what another owns", 3, "scripts/adopt-job.ts", ` and held[2] == deadWorkerId then`, WORKER, " then"),
  without("adopt what upstream has locked", null, "scripts/adopt-job.ts", `if redis.call("EXISTS", lock) == 1 then return "waiting" end`, WORKER),
  without("adopt without looking at the type", 4, "scripts/adopt-job.ts", `if redis.call("TYPE", job).ok ~= "hash" then`, WORKER, `if redis.call("EXISTS", job) == 0 then`),
  without("rescue for ever", 8, "lua/adopt.ts", "rescues > tonumber(maxRescues)", WORKER, "false"),
  without("settle a later claim of ours", 7, "scripts/settle-job.ts", `if held[2] == workerId and held[3] ~= fence then return "kept" end`, WORKER),
  without("settle what another owns", 7, "scripts/settle-job.ts", "if held[2] == workerId then", WORKER, "if true then"),
  without("settle between two commands of upstream", null, "scripts/settle-job.ts", `if redis.call("EXISTS", lock) == 1 then return "waiting" end`, WORKER),
  without("forget the living", null, "scripts/forget-worker.ts", `if redis.call("EXISTS", health) == 1 or redis.call("EXISTS", active) == 1 then return 0 end`, WORKER),
  without("leave the index with jobs in hand", null, "scripts/leave.ts", `if redis.call("EXISTS", active) == 0 then`, WORKER, "if true then"),
  without("cron without its slot", 26, "scripts/fire-cron-job.ts", `if not redis.call("SET", slot, workerId, "NX", "EX", slotTtl) then return "taken" end`, [`${ORCHESTRATOR}/loops/cron-loop.test.ts`]),
  {
    name: "a debounce leaves the job in its old queue too",
    trap: 18,
    file: "packages/producer/src/scripts/debounce-job.ts",
    find: `if oldQueue ~= queue then redis.call("ZREM", oldQueue, named) end`,
    replace: "",
    tests: ["packages/producer/src/create-producer.test.ts"],
  },
  {
    name: "a debounce takes over what runs",
    trap: 18,
    file: "packages/producer/src/scripts/debounce-job.ts",
    find: `if held[1] == "PENDING" and`,
    replace: "if held[1] and",
    tests: ["packages/producer/src/scripts/debounce-job.test.ts"],
  },
  {
    name: "an id that is taken is enqueued over",
    trap: 46,
    file: "packages/producer/src/scripts/enqueue-job.ts",
    find: "if seen then return seen end",
    replace: "",
    tests: ["packages/producer/src/scripts/enqueue-job.test.ts"],
  },
  {
    name: "a cancel in the middle of upstream's commands",
    trap: 53,
    file: "packages/producer/src/scripts/cancel-job.ts",
    find: `if redis.call("EXISTS", lock) == 1 then return {"refused", status, "upstream"} end`,
    replace: "",
    tests: ["packages/producer/src/request-cancel.test.ts"],
  },
  {
    name: "an end that Redis did not take is forgotten",
    trap: 1,
    file: `${ORCHESTRATOR}/write-end.ts`,
    find: "if (givingUp.aborted) {",
    replace: "if (givingUp.aborted || true) {",
    tests: [`${ORCHESTRATOR}/work-job.test.ts`],
  },
  {
    name: "the loop ends at an error of Redis",
    trap: 5,
    file: `${ORCHESTRATOR}/loops/claim-loop.ts`,
    find: `log.warn("no jobs could be claimed"`,
    replace: `if (error instanceof Error) return; log.warn("no jobs could be claimed"`,
    tests: [`${ORCHESTRATOR}/loops/claim-loop.test.ts`],
  },
  {
    name: "the grace of a shutdown cannot be cut",
    trap: 9,
    file: `${ORCHESTRATOR}/shutdown.ts`,
    find: "await emptyWithin(parts.graceMs, cut);",
    replace: "await emptyWithin(parts.graceMs);",
    tests: [`${ORCHESTRATOR}/shutdown.test.ts`],
  },
  {
    name: "what throws in a job's task is not retried",
    trap: 10,
    file: `${ORCHESTRATOR}/work-job.ts`,
    find: "return noAnswer(error, stopping);",
    replace: "throw error;",
    tests: [`${ORCHESTRATOR}/work-job.test.ts`],
  },
  {
    name: "a neighbour's overrun costs an attempt",
    trap: 13,
    file: `${ORCHESTRATOR}/work-job.ts`,
    find: `case "RUNNER_REPLACED":`,
    replace: `case "CANNOT_LISTEN":`,
    tests: [`${ORCHESTRATOR}/work-job.test.ts`],
  },
  {
    name: "a runner that cannot be reached costs an attempt",
    trap: 19,
    file: `${ORCHESTRATOR}/work-job.ts`,
    find: `case "RUNNER_UNAVAILABLE":`,
    replace: `case "CANNOT_LISTEN":`,
    tests: [`${ORCHESTRATOR}/work-job.test.ts`],
  },
];
