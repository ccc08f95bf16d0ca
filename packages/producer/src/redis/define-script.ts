import { createHash } from "node:crypto";
import { RrqError } from "@rrq/protocol";
import { isReply, toRedisError, toRefusal } from "./redis-errors.ts";
import type { RedisLike } from "./redis-like.ts";

/**
 * Lua that several scripts share: `source` defines `local function <name>`, and may define more beside it.
 * It sees the KEYS and ARGV of the script by their names.
 */
export interface LuaFunction {
  readonly name: string;
  readonly source: string;
  readonly uses?: readonly LuaFunction[];
}

type Values<Names extends string> = Readonly<Record<Names, string | number>>;

interface ScriptParts<Key extends string, Arg extends string> {
  /** What the script calls itself in logs and `SLOWLOG`. */
  readonly name: string;
  /** Names of KEYS, in order: each is a local of the Lua code. */
  readonly keys: readonly Key[];
  /** Names of ARGV, in order: each is a local of the Lua code. Everything arrives as text. */
  readonly args: readonly Arg[];
  readonly uses?: readonly LuaFunction[];
}

/** A script that does one thing. */
export interface ScriptSpec<Key extends string, Arg extends string, Reply> extends ScriptParts<Key, Arg> {
  readonly lua: string;
  readonly reply: (raw: unknown) => Reply;
}

/** A script that does the same to each of many jobs, in one call. An error with one of them leaves the others alone. */
export interface BatchScriptSpec<
  Key extends string,
  Arg extends string,
  EachKey extends string,
  EachArg extends string,
  Reply,
> extends ScriptParts<Key, Arg> {
  readonly each: { readonly keys: readonly EachKey[]; readonly args: readonly EachArg[] };
  /** The body of a function of one job, which returns its reply: anything but `nil`. */
  readonly lua: string;
  /** Lua that runs once, after the last job. An error in it fails the call, so it must not. */
  readonly after?: string;
  /** Reads the reply about one job; it is not asked about a job that Redis refused. */
  readonly reply: (raw: unknown) => Reply;
}

/** Rejects with `REDIS_UNAVAILABLE` (not sent, or fate unknown), `REDIS_REFUSED` or `WRONG_TYPE`. */
export interface Script<Key extends string, Arg extends string, Reply> {
  readonly name: string;
  readonly lua: string;
  run(redis: RedisLike, values: Values<Key | Arg>): Promise<Reply>;
}

export interface BatchScript<
  Key extends string,
  Arg extends string,
  EachKey extends string,
  EachArg extends string,
  Reply,
> {
  readonly name: string;
  readonly lua: string;
  /** One reply for each item, in order; an `RrqError` where Redis refused that one. Rejects as {@link Script.run} if the whole call failed. */
  run(
    redis: RedisLike,
    values: Values<Key | Arg>,
    each: readonly Values<EachKey | EachArg>[],
  ): Promise<(Reply | RrqError)[]>;
}

/** First element of a reply about one job that failed inside a batch; the second is the text. */
const FAILED = "!rrq-failed";

/** A Lua script with its KEYS and ARGV by name, so that nobody counts positions. Sent by its SHA, loaded when Redis lacks it. */
export function defineScript<Key extends string, Arg extends string, Reply>(
  spec: ScriptSpec<Key, Arg, Reply>,
): Script<Key, Arg, Reply> {
  const lua = [preamble(spec), spec.lua].join("\n");
  const call = prepare(spec.name, lua, spec.reply);
  return {
    name: spec.name,
    lua,
    run: (redis, values) => {
      const texts: string[] = [];
      pick(spec.keys, values, texts);
      pick(spec.args, values, texts);
      return call(redis, spec.keys.length, texts);
    },
  };
}

/** As {@link defineScript}, for one or many jobs in one call. */
export function defineBatchScript<
  Key extends string,
  Arg extends string,
  EachKey extends string,
  EachArg extends string,
  Reply,
