import type { LuaFunction } from "@rrq/producer/redis";

/** Errors kept of one job, the bytes kept of each, and those of all together as JSON. */
const KEPT = 5;
const KEPT_LENGTH = 1_000;
const KEPT_BYTES = 8 * 1024;

/**
 * `countAttempt(job, reason, now)`: raises `current_retries`, whatever text stood there, and keeps the reason among
 * the job's last errors: a JSON list of `{at, attempt, message}`, the latest last.
 */
export const countAttempt: LuaFunction = {
  name: "countAttempt",
  source: `
local function countAttempt(job, reason, now)
  local held = redis.call("HMGET", job, "current_retries", "errors")
  local retries = tonumber(held[1]) or 0
  if not (retries >= 0 and retries < 2 ^ 53) then retries = 0 end
  local attempt = retries + 1
  local readable, kept = pcall(cjson.decode, held[2] or "[]")
  local errors = {}
  -- What is no list, or holds numbers that JSON cannot write, is not ours and would never fit.
  if readable and type(kept) == "table" and pcall(cjson.encode, kept) then
    for _, each in ipairs(kept) do errors[#errors + 1] = each end
  end
  local message = string.sub(reason, 1, ${KEPT_LENGTH})
  while #message > 0 and #message < #reason and string.byte(reason, #message + 1) >= 128 and string.byte(reason, #message + 1) < 192 do
    message = string.sub(message, 1, -2)
  end
  errors[#errors + 1] = { at = now, attempt = attempt, message = message }
  while #errors > ${KEPT} or (#errors > 1 and #cjson.encode(errors) > ${KEPT_BYTES}) do table.remove(errors, 1) end
  redis.call("HSET", job, "current_retries", string.format("%.0f", attempt), "errors", cjson.encode(errors))
end`,
};
