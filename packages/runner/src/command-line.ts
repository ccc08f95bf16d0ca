/** What a runner program was asked to do. */
export type Command =
  | { readonly kind: "run"; readonly tcpSocket: string }
  | { readonly kind: "help" }
  | { readonly kind: "usage-error"; readonly message: string };

/** Upstream's 0.9.14 passes the address in it; our orchestrator passes both. */
const ADDRESS_VARIABLE = "RRQ_RUNNER_TCP_SOCKET";

export const USAGE = `Usage: <program> --tcp-socket <host:port>

Executes RRQ jobs for the orchestrators that connect to <host:port>. As a rule an orchestrator
starts this program and adds the argument itself.

  --tcp-socket <host:port>   where to listen; else ${ADDRESS_VARIABLE} from the environment
  --help                     this text
`;

/**
 * Reads the arguments of a program, without node and script. The argument wins over the variable, and that over `fallback`.
 * An orchestrator puts its argument last, so the last one counts; arguments that are not ours are the program's own.
 */
export function parseCommandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  fallback?: string,
): Command {
  let tcpSocket: string | undefined;
  for (const [index, arg] of args.entries()) {
    if (arg === "--help" || arg === "-h") return { kind: "help" };
    if (arg.startsWith("--tcp-socket=")) tcpSocket = arg.slice("--tcp-socket=".length);
    if (arg !== "--tcp-socket") continue;
    tcpSocket = args[index + 1];
    if (tcpSocket === undefined) return { kind: "usage-error", message: "--tcp-socket needs a value: host:port" };
  }
  tcpSocket ??= env[ADDRESS_VARIABLE] || fallback;
  if (tcpSocket === undefined) {
    return { kind: "usage-error", message: `--tcp-socket must be provided, or ${ADDRESS_VARIABLE} be set` };
  }
  return { kind: "run", tcpSocket };
}
