import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.ts";

const DSN = "redis://:secret@h";
const place = { address: "127.0.0.1:9000", parentPid: 7 };
const OURS = { RRQ_RUNNER_TCP_SOCKET: "127.0.0.1:9000", RRQ_RUNNER_PARENT_PID: "7" };

test.each<[string, Parameters<typeof childEnvironment>[0], Record<string, string>]>([
  ["what is inherited, with the runner's own on top", { ...place, inherited: { A: "1", B: "1" }, own: { B: "2" }, passRedisDsn: false }, { A: "1", B: "2" }],
  ["no DSN", { ...place, inherited: { RRQ_REDIS_DSN: DSN }, own: {}, passRedisDsn: false }, {}],
  ["the DSN, if it was asked for", { ...place, inherited: { RRQ_REDIS_DSN: DSN }, own: {}, passRedisDsn: true }, { RRQ_REDIS_DSN: DSN }],
  ["none that is not there", { ...place, inherited: {}, own: {}, passRedisDsn: true }, {}],
  ["the DSN of the runner's own table", { ...place, inherited: { RRQ_REDIS_DSN: DSN }, own: { RRQ_REDIS_DSN: "redis://own" }, passRedisDsn: false }, { RRQ_REDIS_DSN: "redis://own" }],
  ["the address is ours to say", { ...place, inherited: { RRQ_RUNNER_TCP_SOCKET: "x" }, own: { RRQ_RUNNER_PARENT_PID: "1" }, passRedisDsn: false }, {}],
])("[trap 57] [runner §2] a runner finds %s", (_title, options, expected) => {
  expect(childEnvironment(options)).toEqual({ ...expected, ...OURS });
});
