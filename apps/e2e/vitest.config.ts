import { defineConfig } from "vitest/config";

// No condition for sources: what users run is what is built.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts"],
    exclude: ["src/interop/**"],
    globalSetup: ["@rrq/private-redis/vitest"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
