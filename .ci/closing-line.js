// Adds up what each package's vitest wrote, and the stages of .ci/run; fails if anything did.
// usage: node closing-line.js <stages> <failed stages>
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [stages, failedStages] = process.argv.slice(2).map(Number);

const folders = ["packages", "apps"].flatMap((parent) => readdirSync(parent).map((name) => join(parent, name, ".turbo")));
const results = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => file.endsWith("-results.json"))
  .map((file) => JSON.parse(readFileSync(file, "utf8")));

let passed = stages - failedStages;
let failed = failedStages;
for (const { numPassedTests, numFailedTests } of results) {
  passed += numPassedTests;
  failed += numFailedTests;
}

process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
