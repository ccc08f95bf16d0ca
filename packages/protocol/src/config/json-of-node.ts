import { MAX_VALUE_DEPTH } from "../limits.ts";
import type { ConfigNode } from "./config-node.ts";
import type { Findings } from "./findings.ts";

/**
 * A value as JSON text, with numbers as they were written: `1.0` stays `1.0`, every integer is exact. What JSON has not is
 * warned about: a date or time becomes its text, `inf` and `nan` become `null`.
 */
export function jsonOfNode(node: ConfigNode, name: string, findings: Findings, depth = 1): string {
  switch (node.kind) {
    case "string":
      return JSON.stringify(node.value);
    case "boolean":
    case "integer":
      return String(node.value);
    case "json":
      return node.value.text;
    case "float":
      if (Number.isFinite(node.value) || /\d/.test(node.text)) return node.text.replace("+", "");
      findings.warning(node.place, `${name} has ${node.text}, which JSON has not: the handler gets null.`);
      return "null";
    case "date-time":
      findings.warning(node.place, `${name} has a date or time, which JSON has not: the handler gets the string ${JSON.stringify(node.text)}. Write it in quotes.`);
      return JSON.stringify(node.text);
    default:
  }
  if (depth > MAX_VALUE_DEPTH) {
    findings.problem(node.place, `${name} is nested deeper than ${MAX_VALUE_DEPTH} levels, which is more than runners read.`);
    return "null";
  }
  const inner = (child: ConfigNode): string => jsonOfNode(child, name, findings, depth + 1);
  if (node.kind === "array") return `[${node.items.map(inner).join(",")}]`;
  const members = Array.from(node.entries, ([key, entry]) => `${JSON.stringify(key)}:${inner(entry.node)}`);
  return `{${members.join(",")}}`;
}
