import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@rrq/source", "node"] } },
  test: { include: ["src/**/*.test.ts"], globalSetup: ["./src/vitest.ts"], testTimeout: 30_000 },
});
