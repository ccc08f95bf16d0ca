import { RrqError } from "@rrq/protocol";

/** What the exit code of every command means. */
export const exitCodes = {
  /** It was done. */
  done: 0,
  /** It failed, or was refused. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** There is no such thing. */
  notFound: 3,
  /** Something is not as it should be. */
  unhealthy: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One line that says what went wrong, and what to do. */
export function errorLine(error: unknown): string {
  if (RrqError.is(error)) return `rrq: ${error.message}`;
  return `rrq: ${error instanceof Error ? error.message : String(error)}`;
}
