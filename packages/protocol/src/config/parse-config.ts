import type { ConfigNode, ConfigTable } from "./config-node.ts";
import { describeValue } from "./describe-value.ts";
import { applyEnvironment } from "./environment.ts";
import { Findings, invalidConfig, sayAll } from "./findings.ts";
import { type Reader, readSettings } from "./read-settings.ts";
import { readToml } from "./read-toml.ts";
import type { RrqSettings } from "./settings.ts";
import { isKnownKey } from "./unknown-keys.ts";

export interface ParseConfigOptions {
  /** The file's name, for messages. */
  readonly path: string;
  /** Variables that win over the file: `RRQ_REDIS_DSN`, `RRQ_CAPTURE_RUNNER_OUTPUT`. @default {} */
  readonly env?: NodeJS.ProcessEnv;
  /** Wins over `runner_management_mode`. */
  readonly runnerMode?: "managed" | "external" | undefined;
  readonly for: Reader;
}

export interface ParsedConfig {
  readonly settings: RrqSettings;
  /** One sentence or more each, with the place; in the order of the file. */
  readonly warnings: readonly string[];
}

/** Checks the text of an `rrq.toml`. Throws one `INVALID_CONFIG` that tells every problem, each with line, column and key. */
export function parseConfig(text: string, options: ParseConfigOptions): ParsedConfig {
  const { path, env = {} } = options;
  const findings = new Findings();
  const reading = readToml(text);
  if (reading.kind === "broken") {
    findings.problem(reading.place, `this is not TOML 1.0: ${reading.reason}`);
    throw invalidConfig(path, findings);
  }
  const { rrq, at } = findRrqTable(reading.root, path, findings);
  applyEnvironment(rrq, env, options.for, findings);
  const settings = readSettings(rrq, options, { path: at, spell: (key) => key, strict: false, findings });
  if (findings.problems.length > 0) throw invalidConfig(path, findings);
  return { settings, warnings: sayAll(path, findings.warnings) };
}

/** The table `rrq`, or all of the file if there is no such key. */
function findRrqTable(root: ConfigTable, path: string, findings: Findings): { rrq: ConfigTable; at: string } {
  const rrq: ConfigNode | undefined = root.entries.get("rrq")?.node;
  if (rrq === undefined) return { rrq: root, at: "" };
  if (rrq.kind !== "table") {
    findings.problem(rrq.place, `rrq is ${describeValue(rrq)}; it takes a table. Write [rrq].`);
    throw invalidConfig(path, findings);
  }
  for (const [key, entry] of root.entries) {
    if (key !== "rrq" && isKnownKey("[rrq]", key)) {
      findings.warning(entry.place, `${key} is ignored outside of [rrq]. Did you mean rrq.${key}?`);
    }
  }
  return { rrq, at: "rrq" };
}
