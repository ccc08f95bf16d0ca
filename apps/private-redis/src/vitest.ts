import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { startPrivateRedis } from "./private-redis.ts";
import { openTestDatabase, type TestDatabase } from "./test-database.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The server that `globalSetup: ["@rrq/private-redis/vitest"]` started, without a database. */
    readonly redisUrl: string;
  }
}

/** As many test files as there may ever be at once, each with a database of its own. */
const DATABASES = 1024;

/** Vitest's global setup: one server for the run, the one of `RRQ_TEST_REDIS_DSN` or a private one. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPrivateRedis({ dsn: process.env["RRQ_TEST_REDIS_DSN"], databases: DATABASES });
  project.provide("redisUrl", server.url);
  return async () => server[Symbol.asyncDispose]();
}

/** For tests: a database of this file's own on the server of {@link setup}. */
export function openTestRedis(): Promise<TestDatabase> {
  return openTestDatabase(inject("redisUrl"));
}

export type { TestDatabase } from "./test-database.ts";
