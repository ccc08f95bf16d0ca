import { RrqError } from "../errors.ts";
import type { Place } from "./config-node.ts";

export interface Finding {
  readonly place: Place;
  /** A sentence or more; names the key. */
  readonly text: string;
}

/** What the check of a configuration found, in the order of its rules. */
export class Findings {
  readonly problems: Finding[] = [];
  readonly warnings: Finding[] = [];

  problem(place: Place, text: string): void {
    this.problems.push({ place, text });
  }

  warning(place: Place, text: string): void {
    this.warnings.push({ place, text });
  }
}

/** A finding as one line: `rrq.toml:4:1: …`, `RRQ_REDIS_DSN: …`. `source` is the file, or what stands for it. */
function sayFinding(source: string, { place, text }: Finding): string {
  if (place === null) return `${source}: ${text}`;
  return "variable" in place ? `${place.variable}: ${text}` : `${source}:${place.line}:${place.column}: ${text}`;
}

/** All problems of a configuration as one `INVALID_CONFIG`, in the order of the file; warnings, which may explain them, behind. */
export function invalidConfig(source: string, { problems, warnings }: Pick<Findings, "problems" | "warnings">): RrqError {
  const lines = sayAll(source, problems);
  const told = [lines.length === 1 ? lines : [`${lines.length} problems in ${source}:`, ...lines]];
  if (warnings.length > 0) told.push(["Beside that:", ...sayAll(source, warnings)]);
  return new RrqError("INVALID_CONFIG", told.map((part) => part.join("\n  ")).join("\n"));
}

/** Findings as lines, in the order of the file. */
export function sayAll(source: string, findings: readonly Finding[]): string[] {
  return [...findings].sort((a, b) => position(a) - position(b)).map((finding) => sayFinding(source, finding));
}

function position({ place }: Finding): number {
  return place !== null && "line" in place ? place.line * 100_000 + place.column : 0;
}
