// Starts a runner as an orchestrator does, and waits to be killed. Arguments: how to start it.
import { spawn } from "node:child_process";

const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, RRQ_RUNNER_PARENT_PID: String(process.pid) },
  detached: true,
});
process.stderr.write(`runner's process group: ${child.pid}\n`);
child.once("exit", (code) => process.exit(code ?? 1));
