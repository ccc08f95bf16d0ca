import type { Clock } from "@rrq/protocol/runtime";

/** Whether processes of upstream's share this Redis, as far as we can tell. */
export interface UpstreamSigns {
  /** Something of upstream's was met: a job of its producer, or the active set of its worker. */
  readonly met: () => void;
  /** Whether anything was met within the last hour. */
  readonly about: () => boolean;
}

const EXPECT_MORE_MS = 60 * 60_000;

export function watchForUpstream(clock: Clock): UpstreamSigns {
  let until = -Infinity;
  return {
    met: () => {
      until = clock.monotonic() + EXPECT_MORE_MS;
    },
    about: () => clock.monotonic() < until,
  };
}
