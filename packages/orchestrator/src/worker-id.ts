import { randomBytes } from "node:crypto";

/** A new worker's id, in upstream's form: `rrq_worker_<pid>_<6 hex digits>`. */
export function newWorkerId(): string {
  return `rrq_worker_${process.pid}_${randomBytes(3).toString("hex")}`;
}
