import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/interop/**/*.test.ts", "src/conformance/**/*.test.ts"],
    globalSetup: ["@rrq/private-redis/vitest", "src/upstream/setup.ts"],
    // Their processes wait more than they work.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
