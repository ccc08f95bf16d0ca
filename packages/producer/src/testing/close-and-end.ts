// A program that uses everything of a producer, closes it and has nothing more to do. Says how many milliseconds it then still lived.
import { createProducer } from "../index.ts";

const [url = ""] = process.argv.slice(2);
const producer = createProducer({ redisUrl: url, giveUpAfterSeconds: 60 });
const quietly = (call: Promise<unknown>): Promise<unknown> => call.catch(() => undefined);
const wait = quietly(producer.enqueue("work", {}, { id: "a" }).then(() => producer.waitForJob("a", { timeoutSeconds: 600 })));
const look = quietly(producer.getJob("a"));

// The parent has Redis in the state it wants: go on, and close.
process.stdout.write("started\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
const closing = producer.close();
await Promise.all([closing, wait, look]);
const closedAt = performance.now();
process.on("exit", () => process.stdout.write(`${performance.now() - closedAt}\n`));
