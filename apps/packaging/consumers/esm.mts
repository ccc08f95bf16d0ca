import { startOrchestrator } from "@rrq/orchestrator";
import { createProducer } from "@rrq/producer";
import { defineJob, RrqError } from "@rrq/protocol";
import { createRegistry, inProcess, NonRetryable } from "@rrq/runner";

const greet = defineJob("greet", { maxAttempts: 3 });

const registry = createRegistry();
registry.register(greet, (_params, context) => {
  if (context.signal.aborted) throw new NonRetryable("too late");
  return { greeted: context.jobId, at: context.attempt.toFixed() };
});

/** Never called: compiled and bundled, to see that the types and the modules fit together. */
export async function greetOnce(redisUrl: string): Promise<string> {
  await using orchestrator = await startOrchestrator({ config: "rrq.toml", runners: { main: inProcess(registry) } });
  await using producer = createProducer({ redisUrl });
  try {
    const answer = await producer.enqueue(greet, { name: "Ada" });
    return `${orchestrator.workerId} ${answer.jobId}`;
  } catch (error) {
    if (RrqError.is(error, "REDIS_UNAVAILABLE")) return error.message;
    throw error;
  }
}
