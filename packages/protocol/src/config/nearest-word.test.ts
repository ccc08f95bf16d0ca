import { expect, test } from "vitest";
import { nearestWord } from "./nearest-word.ts";

const words = ["max_rescues", "tcp_port", "tcp_host", "pool_size", "default_max_retries", "default_job_timeout_seconds", "cmd"];

test.each<[word: string, meant: string | undefined]>([
  ["tcp_prt", "tcp_port"],
  ["tpc_host", "tcp_host"],
  ["poolsize", "pool_size"],
  ["Pool_Size", "pool_size"],
  ["comd", "cmd"],
  ["max_retries", "default_max_retries"],
  ["job_timeout", "default_job_timeout_seconds"],
  ["prt_tcp", undefined],
  ["defualt_max_retires", "default_max_retries"],
  ["x", undefined],
  ["", undefined],
  ["concurrency", undefined],
  ["default", undefined],
])("%j was meant to be %j [trap 48]", (word, meant) => {
  expect(nearestWord(word, words)).toBe(meant);
});
