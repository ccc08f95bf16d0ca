// A runner that keeps to the protocol and says what the job's params tell it to, whatever that is. It knows none of our packages,
// so that both orchestrators are held against the same thing. `says` is a list, one answer for each attempt, the last for all that follow.
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const address = process.argv[process.argv.indexOf("--tcp-socket") + 1] ?? "";
const [host = "", port = ""] = address.split(":");

/** @type {Set<string>} */
const cancelled = new Set();

/**
 * @param {import("node:net").Socket} socket
 * @param {{ type: string, payload: any }} message
 */
async function answer(socket, { type, payload }) {
  if (type === "cancel") {
    cancelled.add(payload.request_id);
    return;
  }
  const says = payload.params.says ?? [{ status: "success", result: null }];
  const { attempt } = payload.context;
  const { die, sleep_ms: sleepMs = 0, ...outcome } = says[Math.min(attempt, says.length) - 1];
  if (die) process.exit(3);
  for (let slept = 0; slept < sleepMs && !cancelled.has(payload.request_id); slept += 10) await sleep(10);
  const { job_id, request_id } = payload;
  const wasCancelled = { status: "error", error: { message: "Job cancelled", type: "cancelled" } };
  const told = cancelled.has(request_id) ? wasCancelled : outcome;
  const body = Buffer.from(JSON.stringify({ type: "response", payload: { job_id, request_id, ...told } }));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  socket.write(Buffer.concat([header, body]));
}

createServer((socket) => {
  let bytes = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
      const length = bytes.readUInt32BE();
      const message = JSON.parse(bytes.subarray(4, 4 + length).toString());
      bytes = bytes.subarray(4 + length);
      void answer(socket, message);
    }
  });
}).listen(Number(port), host);
