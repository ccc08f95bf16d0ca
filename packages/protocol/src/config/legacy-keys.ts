import type { ConfigEntry, ConfigTable } from "./config-node.ts";
import { describeValue } from "./describe-value.ts";
import { keyName, type TableContext } from "./table-context.ts";

/** Keys of `[rrq]` that older versions had, under their names of today. */
export function renameLegacyKeys(rrq: ConfigTable, context: TableContext): void {
  const { findings } = context;
  const routing = rrq.entries.get("routing");
  if (routing !== undefined) {
    findings.warning(routing.place, `${keyName(context, "routing")} is now called runner_routes, and replaces it where both stand.`);
    rrq.entries.delete("routing");
    rrq.entries.set("runner_routes", routing);
  }
  const concurrency = rrq.entries.get("worker_concurrency");
  if (concurrency !== undefined) {
    const name = keyName(context, "worker_concurrency");
    findings.warning(concurrency.place, `${name} is ignored: a worker runs pool_size × max_in_flight jobs of each runner.`);
    rrq.entries.delete("worker_concurrency");
  }
}

/** `tcp_socket = "host:port"`, as versions up to 0.10.7 want it, becomes `tcp_host` and `tcp_port`. */
export function splitTcpSocket(runner: ConfigTable, context: TableContext): void {
  const { findings } = context;
  const entry = runner.entries.get("tcp_socket");
  if (entry === undefined) return;
  runner.entries.delete("tcp_socket");
  const name = keyName(context, "tcp_socket");
  if (runner.entries.has("tcp_port")) {
    findings.warning(entry.place, `${name} is ignored beside tcp_port.`);
    return;
  }
  const parts = entry.node.kind === "string" ? /^(\[[^[\]]+\]|[^:[\]]*):(\d{1,9})$/.exec(entry.node.value.trim()) : null;
  if (parts === null) {
    const found = describeValue(entry.node);
    findings.problem(entry.node.place, `${name} is ${found}; it takes "host:port" or "[host]:port". Better write tcp_port.`);
    // So that the missing port is not reported too.
    runner.entries.set("tcp_port", { ...entry, node: { kind: "integer", place: entry.place, value: 1n } });
    return;
  }
  const [, host = "", port = ""] = parts;
  findings.warning(entry.place, `${name} is the form of RRQ up to 0.10.7: write ${host === "" ? "" : "tcp_host and "}tcp_port = ${port}.`);
  const { place } = entry.node;
  const asKey = (node: ConfigEntry["node"]): ConfigEntry => ({ place: entry.place, node });
  runner.entries.set("tcp_host", asKey({ kind: "string", place, value: host }));
  runner.entries.set("tcp_port", asKey({ kind: "integer", place, value: BigInt(port) }));
}
