import { runRunner } from "@rrq/runner";
import { demoHandlers } from "./handlers.ts";

await runRunner(demoHandlers());
