import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { ConfigNode, ConfigTable, Place } from "./config-node.ts";

export type TomlReading =
  | { readonly kind: "read"; readonly root: ConfigTable }
  | { readonly kind: "broken"; readonly place: Place; readonly reason: string };

/** Levels that a header, and the value of a key, may nest: whoever walks over them recurses. */
const MAX_DEPTH = 200;

/** TOML's integers have 64 bits. */
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

class Broken extends Error {
  readonly place: Place;

  constructor(place: Place, message: string) {
    super(message);
    this.place = place;
  }
}

/** Reads TOML 1.0; a byte order mark is skipped. Never throws. */
export function readToml(text: string): TomlReading {
  try {
    const program = parseTOML(text.replace(/^\uFEFF/, ""), { tomlVersion: "1.0" });
    return { kind: "read", root: buildRoot(program) };
  } catch (error) {
    if (error instanceof Broken) return { kind: "broken", place: error.place, reason: error.message };
    if (error instanceof ParseError) {
      const place = { line: error.lineNumber, column: error.column + 1 };
      return { kind: "broken", place, reason: error.message };
    }
    // The parser's own stack, or a fault of it.
    const reason = error instanceof RangeError ? "it is nested too deeply" : String(error);
    return { kind: "broken", place: { line: 1, column: 1 }, reason };
  }
}

function buildRoot(program: AST.TOMLProgram): ConfigTable {
  const [top] = program.body;
  const root = emptyTable({ line: 1, column: 1 });
  for (const item of top.body) {
    if (item.type === "TOMLKeyValue") {
      addPair(root, item, 1);
    } else {
      const table = openHeader(root, item);
      for (const pair of item.body) addPair(table, pair, 1);
    }
  }
  return root;
}

/** The table that `[a.b]`, or the new one that `[[a.b]]` stands for. */
function openHeader(root: ConfigTable, header: AST.TOMLTable): ConfigTable {
  expectDepth(header.key.keys.length, placeOf(header.key));
  let table = root;
  header.key.keys.forEach((key, at) => {
    const isNewItem = header.kind === "array" && at === header.key.keys.length - 1;
    table = isNewItem ? addItem(table, key) : openTable(table, key);
  });
  return table;
}

/** The table at `key`, or the last one if it is an array of tables; made if it is not there. */
function openTable(parent: ConfigTable, key: AST.TOMLBare | AST.TOMLQuoted): ConfigTable {
  const node = parent.entries.get(nameOf(key))?.node;
  if (node?.kind === "table") return node;
  const last = node?.kind === "array" ? node.items.at(-1) : undefined;
  if (last?.kind === "table") return last;
  if (node !== undefined) throw new Broken(placeOf(key), `${nameOf(key)} is already something else`);
  const table = emptyTable(placeOf(key));
  parent.entries.set(nameOf(key), { place: placeOf(key), node: table });
  return table;
}

function addItem(parent: ConfigTable, key: AST.TOMLBare | AST.TOMLQuoted): ConfigTable {
  const table = emptyTable(placeOf(key));
  const node = parent.entries.get(nameOf(key))?.node;
  if (node?.kind === "array") node.items.push(table);
  else if (node === undefined) {
    const place = placeOf(key);
    parent.entries.set(nameOf(key), { place, node: { kind: "array", place, items: [table] } });
  } else throw new Broken(placeOf(key), `${nameOf(key)} is already something else`);
  return table;
}

function addPair(table: ConfigTable, pair: AST.TOMLKeyValue, depth: number): void {
  const keys = [...pair.key.keys];
  const last = keys.pop();
  if (last === undefined) return;
  const parent = keys.reduce(openTable, table);
  parent.entries.set(nameOf(last), { place: placeOf(last), node: toNode(pair.value, depth + keys.length) });
}

function toNode(content: AST.TOMLContentNode, depth: number): ConfigNode {
  const place = placeOf(content);
  expectDepth(depth, place);
  if (content.type === "TOMLArray") {
    return { kind: "array", place, items: content.elements.map((one) => toNode(one, depth + 1)) };
  }
  if (content.type === "TOMLInlineTable") {
    const table = emptyTable(place);
    for (const pair of content.body) addPair(table, pair, depth + 1);
    return table;
  }
  switch (content.kind) {
    case "string":
      return { kind: "string", place, value: content.value };
    case "boolean":
      return { kind: "boolean", place, value: content.value };
    case "integer":
      if (content.bigint < MIN_INTEGER || content.bigint > MAX_INTEGER) {
        throw new Broken(place, `${content.number} does not fit into the 64 bits of an integer`);
      }
      return { kind: "integer", place, value: content.bigint };
    case "float":
      return { kind: "float", place, value: content.value, text: content.number };
    default:
      return { kind: "date-time", place, text: content.datetime };
  }
}

function expectDepth(depth: number, place: Place): void {
  if (depth > MAX_DEPTH) throw new Broken(place, `it is nested deeper than ${MAX_DEPTH} levels`);
}

function emptyTable(place: Place): ConfigTable {
  return { kind: "table", place, entries: new Map() };
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

function placeOf(node: { readonly loc: AST.SourceLocation }): Place {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}
