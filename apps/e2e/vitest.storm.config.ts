import { defineConfig } from "vitest/config";

// A minute of faults: a project of its own, so that the quick tests stay quick.
export default defineConfig({ test: { include: ["src/storm/**/*.test.ts"] } });
