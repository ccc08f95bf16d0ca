import type { LuaFunction } from "@rrq/producer/redis";

/** `isTime(text)`: whether it is an RFC 3339 instant that a calendar and a clock have, leap seconds too. */
export const isTime: LuaFunction = {
  name: "isTime",
  source: `
local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local function isTime(text)
  local year, month, day, hour, minute, second =
    string.match(text or "", "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)[%d.]*[Zz+-][%d:]*$")
  if not year or hour > "23" or minute > "59" or second > "60" or day == "00" then return false end
  local days = MONTH_DAYS[tonumber(month)]
  if month == "02" and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0) then days = 29 end
  return days ~= nil and tonumber(day) <= days
end`,
};
