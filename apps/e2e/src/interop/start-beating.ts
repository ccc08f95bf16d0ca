import { prefixes } from "@rrq/protocol/redis";
import { expect } from "vitest";
import type { Program } from "../program.ts";
import { eventually } from "../testing/eventually.ts";
import type { Story } from "../testing/story.ts";

/** Starts a worker of either kind as the first of its Redis, and waits for its heartbeat: upstream's leaves its runners behind if it is ended before. */
export async function startBeating(story: Story, command: readonly string[]): Promise<Program> {
  const worker = await story.start(command);
  await eventually(async () => expect(await story.database.redis.keys(`${prefixes.health}*`)).toHaveLength(1));
  return worker;
}
