import { defineConfig } from "vitest/config";

// No condition for sources: what users run is what is built.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts"],
    exclude: ["src/interop/**", "src/conformance/**", "src/storm/**"],
    globalSetup: ["@rrq/private-redis/vitest"],
    // Their processes wait more than they work.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
