import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { createStderrLog } from "../logs/stderr-log.ts";

// Logs more than a pipe holds, then once more when its stdin says so and stderr has taken what it will.
const log = createStderrLog(process.env);
const lines = Number(process.argv[2]);
for (let line = 1; line <= lines; line++) {
  log.info("storm", { line, text: "x".repeat(200) });
  if (line % 100 === 0) await setImmediate();
}
process.stdout.write("stormed\n");
await once(process.stdin, "data");
while (process.stderr.writableLength > 0) await setImmediate();
log.info("after the storm");
