/** How much is told; each includes those before it. Lines have the four in the middle. */
const LEVELS = ["off", "error", "warn", "info", "debug", "trace"] as const;
export type LogThreshold = (typeof LEVELS)[number];
export type LogLevel = Exclude<LogThreshold, "off" | "trace">;

/** How much of a target is told. */
export type LogFilter = (target: string) => LogThreshold;

/** Whether a line of this level is told. */
export function isTold(level: LogLevel, threshold: LogThreshold): boolean {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(threshold);
}

/**
 * Reads `RUST_LOG`: directives with commas between them, `level`, `target=level` or `target` (all of it). The longest one that a
 * target starts with holds, then the bare level. Where nothing that can be read says otherwise it is `info`: a slip of the pen
 * must not silence an orchestrator, as it does upstream's.
 */
export function readLogFilter(rustLog: string | undefined): LogFilter {
  const byTarget = new Map<string, LogThreshold>();
  for (const directive of (rustLog ?? "").split(",")) {
    const [target, threshold] = readDirective(directive.trim());
    if (threshold !== null) byTarget.set(target, threshold);
  }
  const longestFirst = [...byTarget].sort(([a], [b]) => b.length - a.length);
  return (target) => longestFirst.find(([prefix]) => target.startsWith(prefix))?.[1] ?? "info";
}

function readDirective(directive: string): readonly [target: string, threshold: LogThreshold | null] {
  const at = directive.indexOf("=");
  if (at !== -1) return [directive.slice(0, at).trim(), levelOf(directive.slice(at + 1))];
  const level = levelOf(directive);
  return level === null && /^[\w:.-]+$/.test(directive) ? [directive, "trace"] : ["", level];
}

function levelOf(text: string): LogThreshold | null {
  const name = text.trim().toLowerCase();
  return LEVELS.find((level, rank) => name === level || name === String(rank)) ?? null;
}
