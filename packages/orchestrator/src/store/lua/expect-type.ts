import type { LuaFunction } from "@rrq/producer/redis";

/** `expectType(key, kind)`: an error that names the key if it holds another type. Called before a script's first write, since Lua is not rolled back. */
export const expectType: LuaFunction = {
  name: "expectType",
  source: `
local function expectType(key, kind)
  local found = redis.call("TYPE", key).ok
  if found ~= kind and found ~= "none" then error("WRONGTYPE " .. key .. " is a " .. found .. ", not a " .. kind, 0) end
end`,
};
