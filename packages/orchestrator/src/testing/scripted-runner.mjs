// A runner for tests that keeps to the protocol, and does what its function's name says. It knows nothing of our packages.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import { setInterval, setTimeout } from "node:timers";

const [host, port] = process.argv[process.argv.indexOf("--tcp-socket") + 1].split(":");
if (process.env.DIE_AT_START) {
  process.stderr.write("no database, no runner\n");
  process.exit(7);
}
if (process.env.IGNORE_TERM) process.on("SIGTERM", () => undefined);
if (process.env.PID_FILE) appendFileSync(process.env.PID_FILE, `${process.pid}\n`);
if (process.env.FORK_FILE) {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); process.on('SIGTERM', () => {})"], { stdio: "ignore" });
  writeFileSync(process.env.FORK_FILE, String(child.pid));
}
// Somebody else takes our port before we do, answers on it, and goes on when we are gone.
const isRobbed = process.env.THIEF_FILE !== undefined && !existsSync(process.env.THIEF_FILE);
if (isRobbed) {
  const code = "require('net').createServer(() => {}).listen(+process.argv[1], '127.0.0.1', () => console.log('listening'))";
  const thief = spawn(process.execPath, ["-e", code, port], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  writeFileSync(process.env.THIEF_FILE, String(thief.pid));
  thief.stdout.once("data", () => setTimeout(() => process.exit(98), Number(process.env.THIEF_MS)));
}

const send = (socket, message) => {
  const body = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  socket.write(Buffer.concat([header, body]));
};
const pending = new Map();

function handle(socket, { type, payload }) {
  const { job_id, request_id } = payload;
  const end = (result) => {
    pending.delete(request_id);
    send(socket, { type: "response", payload: { job_id, request_id, ...result } });
  };
  if (type === "cancel") {
    pending.get(request_id)?.();
    return;
  }
  switch (payload.function_name) {
    case "hold": // until it is cancelled
      pending.set(request_id, () => end({ status: "error", error: { message: "Job cancelled", type: "cancelled" } }));
      return;
    case "deaf": // for ever
      return;
    case "nap":
      setTimeout(() => end({ status: "success", result: "rested" }), payload.params.ms);
      return;
    case "hang up":
      socket.destroy();
      return;
    case "no frame":
      socket.write(Buffer.alloc(4));
      return;
    case "die":
      process.exit(3);
      return;
    case "env":
      end({ status: "success", result: { cwd: process.cwd(), env: process.env, pid: process.pid } });
      return;
    case "say":
      process.stdout.write(Buffer.from(payload.params.text, payload.params.encoding));
      process.stderr.write("and an error\n");
      end({ status: "success", result: null });
      return;
    default:
      end({ status: "success", result: process.pid });
  }
}

const server = createServer((socket) => {
  let bytes = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
      const length = bytes.readUInt32BE();
      const frame = JSON.parse(bytes.subarray(4, 4 + length).toString());
      bytes = bytes.subarray(4 + length);
      handle(socket, frame);
    }
  });
});
if (process.env.NEVER_LISTEN || isRobbed) setInterval(() => undefined, 1000);
else setTimeout(() => server.listen(Number(port), host), Number(process.env.START_MS ?? 0));
