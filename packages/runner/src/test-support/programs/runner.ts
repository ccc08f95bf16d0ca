// A runner program. RUNNER_OPTIONS: options of `runRunner` as JSON.
import { setTimeout } from "node:timers/promises";
import { createRegistry, runRunner, type RunRunnerOptions } from "../../index.ts";

const registry = createRegistry()
  .register("echo", (params) => params)
  .register("sleep", async ({ ms }: { ms: number }, { signal }) => {
    await setTimeout(ms, undefined, { signal });
    return "slept";
  })
  .register("deaf", () => new Promise(() => undefined))
  .register("throw outside", async (_params, { signal }) => {
    setImmediate(() => {
      throw new Error("thrown outside");
    });
    await setTimeout(60_000, undefined, { signal });
  })
  .register("reject outside", async () => {
    void Promise.reject(new Error("rejected outside"));
    await setTimeout(50);
    return "and yet it ended";
  });

const options = JSON.parse(process.env["RUNNER_OPTIONS"] ?? "{}") as RunRunnerOptions & { close?: "log" | "throw" | "hang" };
// Something that would keep the process alive: a runner ends all the same.
setInterval(() => undefined, 60_000);

await runRunner(registry, {
  ...options,
  onClose: async () => {
    if (options.close === "log") process.stderr.write("closed pools\n");
    if (options.close === "throw") throw new Error("pools are stuck");
    if (options.close === "hang") await new Promise(() => undefined);
  },
});
