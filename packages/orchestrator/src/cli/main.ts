#!/usr/bin/env node
import { createRequire } from "node:module";
import { CommanderError } from "commander";
import { errorLine, type ExitCode, exitCodes } from "./exit-code.ts";
import { endQuietlyOnHangUp } from "./output.ts";
import { buildProgram } from "./program.ts";

endQuietlyOnHangUp();
const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
let code: ExitCode = exitCodes.done;
const program = buildProgram(version, (ended) => {
  code = ended;
});
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    code = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    process.stderr.write(`${errorLine(error)}\n`);
    code = exitCodes.failed;
  }
}
process.exitCode = code;
