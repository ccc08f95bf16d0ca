import { availableParallelism } from "node:os";
import { checkEndpoint } from "./check-endpoint.ts";
import type { ConfigTable } from "./config-node.ts";
import { splitTcpSocket } from "./legacy-keys.ts";
import { readSubtable, readTable, type Values } from "./read-table.ts";
import { runnerShape } from "./schema.ts";
import type { RunnerSettings } from "./settings.ts";
import { keyName, type TableContext, within } from "./table-context.ts";
import { reportUnknownKeys } from "./unknown-keys.ts";

export interface RunnerRules {
  readonly mode: "managed" | "external";
  /** A worker is about to start them: what only then is an error, and what it does otherwise than is written, is told. */
  readonly forWorker: boolean;
}

/** `[rrq.runners]`. A runner with a problem is left out. */
export function readRunners(rrq: ConfigTable, rules: RunnerRules, context: TableContext): Map<string, RunnerSettings> {
  const runners = new Map<string, RunnerSettings>();
  const table = readSubtable(rrq, "runners", context);
  if (table === null) return runners;
  // Names of runners are nobody's keys: they are spelt as they are written.
  const named = { ...within(context, "runners"), spell: (name: string) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name)) };
  for (const name of table.entries.keys()) {
    const runner = readSubtable(table, name, named);
    const settings = runner && readRunner(name, runner, rules, { ...within(named, name), spell: context.spell });
    if (settings !== null) runners.set(name, settings);
  }
  return runners;
}

function readRunner(
  name: string,
  table: ConfigTable,
  rules: RunnerRules,
  context: TableContext,
): RunnerSettings | null {
  const { findings } = context;
  const before = findings.problems.length;
  splitTcpSocket(table, context);
  reportUnknownKeys(table, "[rrq.runners.<name>]", context);
  const values = readTable(table, runnerShape, context);
  const poolSize = rules.mode === "external" ? 1 : (values.pool_size ?? availableParallelism());
  checkCommand(table, values, rules, context);
  checkPorts(table, values, poolSize, context);
  const tcpHost = readHost(table, values, rules, context);
  if (values.response_timeout_seconds === null) {
    const place = table.entries.get("response_timeout_seconds")?.node.place ?? null;
    findings.warning(place, `${keyName(context, "response_timeout_seconds")} is no time above 0: there is no limit.`);
  }
  if (findings.problems.length > before || values.tcp_port === undefined) return null;
  return {
    name,
    cmd: values.cmd ?? [],
    poolSize,
    maxInFlight: values.max_in_flight ?? 1,
    env: values.env ?? {},
    cwd: values.cwd ?? null,
    tcpHost,
    tcpPort: values.tcp_port,
    allowedHosts: values.allowed_hosts ?? [],
    responseTimeoutSeconds: values.response_timeout_seconds ?? null,
  };
}

type RunnerValues = Values<typeof runnerShape>;

function checkCommand(table: ConfigTable, { cmd }: RunnerValues, rules: RunnerRules, context: TableContext): void {
  if (rules.mode === "external") return;
  const entry = table.entries.get("cmd");
  const name = keyName(context, "cmd");
  const takes = 'it takes the command that starts the runner, such as ["node", "runner.js"]';
  if (entry === undefined) {
    context.findings.problem(
      table.place,
      `${name} is missing; ${takes}. If somebody else starts this runner, write runner_management_mode = "external".`,
    );
  } else if (cmd?.length === 0 && rules.forWorker) {
    context.findings.problem(entry.node.place, `${name} is empty; ${takes}.`);
  }
}

function checkPorts(table: ConfigTable, { tcp_port: first }: RunnerValues, poolSize: number, context: TableContext): void {
  const entry = table.entries.get("tcp_port");
  const name = keyName(context, "tcp_port");
  if (entry === undefined) {
    context.findings.problem(table.place, `${name} is missing; it takes the first port of the runner's processes, such as 9000.`);
  } else if (first !== undefined && first + poolSize - 1 > 65_535) {
    const last = first + poolSize - 1;
    context.findings.problem(
      entry.node.place,
      `${name} is ${first}: the ${poolSize} processes of the pool would need ports up to ${last}, beyond 65535.`,
    );
  }
}

/** Managed runners listen on this machine only, whatever is written. */
function readHost(table: ConfigTable, values: RunnerValues, rules: RunnerRules, context: TableContext): string {
  const { findings } = context;
  const place = table.entries.get("tcp_host")?.node.place ?? null;
  const written = values.tcp_host ?? "";
  if (rules.mode === "managed") {
    if (rules.forWorker && !["", "localhost", "127.0.0.1", "::1", "[::1]"].includes(written.trim())) {
      findings.warning(place, `${keyName(context, "tcp_host")} is ignored: managed runners listen on 127.0.0.1.`);
    }
    return "127.0.0.1";
  }
  if (rules.forWorker && (values.pool_size ?? 1) > 1) {
    const where = table.entries.get("pool_size")?.node.place ?? null;
    findings.warning(where, `${keyName(context, "pool_size")} is ignored: an external runner is one endpoint.`);
  }
  const check = checkEndpoint(written, values.allowed_hosts ?? []);
  if (check.kind === "fine") return check.host;
  findings.problem(place, `${keyName(context, "tcp_host")} is ${JSON.stringify(written)}. ${check.reason}.`);
  return "";
}
