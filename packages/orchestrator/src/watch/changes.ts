import { relative, sep } from "node:path";
import { systemClock } from "@rrq/protocol/runtime";
import { watch } from "chokidar";
import type { ChangeFilter } from "./change-filter.ts";

/** Changes of files under a folder. */
export interface Changes extends AsyncDisposable {
  /** The next one that counts: what happened, and where. One that nobody waited for is given at once. */
  next(): Promise<string>;
  /** Resolves once nothing has changed for 200 ms; changes until then are forgotten. */
  quiet(signal: AbortSignal): Promise<void>;
}

const QUIET_MS = 200;
/** Never looked into: they are large, and nothing in them is the user's own. */
const NEVER = /(^|\/)(node_modules|\.git)(\/|$)/;

/** Watches the folder and all below it. Resolves once it does. */
export async function openChanges(root: string, filter: ChangeFilter): Promise<Changes> {
  const pathOf = (path: string): string => relative(root, path).split(sep).join("/");
  const watcher = watch(root, { ignoreInitial: true, ignored: (path) => NEVER.test(pathOf(path)) });
  let pending: string | null = null;
  let lastAt = -Infinity;
  let tell: ((change: string) => void) | null = null;
  watcher.on("all", (event, path) => {
    if (event === "addDir" || event === "unlinkDir" || !filter(pathOf(path))) return;
    lastAt = systemClock.monotonic();
    const change = `event=${event}, path=${pathOf(path)}`;
    if (tell === null) pending ??= change;
    else tell(change);
    tell = null;
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once("ready", resolve);
    watcher.once("error", reject);
  });
  return {
    next: () => {
      const change = pending;
      pending = null;
      if (change !== null) return Promise.resolve(change);
      return new Promise((resolve) => {
        tell = resolve;
      });
    },
    quiet: async (signal) => {
      for (;;) {
        const left = lastAt + QUIET_MS - systemClock.monotonic();
        if (left <= 0 || signal.aborted) break;
        await systemClock.sleep(left, signal);
      }
      pending = null;
    },
    [Symbol.asyncDispose]: () => watcher.close(),
  };
}
