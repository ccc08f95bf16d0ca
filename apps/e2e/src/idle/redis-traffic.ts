import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@rrq/producer/redis";

/** What a server was asked, while we looked. */
export interface RedisTraffic {
  /** Calls of clients. */
  readonly callsPerSecond: number;
  /** All that the server executed, the commands within scripts too. */
  readonly commandsPerSecond: number;
  /** Calls of clients by command. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Looks at a server for so many seconds. Whoever talks to it is counted, but for us. */
export async function watchTraffic(url: string, seconds: number): Promise<RedisTraffic> {
  const redis = await connect(url, { name: "traffic" });
  try {
    const monitor = await redis.monitor();
    const calls = new Map<string, number>();
    const count = (_time: string, [name = ""]: string[], source: string): void => {
      const command = name.toLowerCase();
      if (source !== "lua" && command !== "info") calls.set(command, (calls.get(command) ?? 0) + 1);
    };
    monitor.on("monitor", count);
    try {
      const before = await commandsSoFar();
      await sleep(seconds * 1_000); // the length of the look is what is asked for
      const commands = (await commandsSoFar()) - before - 1; // that one look is ours
      const total = [...calls.values()].reduce((sum, one) => sum + one, 0);
      return { callsPerSecond: total / seconds, commandsPerSecond: commands / seconds, calls: Object.fromEntries(calls) };
    } finally {
      monitor.disconnect();
    }
  } finally {
    redis.disconnect();
  }

  async function commandsSoFar(): Promise<number> {
    const [, text] = /^total_commands_processed:(\d+)/m.exec(await redis.info("stats")) ?? [];
    return Number(text);
  }
}
