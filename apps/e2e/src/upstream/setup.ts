import type { TestProject } from "vitest/node";
import { openUpstream, type Upstream } from "./environment.ts";
import { findCargo } from "./find-cargo.ts";
import { findPython } from "./find-python.ts";
import { openRustRunner } from "./rust-runner.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** `null` on a machine without a fitting Python. */
    readonly upstream: Upstream | null;
    /** A program on upstream's Rust runner; `null` on a machine without a fitting Cargo. */
    readonly rustRunner: string | null;
  }
}

const NO_PYTHON = "no Python ≥ 3.11 with its venv module on PATH (python3, python3.11 …): install one to run upstream beside ours";
const NO_CARGO = "no cargo ≥ 1.85 on PATH: install one to run upstream's Rust runner under our orchestrator";

/** Vitest's global setup. Without Python the tests are left out, with a word, and in CI that is a failure; without Cargo those of the Rust runner. */
export async function setup(project: TestProject): Promise<void> {
  const [python, cargo] = await Promise.all([findPython(), findCargo()]);
  if (python === undefined && process.env["CI"]) throw new Error(NO_PYTHON);
  if (python === undefined) project.vitest.logger.warn(`The interop tests are left out: ${NO_PYTHON}`);
  if (cargo === undefined) project.vitest.logger.warn(`The tests of the Rust runner are left out: ${NO_CARGO}`);
  const [upstream, rustRunner] = await Promise.all([
    python === undefined ? null : openUpstream(python),
    cargo === undefined ? null : openRustRunner(cargo),
  ]);
  project.provide("upstream", upstream);
  project.provide("rustRunner", rustRunner);
}
