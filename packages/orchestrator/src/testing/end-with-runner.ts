// Starts a runner that has no guard of its own, says its process id, and ends as its argument says.
import { freePort } from "@rrq/private-redis";
import { systemClock } from "@rrq/protocol/runtime";
import { openRunnerPool } from "../runners/managed-runner.ts";
import { silentLog } from "./silent-log.ts";

const [program = "", how] = process.argv.slice(2);
const pool = await openRunnerPool(
  {
    name: "main",
    cmd: [process.execPath, program],
    poolSize: 1,
    maxInFlight: 1,
    env: { IGNORE_TERM: "1" },
    cwd: null,
    tcpHost: "127.0.0.1",
    tcpPort: await freePort(),
    allowedHosts: [],
    responseTimeoutSeconds: null,
  },
  {
    connectTimeoutMs: 10_000,
    termGraceMs: 60_000,
    abortGraceMs: 1_000,
    env: process.env,
    passRedisDsn: false,
    output: "inherit",
    clock: systemClock,
    log: silentLog,
  },
);
await pool.ready();
process.stdout.write(`${pool.status().processes[0]?.pid}\n`, () => {
  if (how === "throw") throw new Error("nobody catches this");
  process.exit(5);
});
