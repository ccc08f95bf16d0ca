import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/inspect/index.ts", "src/cli/main.ts", "src/lease-thread.ts"],
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
  // rollup-plugin-dts sets baseUrl, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: "6.0", customConditions: [] } },
});
