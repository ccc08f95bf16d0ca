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
export type { RedisLike } from "./redis-like.ts";
