import { describe, expect, test } from "vitest";
import { route } from "./route.ts";

const routes = { byQueue: new Map([["rrq:queue:mail", "node"]]), defaultRunner: "python" };

describe("[orchestrator §4] the runner and handler of a job", () => {
  test.each([
    ["the default runner", "send", "rrq:queue:default", { runner: "python", handler: "send" }],
    ["the runner of its queue", "send", "rrq:queue:mail", { runner: "node", handler: "send" }],
    ["the runner of its queue by bare name", "send", "mail", { runner: "node", handler: "send" }],
    ["the runner before the first #, whatever the queue", "rust#send", "mail", { runner: "rust", handler: "send" }],
    ["a # in the handler's name", "a#b#c", "mail", { runner: "a", handler: "b#c" }],
    ["no runner before the #", "#send", "mail", { runner: "node", handler: "send" }],
    ["no handler after the #", "rust#", "mail", null],
    ["no name at all", "", "mail", null],
  ])("%s", (_title, functionName, queue, expected) => {
    expect(route(functionName, queue, routes)).toEqual(expected);
  });
});
