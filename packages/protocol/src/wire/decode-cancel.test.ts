import { describe, expect, test } from "vitest";
import { cancelBody, decode, invalid } from "../testing/decoded.ts";

describe("[wire §3.5] a cancel", () => {
  const cancel = { kind: "cancel", protocolVersion: "2", jobId: "job-1", requestId: null, hardKill: false };
  test.each<[string, object, unknown]>([
    ["needs a job_id only", {}, cancel],
    ["request_id may be empty, which is an id", { request_id: "" }, { ...cancel, requestId: "" }],
    ["hard_kill is read", { hard_kill: true }, { ...cancel, hardKill: true }],
    ["protocol_version must not be null", { protocol_version: null }, invalid("cancel", /protocol_version must be a string/, { requestId: null })],
    ["hard_kill must be a boolean", { hard_kill: 0, request_id: "req-1" }, invalid("cancel", /hard_kill must be a boolean/)],
    ["request_id must not be a number", { request_id: 7 }, invalid("cancel", /request_id must be a string/, { requestId: null })],
  ])("%s", (_title, changes, message) => {
    expect(decode(cancelBody(changes))).toEqual(message);
  });
});
