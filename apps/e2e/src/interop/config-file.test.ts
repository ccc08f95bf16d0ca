import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { createProducer } from "@rrq/producer";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import type { ProgramEnd } from "../program.ts";
import { rrqCommand } from "../rrq-command.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";
import { freePortsInARow } from "./free-ports.ts";
import { useUpstreamClient } from "./upstream-client.ts";

const upstream = inject("upstream");
const theirCommand = [upstream?.rrq ?? ""];

/** As a fleet has it that moves over: what both read, and settings of ours that mean nothing to upstream. */
async function writeSharedFile(story: Story): Promise<string> {
  const { cmd, env } = await story.runner("main");
  const path = join(story.folder, "shared.toml");
  const text = `
[rrq]
redis_dsn = "${story.database.url}"
default_queue_name = "mail"
default_dlq_name = "letters"
default_runner_name = "main"
default_max_retries = 3
default_job_timeout_seconds = 77
default_result_ttl_seconds = 88
default_unique_job_lock_ttl_seconds = 99
default_poll_delay_seconds = 0.05
default_lock_timeout_extension_seconds = 30
base_retry_delay_seconds = 0.01
max_retry_delay_seconds = 1
runner_connect_timeout_ms = 10000
runner_shutdown_term_grace_seconds = 2
runner_enable_inflight_cancel_hints = true
capture_runner_output = true
worker_health_check_interval_seconds = 30
worker_health_check_ttl_buffer_seconds = 5
worker_shutdown_grace_period_seconds = 1
expected_job_ttl = 30
# Ours.
lease_seconds = 10
max_rescues = 2
retry_jitter = 0.1
retry_on_timeout = true
completion_stream = "always"
event_ttl_seconds = 66
redis_unavailable_exit_seconds = 60
abort_grace_ms = 1500
runner_pass_redis_dsn = true

[rrq.http]
port = 0

[rrq.runners.main]
type = "socket"
cmd = ${JSON.stringify(cmd)}
env = { ${Object.entries(env as Record<string, string>).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")} }
tcp_port = ${await freePortsInARow(4)}
pool_size = 2
max_in_flight = 4
response_timeout_seconds = 120

[rrq.runner_routes]
mail = "main"
"rrq:queue:news" = "main"

[rrq.correlation_mappings]
tenant = "params.tenant.id"

[[rrq.cron_jobs]]
function_name = "add"
schedule = "0 0 3 1 1 *"
queue_name = "news"
params = { a = 1, b = 2 }
unique = true
name = "new year"
timezone = "Europe/Berlin"
misfire = "once"

[rrq.watch]
include_patterns = ["*.ts", "*.toml"]
pre_restart_cmds = [["true"]]
`;
  await writeFile(path, text);
  return path;
}

/** Runs a command to its end, whatever that is. */
async function ask(story: Story, ...command: readonly string[]): Promise<{ readonly end: ProgramEnd; readonly output: string }> {
  const program = await story.start(command);
  const end = await program.exited;
  const { stdout, stderr } = program.output();
  return { end, output: stdout + stderr };
}

