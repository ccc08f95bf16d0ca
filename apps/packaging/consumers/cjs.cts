import protocol = require("@rrq/protocol");
import runner = require("@rrq/runner");

const registry = runner.createRegistry();
registry.register("greet", () => protocol.outcome.success("hello"));

export const closing: Promise<void> = runner.inProcess(registry).close();
