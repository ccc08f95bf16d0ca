import { keys } from "@rrq/protocol/redis";

/** Which runner and which of its handlers a job's function name means. */
export interface Route {
  readonly runner: string;
  readonly handler: string;
}

export interface Routes {
  /** Queue key → runner. */
  readonly byQueue: ReadonlyMap<string, string>;
  readonly defaultRunner: string;
}

/** The runner named before the first `#`, if any; and the handler. `#h` names no runner. */
function splitFunctionName(functionName: string): { runner: string | null; handler: string } {
  const hash = functionName.indexOf("#");
  if (hash < 0) return { runner: null, handler: functionName };
  return { runner: functionName.slice(0, hash) || null, handler: functionName.slice(hash + 1) };
}

/** The runner of a queue's jobs that name none. Takes a bare name or a full key. */
export function runnerOfQueue(queue: string, routes: Routes): string {
  return routes.byQueue.get(keys.queue(queue)) ?? routes.defaultRunner;
}

/** Prefix, then queue, then default; `null` when no handler is named. */
export function route(functionName: string, queue: string, routes: Routes): Route | null {
  const { runner, handler } = splitFunctionName(functionName);
  if (handler === "") return null;
  return { runner: runner ?? runnerOfQueue(queue, routes), handler };
}
