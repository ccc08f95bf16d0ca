import { createHash } from "node:crypto";
import { RrqError } from "@rrq/protocol";
import type { RedisLike } from "./redis-like.ts";

/** A Lua function that several scripts share. `source` defines it as `local function <name>`. */
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
  /** The body of a function of one job, which returns its reply. */
  readonly lua: string;
  /** Reads the reply about one job. What Redis refused for this job arrives as an `RrqError` in `failed`. */
  readonly reply: (raw: unknown) => Reply;
}

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
  /** One reply for each item, in order; an `RrqError` where Redis refused that one. */
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
  const call = prepare(spec.name, lua);
  return {
    name: spec.name,
    lua,
    run: async (redis, values) =>
      spec.reply(await call(redis, pick(spec.keys, values), pick(spec.args, values))),
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
  const slots = [
    ...each.keys.map((_, index) => `KEYS[${spec.keys.length} + at * ${each.keys.length} + ${index + 1}]`),
    ...each.args.map((_, index) => `ARGV[${spec.args.length + 1} + at * ${each.args.length} + ${index + 1}]`),
  ];
  const lua = `${preamble(spec)}
local function each(${[...each.keys, ...each.args].join(", ")})
${spec.lua}
end
local replies = {}
for at = 0, tonumber(ARGV[${spec.args.length + 1}]) - 1 do
  local ok, reply = pcall(each, ${slots.join(", ")})
  if not ok then reply = {"${FAILED}", type(reply) == "table" and reply.err or tostring(reply)} end
  replies[at + 1] = reply
end
return replies`;
  const call = prepare(spec.name, lua);
  return {
    name: spec.name,
    lua,
    run: async (redis, values, items) => {
      if (items.length === 0) return [];
      const keys = pick(spec.keys, values);
      const args = [...pick(spec.args, values), items.length];
      for (const item of items) {
        for (const name of each.keys) keys.push(item[name]);
        for (const name of each.args) args.push(item[name]);
      }
      const raw = await call(redis, keys, args);
      if (!Array.isArray(raw) || raw.length !== items.length) {
        throw new RrqError("REDIS_UNSUPPORTED", `script ${spec.name} answered in a form it never returns`);
      }
      return raw.map((one: unknown) =>
        Array.isArray(one) && one[0] === FAILED ? refusal(spec.name, String(one[1])) : spec.reply(one),
      );
    },
  };
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

function pick<Name extends string>(names: readonly Name[], values: Values<Name>): (string | number)[] {
  return names.map((name) => values[name]);
}

function prepare(name: string, lua: string) {
  const sha = createHash("sha1").update(lua).digest("hex");
  return async (redis: RedisLike, keys: (string | number)[], args: (string | number)[]): Promise<unknown> => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw asRefusal(name, error);
    }
    try {
      return await redis.eval(lua, keys.length, ...keys, ...args);
    } catch (error) {
      throw asRefusal(name, error);
    }
  };
}

/** What Redis itself refused becomes ours; a broken connection stays what it is. */
function asRefusal(script: string, error: unknown): unknown {
  return error instanceof Error && error.name === "ReplyError" ? refusal(script, error.message, error) : error;
}

/** The scripts say this for a key of another type, before they write anything: the rest of the text is the key. */
const WRONG_TYPE = "WRONGTYPE ";

function refusal(script: string, text: string, cause?: Error): RrqError {
  const code = text.includes(WRONG_TYPE) ? "WRONG_TYPE" : "REDIS_REFUSED";
  return new RrqError(code, `Redis refused ${script}: ${text}`, { cause });
}