describe.skipIf(upstream === null)("[config §9] one rrq.toml for upstream 0.11.1 and ours", () => {
  const client = useUpstreamClient();

  test("[config §8] [redis §8] [trap 39] runs both orchestrators beside each other, and both see two workers", async () => {
    await using story = await openStory();
    const config = await writeSharedFile(story);
    const workers = [await story.start([...theirCommand, "worker", "run", "--config", config])];
    await workers[0]?.says(/runner listening[^]*runner listening/);
    // Ours steps over the ports that are taken.
    workers.push(await story.startWorker(config));
    await using ours = createProducer({ config });
    const theirs = client({ config_path: config });
    const ids = [
      ...(await ours.enqueueMany(Array.from({ length: 40 }, () => ({ job: "pause", params: { ms: 50 } })))).map((made) => ("jobId" in made ? made.jobId : null) ?? ""),
      ...(await Promise.all(Array.from({ length: 40 }, () => theirs("enqueue", "pause", { params: { ms: 50 } }) as Promise<string>))),
    ];
    const ends = await Promise.all(ids.map((id) => ours.waitForJob(id)));
    expect(ends).toMatchObject(ids.map(() => ({ job: { status: "COMPLETED", attempts: 1 } })));
    expect(new Set(ends.map((end) => "job" in end && end.job.workerId)).size).toBe(2);
    for (const command of [theirCommand, rrqCommand]) {
      expect((await ask(story, ...command, "check", "--config", config)).output).toContain("Found 2 active worker(s)");
    }
    const failed = await ours.enqueue("fail");
    expect(await ours.waitForJob(failed.jobId)).toMatchObject({ job: { status: "FAILED", attempts: 3 } });
    expect(await story.database.redis.lrange(keys.dlq("letters"), 0, -1)).toEqual([failed.jobId]);
    for (const worker of workers) {
      worker.signal("SIGTERM");
      expect(await worker.exited).toEqual({ code: 0 });
    }
  });

  test("[config §3.1] [producer §2] gives the producers of both the same settings", async () => {
    await using story = await openStory();
    const config = await writeSharedFile(story);
    await using ours = createProducer({ config });
    const theirs = client({ config_path: config });
    const params = { tenant: { id: "t-1" } };
    await ours.enqueue("work", params, { id: "a", idempotency: { key: "a" } });
    await theirs("enqueue_with_unique_key", "work", "b", { job_id: "b", params });
    const { redis } = story.database;
    const fields = ["queue_name", "max_retries", "job_timeout_seconds", "result_ttl_seconds", "correlation_context"] as const;
    const said = [keys.queue("mail"), "3", "77", "88", '{"tenant":"t-1"}'];
    expect([await redis.hmget(keys.job("a"), ...fields), await redis.hmget(keys.job("b"), ...fields)]).toEqual([said, said]);
    expect([await redis.ttl(keys.idempotency("a")), await redis.ttl(keys.idempotency("b"))]).toEqual([99, 99]);
  });

  test("[config §2] every verb of both reads it, and shows the same queues", async () => {
    await using story = await openStory();
    const config = await writeSharedFile(story);
    await using ours = createProducer({ config });
    await ours.enqueue("work", {}, { delaySeconds: 600 });
    await ours.enqueue("work", {}, { queue: "news", delaySeconds: 600 });
    const [ofTheirs, ofOurs] = [
      await ask(story, ...theirCommand, "queue", "list", "--config", config),
      await ask(story, ...rrqCommand, "queue", "list", "--config", config),
    ];
    expect([ofTheirs.end, ofOurs.end]).toEqual([{ code: 0 }, { code: 0 }]);
    const queues = (text: string): string[] => [...text.matchAll(/^(rrq:queue:\S+)\s+(\d+)/gm)].map(([, name, jobs]) => `${name} ${jobs}`).toSorted();
    expect(queues(ofOurs.output)).toEqual(["rrq:queue:mail 1", "rrq:queue:news 1"]);
    expect(queues(ofTheirs.output)).toEqual(queues(ofOurs.output));
  });

  test("[config §5] RRQ_REDIS_DSN and RRQ_CONFIG win for both", async () => {
    await using story = await openStory();
    await using elsewhere = await openStory();
    const config = await writeSharedFile(story);
    await elsewhere.producer.enqueue("work", {}, { queue: "elsewhere", delaySeconds: 600 });
    for (const command of [theirCommand, rrqCommand]) {
      const env = ["env", `RRQ_CONFIG=${config}`, `RRQ_REDIS_DSN=${elsewhere.database.url}`];
      const { end, output } = await ask(story, ...env, ...command, "queue", "list");
      expect(end).toEqual({ code: 0 });
      expect(output).toContain("rrq:queue:elsewhere");
    }
  });

  test("[config §3.2] a key of ours in a runner's table is refused by both: there is no place for one", async () => {
    await using story = await openStory();
    const config = await story.config({ runners: { main: await story.runner("main", { abort_grace_ms: 5 }) } });
    for (const command of [theirCommand, rrqCommand]) {
      const { end, output } = await ask(story, ...command, "queue", "list", "--config", config);
      expect(end).toEqual({ code: 1 });
      expect(output).toContain("abort_grace_ms");
    }
  });

  test("[config §9] a file of 0.10.7 and before is refused by 0.11.1; ours loads it, says so, and runs its jobs", async () => {
    await using story = await openStory();
    const { tcp_port: _port, ...table } = await story.runner("main");
    const config = await story.config({ runners: { main: { ...table, tcp_socket: `127.0.0.1:${await freePort()}` } } });
    const refused = await ask(story, ...theirCommand, "queue", "list", "--config", config);
    expect(refused.end).toEqual({ code: 1 });
    expect(refused.output).toContain("unknown field `tcp_socket`");
    const worker = await story.startWorker(config);
    expect(worker.output().stderr).toMatch(/tcp_socket.*0\.10\.7/);
    const { jobId } = await story.producer.enqueue("add", { a: 1, b: 1 });
    await eventually(async () => expect(await story.producer.getJob(jobId)).toMatchObject({ status: "COMPLETED" }));
  });
});
