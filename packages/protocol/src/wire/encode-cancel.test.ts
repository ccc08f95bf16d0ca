import { describe, expect, test } from "vitest";
import { goldenFrames } from "../testing/golden-frames.ts";
import { encodeCancel } from "./encode-cancel.ts";

describe("[wire §3.5] a cancel", () => {
  test.each<[string, Parameters<typeof encodeCancel>[0], string]>([
    ["of one request", { jobId: "job-1", requestId: "req-1" }, goldenFrames["cancel-request"]],
    ["of a job", { jobId: "job-1", requestId: null }, goldenFrames["cancel-job"]],
    ["with an empty id, which is one", { jobId: "", requestId: "" }, '{"type":"cancel","payload":{"protocol_version":"2","job_id":"","request_id":"","hard_kill":false}}'],
    ["with hard_kill", { jobId: "j", requestId: null, hardKill: true }, '{"type":"cancel","payload":{"protocol_version":"2","job_id":"j","hard_kill":true}}'],
  ])("%s", (_title, cancel, body) => {
    const frame = encodeCancel(cancel);
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
    expect(frame.subarray(4).toString()).toBe(body);
  });

  test("broken ids are refused", () => {
    expect(() => encodeCancel({ jobId: "\ud800", requestId: null })).toThrow(expect.objectContaining({ code: "NOT_JSON" }));
    expect(() => encodeCancel({ jobId: "j", requestId: "\ud800" })).toThrow(expect.objectContaining({ code: "NOT_JSON" }));
  });
});