>(
  spec: BatchScriptSpec<Key, Arg, EachKey, EachArg, Reply>,
): BatchScript<Key, Arg, EachKey, EachArg, Reply> {
  const { each } = spec;
  const lua = [preamble(spec), loop(spec)].join("\n");
  const call = prepare(spec.name, lua, (raw): (Reply | RrqError)[] => {
    if (!Array.isArray(raw)) throw malformed(spec.name);
    return raw.map((one: unknown) =>
      Array.isArray(one) && one[0] === FAILED ? toRefusal(spec.name, String(one[1])) : spec.reply(one),
    );
  });
  return {
    name: spec.name,
    lua,
    run: async (redis, values, items) => {
      if (items.length === 0) return [];
      const texts: string[] = [];
      pick(spec.keys, values, texts);
      for (const item of items) pick(each.keys, item, texts);
      const keyCount = texts.length;
      pick(spec.args, values, texts);
      texts.push(String(items.length));
      for (const item of items) pick(each.args, item, texts);
      const replies = await call(redis, keyCount, texts);
      if (replies.length !== items.length) throw malformed(spec.name);
      return replies;
    },
  };
}

/**
 * Calls `each` for every job and catches what it throws. A replica refuses to write for all jobs alike: that fails the call,
 * so that the client sees it and looks for the new master.
 */
function loop(spec: BatchScriptSpec<string, string, string, string, unknown>): string {
  const { keys, args, each } = spec;
  const slots = [
    ...each.keys.map((_, index) => `KEYS[${keys.length + index + 1} + at * ${each.keys.length}]`),
    ...each.args.map((_, index) => `ARGV[${args.length + index + 2} + at * ${each.args.length}]`),
  ];
  return `
local function each(${[...each.keys, ...each.args].join(", ")})
${spec.lua}
end
local replies = {}
for at = 0, tonumber(ARGV[${args.length + 1}]) - 1 do
  local ok, reply = pcall(each, ${slots.join(", ")})
  if not ok then
    local text = type(reply) == "table" and reply.err or tostring(reply)
    local replica = string.match(text, "READONLY You can't write.*")
    if replica then return redis.error_reply(replica) end
    reply = {"${FAILED}", text}
  end
  replies[at + 1] = reply
end
${spec.after ?? ""}
return replies`;
}

function preamble(spec: ScriptParts<string, string>): string {
  const shared = new Map<string, string>();
  const collect = (lua: LuaFunction): void => {
    lua.uses?.forEach(collect);
    shared.set(lua.name, lua.source.trim());
  };
  spec.uses?.forEach(collect);
  return [
    `-- rrq ${spec.name}`,
    ...spec.keys.map((name, index) => `local ${name} = KEYS[${index + 1}]`),
    ...spec.args.map((name, index) => `local ${name} = ARGV[${index + 1}]`),
    ...shared.values(),
  ].join("\n");
}

function pick<Name extends string>(names: readonly Name[], values: Values<Name>, into: string[]): void {
  for (const name of names) into.push(String(values[name]));
}

/** By SHA, which is short; the text goes over the wire only when Redis does not have it: then it executed nothing. */
function prepare<Reply>(name: string, lua: string, readReply: (raw: unknown) => Reply) {
  const sha = createHash("sha1").update(lua).digest("hex");
  const fail = (error: unknown): never => {
    throw toRedisError(name, error);
  };
  return (redis: RedisLike, keyCount: number, texts: string[]): Promise<Reply> =>
    redis.evalsha(sha, keyCount, texts).then(readReply, (error: unknown) =>
      isReply(error) && error.message.startsWith("NOSCRIPT") ? redis.eval(lua, keyCount, texts).then(readReply, fail) : fail(error),
    );
}

function malformed(script: string): RrqError {
  return new RrqError("REDIS_UNSUPPORTED", `script ${script} answered in a form it never returns`);
}
