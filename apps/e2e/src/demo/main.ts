import { play } from "./play.ts";
import { tellEnd } from "./tell.ts";
import { openView } from "./view.ts";

/** What a shell expects of a program that a signal ended. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const interrupted = new AbortController();
for (const [signal, code] of Object.entries(SIGNAL_CODES)) {
  process.on(signal, () => {
    // Once more: no patience left. Guards end the processes and remove the files.
    if (interrupted.signal.aborted) process.exit(code);
    process.exitCode = code;
    interrupted.abort();
  });
}

using view = openView();
try {
  const isGood = tellEnd(await play(view, interrupted.signal), view);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  view.follow(undefined);
  if (interrupted.signal.aborted) {
    view.say("Interrupted. Everything was stopped.");
  } else {
    view.say(view.paint.bad(`✗ ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  }
}
