import fc from "fast-check";
import { JsonText } from "../json-text.ts";
import { Random } from "./random.ts";

/** A tree to be written by somebody else: `undefined` is a key that may be left out or be null. */
export interface Tree {
  readonly [key: string]: Tree | JsonText | string | number | boolean | null | undefined;
}

/** Bodies as any encoder of any language may write `tree`: keys in any order, unknown ones among them, white space, escapes. */
export function foreignBodies(tree: Tree): fc.Arbitrary<Buffer> {
  return fc.nat().map((seed) => Buffer.from(write(tree, new Random(seed))));
}

function write(value: Tree[string], random: Random): string {
  if (value === undefined || value === null) return "null";
  if (value instanceof JsonText) return value.text;
  if (typeof value === "string") return random.below(2) === 0 ? JSON.stringify(value) : escapeAll(value);
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined || random.below(2) === 0)
    .map(([key, member]) => [write(key, random), write(member, random)] as const);
  if (random.below(3) === 0) members.push(['"unknown"', '[{"job_id":1e999},"\\ud83d\\ude00"]'], ['"unknown"', "{}"]);
  const written = shuffle(members, random).map(([key, member]) => key + blank(random) + ":" + blank(random) + member);
  return "{" + blank(random) + written.join(blank(random) + "," + blank(random)) + blank(random) + "}";
}

/** As Python does it, and more: every unit as an escape. */
function escapeAll(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, "0"));
  return `"${units.map((unit) => `\\u${unit}`).join("")}"`;
}

function blank(random: Random): string {
  return ["", "", "", " ", "\n\t", "\r "][random.below(6)] ?? "";
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.below(left.length), 1));
}
