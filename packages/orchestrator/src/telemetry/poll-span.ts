import type { Tracing } from "./job-span.ts";

/** The span `rrq.poll_cycle` of one round of claims, and `rrq.claim` below it for each call. Both are of level debug. */
export interface PollSpan {
  /** Answers what ends it. */
  startClaim(queue: string, pass: number, requested: number): (claimed: number, durationMs: number) => void;
  end(fetched: number): void;
}

export function startPollSpan({ api, tracer, workerId }: Tracing, requested: number): PollSpan {
  // A string here, and integers beside it: upstream's types.
  const attributes = { "rrq.worker_id": workerId, "rrq.requested": String(requested) };
  const span = tracer.startSpan("rrq.poll_cycle", { attributes }, api.ROOT_CONTEXT);
  const within = api.trace.setSpan(api.ROOT_CONTEXT, span);
  return {
    startClaim: (queue, pass, most) => {
      const asked = { "rrq.queue": queue, "rrq.pass": pass, "rrq.requested": String(most) };
      const claim = tracer.startSpan("rrq.claim", { attributes: asked }, within);
      return (claimed, durationMs) => {
        claim.setAttributes({ "rrq.claimed": claimed, "rrq.claim_ms": durationMs });
        claim.end();
      };
    },
    end: (fetched) => {
      span.setAttribute("rrq.fetched", fetched);
      span.end();
    },
  };
}
