import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@rrq/source", "node"] } },
  test: {
    include: ["src/**/*.test.ts"],
    // A limit for what hangs, also on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ["@rrq/private-redis/vitest"],
    typecheck: { enabled: true, include: ["src/**/*.test-d.ts"] },
  },
});
