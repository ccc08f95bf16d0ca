import type { TestProject } from "vitest/node";
import { openUpstream, type Upstream } from "./environment.ts";
import { findPython } from "./find-python.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** `null` on a machine without a fitting Python. */
    readonly upstream: Upstream | null;
  }
}

const NO_PYTHON = "no Python ≥ 3.11 with its venv module on PATH (python3, python3.11 …): install one to run upstream beside ours";

/** Vitest's global setup. Without Python the tests are left out, with a word; in CI that is a failure. */
export async function setup(project: TestProject): Promise<void> {
  const python = await findPython();
  if (python !== undefined) {
    project.provide("upstream", await openUpstream(python));
    return;
  }
  if (process.env["CI"]) throw new Error(NO_PYTHON);
  project.vitest.logger.warn(`The interop tests are left out: ${NO_PYTHON}`);
  project.provide("upstream", null);
}
