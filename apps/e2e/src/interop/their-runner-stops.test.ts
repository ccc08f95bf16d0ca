import { once } from "node:events";
import { connect } from "node:net";
import { freePort } from "@rrq/private-redis";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";
import { openFunnel } from "./funnel.ts";
import { openTheirRunnerStory, PYTHON, RUST, startedIn } from "./their-runner-story.ts";

/** The runner process that serves now. */
async function pidOf({ producer }: Story): Promise<unknown> {
  const { jobId } = await producer.enqueue("see", {});
  const end = await producer.waitForJob(jobId);
  return end.kind === "finished" ? (end.job.result as { pid: unknown }).pid : end;
}

for (const kind of [PYTHON, RUST]) {
  describe.skipIf(!kind.isHere)(`[design §1] [runner §5] under our orchestrator, upstream's ${kind.language} runner`, () => {
    test("[wire §8.5] [trap 13] is told of a job that overran its time: it alone ends, and process and neighbours go on", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { story, started } = opened;
      const pid = await pidOf(story);
      await story.producer.enqueueMany(["a", "b", "c"].map((id) => ({ job: "hold", options: { id } })));
      await story.producer.enqueue("hold", {}, { id: "long", timeoutSeconds: 1 });
      expect(await story.producer.waitForJob("long")).toMatchObject({
        job: { status: "FAILED", attempts: 1, error: expect.stringMatching(/timed out|deadline exceeded/i) as string },
      });
      expect(await started()).toEqual(["a-1", "b-1", "c-1", "long-1"]);
      expect(await pidOf(story)).toBe(pid);
      await story.openDoor();
      for (const id of ["a", "b", "c"]) expect(await story.producer.waitForJob(id)).toMatchObject({ job: { status: "COMPLETED", attempts: 1 } });
    });

    test("[wire §8.5] is told of a job that somebody cancels: it ends CANCELLED, and process and neighbour go on", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { story, started } = opened;
      const pid = await pidOf(story);
      await story.producer.enqueueMany(["unwanted", "neighbour"].map((id) => ({ job: "hold", options: { id } })));
      await eventually(async () => expect(await started()).toHaveLength(2));
      expect(await story.producer.cancel("unwanted")).toMatchObject({ kind: "requested" });
      expect(await story.producer.waitForJob("unwanted")).toMatchObject({ job: { status: "CANCELLED" } });
      expect(await pidOf(story)).toBe(pid);
      await story.openDoor();
      expect(await story.producer.waitForJob("neighbour")).toMatchObject({ job: { status: "COMPLETED", attempts: 1 } });
    });

    test("[wire §8.2] [design §8] is busy beyond 64 on one connection: that costs no attempt, and the jobs run when it has room", async () => {
      await using story = await openStory();
      const port = await freePort();
      const env = Object.entries({ ...kind.env, STORY_FOLDER: story.folder }).map(([name, value]) => `${name}=${value}`);
      await story.start(["env", ...env, ...kind.cmd, "--tcp-socket", `127.0.0.1:${port}`]);
      await eventually(async () => {
        const probe = connect(port, "127.0.0.1");
        await once(probe, "connect");
        probe.destroy();
      });
      await using funnel = await openFunnel(port);
      const config = await story.config({
        rrq: { runner_management_mode: "external" },
        runners: { main: { tcp_host: "127.0.0.1", tcp_port: funnel.port, max_in_flight: 70 } },
      });
      const worker = await story.startWorker(config);
      const ids = Array.from({ length: 70 }, (_, index) => `h${index}`);
      await story.producer.enqueueMany(ids.map((id) => ({ job: "hold", options: { id, maxAttempts: 1 } })));
      await eventually(async () => expect(await startedIn(story)).toHaveLength(64));
      await eventually(async () => {
        const refused = await Promise.all(ids.map((id) => story.database.redis.hget(keys.job(id), "last_error")));
        expect(refused).toContainEqual(expect.stringMatching(/busy/i));
      });
      await story.openDoor();
      const ends = await Promise.all(ids.map((id) => story.producer.waitForJob(id)));
      expect(ends).toMatchObject(ids.map(() => ({ job: { status: "COMPLETED", attempts: 1 } })));
      // Before the funnel, or the orchestrator would wait for who is gone.
      worker.signal("SIGTERM");
      expect(await worker.exited).toEqual({ code: 0 });
    });

    test("[runner §7] gets its jobs done while our orchestrator waits for them at its end", async () => {
      await using opened = await openTheirRunnerStory(kind, {}, { worker_shutdown_grace_period_seconds: 30, lease_seconds: 2 });
      const { story, started, worker } = opened;
      await story.producer.enqueueMany(["a", "b"].map((id) => ({ job: "hold", options: { id } })));
      await eventually(async () => expect(await started()).toHaveLength(2));
      worker.signal("SIGTERM");
      const workerId = (await story.producer.getJob("a"))?.workerId ?? "";
      await eventually(async () => expect(await story.database.redis.get(keys.health(workerId))).toContain("stopping"));
      await story.openDoor();
      expect(await worker.exited).toEqual({ code: 0 });
      for (const id of ["a", "b"]) expect(await story.producer.getJob(id)).toMatchObject({ status: "COMPLETED", attempts: 1 });
    });

    test("[runner §7] [redis §4.16] is ended when the grace is over, and its jobs wait for the next worker with all their attempts", async () => {
      await using opened = await openTheirRunnerStory(kind, {}, { worker_shutdown_grace_period_seconds: 0.2 });
      const { story, started, worker } = opened;
      await story.producer.enqueueMany(["a", "b"].map((id) => ({ job: "hold", options: { id } })));
      await eventually(async () => expect(await started()).toHaveLength(2));
      worker.signal("SIGTERM");
      expect(await worker.exited).toEqual({ code: 0 });
      for (const id of ["a", "b"]) expect(await story.producer.getJob(id)).toMatchObject({ status: "PENDING", attempts: 0 });
      expect(await story.database.redis.zcard(keys.queue("default"))).toBe(2);
      expect(await story.database.redis.keys("rrq:active:*")).toEqual([]);
    });

    test("[runner §1] that dies costs its jobs an attempt, and another takes its place", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { story, started } = opened;
      const pid = await pidOf(story);
      await story.producer.enqueue("hold", {}, { id: "a" });
      await eventually(async () => expect(await started()).toEqual(["a-1"]));
      process.kill(Number(pid), "SIGKILL");
      await eventually(async () => expect(await started()).toEqual(["a-1", "a-2"]));
      await story.openDoor();
      expect(await story.producer.waitForJob("a")).toMatchObject({ job: { status: "COMPLETED", attempts: 2, error: expect.stringMatching(/^Runner transport error: /) as string } });
      expect(await pidOf(story)).not.toBe(pid);
    });
  });
}
