// @ts-check
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** `@rrq/runner/testing` is published, other folders of that name are not. */
const TESTS = ["**/*.test.ts", "**/*.test-d.ts", "packages/!(runner)/src/testing/**", "packages/runner/src/test-support/**"];

/** Who may import whom, said as what is forbidden. */
const zones = [
  ...layers("packages", {
    protocol: ["runner", "producer", "orchestrator"],
    runner: ["producer", "orchestrator", "protocol/src/redis", "protocol/src/config"],
    producer: ["runner", "orchestrator", "protocol/src/wire"],
    orchestrator: ["runner"],
  }),
  ...layers("packages/protocol/src", { wire: ["redis", "config"], redis: ["wire", "config"], config: ["wire"] }),
  // Inside the orchestrator arrows point down and never up.
  ...layers("packages/orchestrator/src", {
    core: ["store", "runners", "inspect", "loops", "work-job.ts", "orchestrator.ts", "cli"],
    store: ["runners", "inspect", "loops", "work-job.ts", "orchestrator.ts", "cli"],
    runners: ["store", "inspect", "loops", "work-job.ts", "orchestrator.ts", "cli"],
    inspect: ["runners", "loops", "work-job.ts", "orchestrator.ts", "cli"],
    loops: ["orchestrator.ts", "cli"],
    "work-job.ts": ["loops", "orchestrator.ts", "cli"],
    "orchestrator.ts": ["cli"],
  }),
  { target: "./packages", from: "./apps", message: "Packages never import apps." },
];

/**
 * @param {string} folder
 * @param {Record<string, string[]>} forbidden
 */
function layers(folder, forbidden) {
  return Object.entries(forbidden).map(([target, from]) => ({
    target: `./${folder}/${target}`,
    from: from.map((name) => `./${folder}/${name}`),
    message: `imports go one way, and not from ${target} to here: the table is in eslint.config.js`,
  }));
}

const REAL_TIME = "Pure code takes the time as an argument, and waiting takes a Clock: only runtime/clock.ts touches these.";

const LIBRARIES = {
  redis: { regex: "^ioredis", message: "Only connect.ts opens connections.", allowTypeImports: true },
  toml: { regex: "^toml-", message: "Only protocol/config reads rrq.toml." },
  zod: { regex: "^zod", message: "Too slow for the way of a job: zod is for rrq.toml and for what people ask for." },
  node: { regex: "^node:", message: "core/ is pure." },
};

/**
 * Which libraries the files may not import. Of several calls that a file fits, the last holds.
 * @param {string} files
 * @param {(keyof typeof LIBRARIES)[]} names
 * @returns {import("eslint").Linter.Config}
 */
function forbidImports(files, names) {
  const timers = { regex: "^node:timers", message: REAL_TIME };
  const patterns = [timers, ...names.map((name) => LIBRARIES[name])];
  return { files: [files], ignores: TESTS, rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] } };
}

export default defineConfig(
  { ignores: ["**/dist/", "**/coverage/", "**/.turbo/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver-next": [
        createNodeResolver({ extensions: [".ts", ".js"], conditionNames: ["@rrq/source", "import", "default"] }),
      ],
    },
    rules: {
      "import-x/order": ["error", { alphabetize: { order: "asc", caseInsensitive: true }, named: true }],
      "import-x/no-duplicates": ["error", { "prefer-inline": true }],
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-exports": ["error", { fixMixedExportsWithInlineTypeSpecifier: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      // `() => {}` says "nothing" well enough.
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      // At a border the type of what others threw or gave is a hope.
      "@typescript-eslint/no-unnecessary-type-conversion": "off",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      // Where an empty text is as good as none, `||` is meant.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      // An async function that awaits nothing still turns what it throws into a rejection: that is why it is one.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "import-x/no-relative-packages": "error",
      "no-console": "error",
    },
  },
  { files: ["packages/*/src/**"], ignores: TESTS, rules: { "import-x/no-restricted-paths": ["error", { zones }] } },
  // There a value is often made for its type alone.
  { files: ["**/*.test-d.ts"], rules: { "@typescript-eslint/no-unused-vars": "off" } },
  { files: ["**/*.config.ts"], rules: { "import-x/no-default-export": "off" } },
  {
    files: ["packages/*/src/**"],
    ignores: [...TESTS, "packages/protocol/src/runtime/clock.ts"],
    rules: {
      "no-restricted-globals": ["error", ...["setTimeout", "setInterval"].map((name) => ({ name, message: REAL_TIME }))],
      "no-restricted-properties": [
        "error",
        ...[["Date", "now"], ["performance", "now"], ["AbortSignal", "timeout"], ["process", "hrtime"]].map(
          ([object, property]) => ({ object, property, message: REAL_TIME }),
        ),
      ],
      "no-restricted-syntax": ["error", { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: REAL_TIME }],
    },
  },
  forbidImports("packages/*/src/**", ["redis", "toml", "zod"]),
  forbidImports("packages/producer/src/redis/connect.ts", ["toml", "zod"]),
  forbidImports("packages/protocol/src/config/**", ["redis"]),
  forbidImports("packages/orchestrator/src/{cli,inspect}/**", ["redis", "toml"]),
  forbidImports("packages/orchestrator/src/core/**", ["redis", "toml", "zod", "node"]),
  {
    files: ["**/{utils,helpers,types,common}{,.test}.ts"],
    rules: { "no-restricted-syntax": ["error", { selector: "Program", message: "Put a thing where its idea lives." }] },
  },
);
