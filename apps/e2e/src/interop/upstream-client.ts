import { afterAll, beforeAll, inject } from "vitest";
import { type ClientSettings, startUpstreamClient, type UpstreamClient } from "../upstream/client.ts";

/** Calls a method of upstream's client: {@link UpstreamClient.call}. */
export type CallTheirs = (method: string, ...args: readonly unknown[]) => Promise<unknown>;

/** One client process for the tests of a `describe`. Answers how to call it: by a Redis, or by all its settings. */
export function useUpstreamClient(): (where: string | ClientSettings) => CallTheirs {
  let client: UpstreamClient | undefined;
  beforeAll(async () => {
    const upstream = inject("upstream");
    if (upstream === null) throw new Error("without upstream these tests are left out");
    client = await startUpstreamClient(upstream.python);
  });
  afterAll(() => client?.[Symbol.asyncDispose]());
  return (where) => {
    const settings = typeof where === "string" ? { config: { redis_dsn: where } } : where;
    return (method, ...args) => {
      if (client === undefined) throw new Error("the client is there while tests run");
      return client.call(settings, method, ...args);
    };
  };
}
