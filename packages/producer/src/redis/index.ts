// Internal to the RRQ packages: no promise is made for this subpath.
export { connect, type ConnectOptions } from "./connect.ts";
export {
  type BatchScript,
  type BatchScriptSpec,
  defineBatchScript,
  defineScript,
  type LuaFunction,
  type Script,
  type ScriptSpec,
} from "./define-script.ts";
export { mayPass, toRedisError } from "./redis-errors.ts";
export { describeAddress, parseDsn, type RedisAddress } from "./dsn.ts";
export type { DuplicateOptions, ListeningRedis, RedisLike } from "./redis-like.ts";
export { untilReady, type UntilReadyOptions } from "./until-ready.ts";
export { type CancelResult, requestCancel } from "../request-cancel.ts";
