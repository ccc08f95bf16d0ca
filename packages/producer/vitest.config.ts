import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@rrq/source", "node"] } },
  test: {
    testTimeout: 20_000,
    include: ["src/**/*.test.ts"],
    globalSetup: ["@rrq/private-redis/vitest"],
    typecheck: { enabled: true, include: ["src/**/*.test-d.ts"] },
  },
});
