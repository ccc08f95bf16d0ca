import { startOrchestrator } from "@rrq/orchestrator";
import { defineJob } from "@rrq/protocol";
import { keys } from "@rrq/protocol/redis";
import { createRegistry, inProcess, RetryAfter } from "@rrq/runner";
import { expect, test } from "vitest";
import { z } from "zod";
import { openStory } from "../testing/story.ts";

const greet = defineJob("greet", { params: z.object({ name: z.string() }), result: z.object({ greeting: z.string() }) });

test("[design §4] producer, orchestrator and handlers live in one process, and it can be left again", async () => {
  await using story = await openStory();
  const registry = createRegistry()
    .register(greet, ({ name }) => ({ greeting: `Hello, ${name}` }))
    .register("again", (_params, { attempt }) => {
      if (attempt < 3) throw new RetryAfter(0.01);
      return { attempt };
    })
    .register("fail", () => {
      throw new TypeError("boom");
    });
  const orchestrator = await startOrchestrator({
    settings: { redisDsn: story.database.url, baseRetryDelaySeconds: 0.01 },
    runners: { main: inProcess(registry) },
    log: silentLog,
  });
  try {
    const { producer } = story;
    const hello = await producer.enqueue(greet, { name: "Ada" });
    const again = await producer.enqueue("again", {});
    const fail = await producer.enqueue("fail", {}, { maxAttempts: 2 });
    expect(await producer.waitForJob(hello.jobId, { as: greet, timeoutSeconds: 15 })).toMatchObject({
      kind: "finished",
      job: { status: "COMPLETED", result: { greeting: "Hello, Ada" } },
    });
    expect(await producer.waitForJob(again.jobId, { timeoutSeconds: 15 })).toMatchObject({ job: { result: { attempt: 3 } } });
    expect(await producer.waitForJob(fail.jobId, { timeoutSeconds: 15 })).toMatchObject({ job: { status: "FAILED", error: "boom" } });
  } finally {
    await orchestrator.close();
  }
  expect(await story.database.redis.keys("rrq:active:*")).toEqual([]);
  expect(await story.database.redis.exists(keys.health(orchestrator.workerId))).toBe(0);
});

const silentLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
