import type { LuaFunction } from "@rrq/producer/redis";

/**
 * `dueTime(text, otherwise)`: epoch milliseconds of an RFC 3339 text, or `otherwise` if it is none.
 * Days from the civil date as in Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
export const dueTime: LuaFunction = {
  name: "dueTime",
  source: `
local function dueTime(text, otherwise)
  if not text then return otherwise end
  local year, month, day, hour, minute, second, rest = string.match(text, "^(%d%d%d%d)-(%d%d)-(%d%d)[Tt ](%d%d):(%d%d):(%d%d%.?%d*)(.*)$")
  if not year then return otherwise end
  local offset = 0
  if rest ~= "Z" and rest ~= "z" then
    local sign, offsetHours, offsetMinutes = string.match(rest, "^([+-])(%d%d):(%d%d)$")
    if not sign then return otherwise end
    offset = (offsetHours * 60 + offsetMinutes) * (sign == "-" and -1 or 1)
  end
  local shifted = month <= "02" and year - 1 or year + 0
  local era = math.floor(shifted / 400)
  local yearOfEra = shifted - era * 400
  local dayOfYear = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local days = era * 146097 + yearOfEra * 365 + math.floor(yearOfEra / 4) - math.floor(yearOfEra / 100) + dayOfYear - 719468
  local milliseconds = ((days * 24 + hour) * 60 + minute - offset) * 60000 + math.floor(second * 1000)
  return string.format("%.0f", milliseconds)
end`,
};
