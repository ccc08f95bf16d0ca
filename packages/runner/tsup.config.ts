import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/testing/index.ts"],
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
  // rollup-plugin-dts sets baseUrl, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: "6.0", customConditions: [] } },
});
