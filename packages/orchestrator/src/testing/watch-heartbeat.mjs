// A worker thread for tests: watches whether a worker's heartbeat is ever missing while the main thread is blocked.
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Redis } from "ioredis";

const redis = new Redis(workerData.dsn);
let [looks, missing] = [0, 0];
let stopped = false;
parentPort.on("message", () => {
  stopped = true;
});
while (!stopped) {
  looks++;
  if ((await redis.exists(workerData.key)) === 0) missing++;
  await sleep(20);
}
parentPort.postMessage({ looks, missing });
redis.disconnect();
parentPort.close();
