/** The examples of the protocol's specification: frames that every decoder of upstream takes. Name, then body. */
export const goldenFrames = {
  "request-full":
    '{"type":"request","payload":{"protocol_version":"2","request_id":"0b0f6f0e-2f0a-4a53-9d0a-0f5d7c3e1a11","job_id":"6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b","function_name":"send_email","params":{"to":"a@example.com","count":3,"ratio":0.5,"nested":{"k":[1,null,true]}},"context":{"job_id":"6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b","attempt":1,"enqueue_time":"2025-01-01T12:00:00.123456789Z","queue_name":"rrq:queue:default","deadline":"2099-01-01T12:05:00.250Z","trace_context":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},"correlation_context":{"tenant_id":"t-1"},"worker_id":"rrq_worker_4242_a1b2c3"}}}',
  "request-0914":
    '{"type":"request","payload":{"protocol_version":"2","request_id":"req-1","job_id":"job-1","function_name":"echo","params":{},"context":{"job_id":"job-1","attempt":2,"enqueue_time":"2025-01-01T12:00:00Z","queue_name":"default","deadline":null,"trace_context":null,"worker_id":"rrq_worker_1_abcdef"}}}',
  "request-min":
    '{"type":"request","payload":{"protocol_version":"2","request_id":"req-1","job_id":"job-1","function_name":"echo","params":{},"context":{"job_id":"job-1","attempt":1,"enqueue_time":"2025-01-01T12:00:00Z","queue_name":"rrq:queue:default"}}}',
  "response-success":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"success","result":{"ok":true}}}',
  "response-success-null":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"success","result":null}}',
  "response-success-python-style":
    '{"type": "response", "payload": {"job_id": "job-1", "request_id": "req-1", "status": "success", "result": {"ok": true}, "error": null, "retry_after_seconds": null}}',
  "response-failure":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"error","error":{"message":"boom"}}}',
  "response-failure-detailed":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"error","error":{"message":"card declined","type":"PaymentError","code":"card_declined","details":{"attempt":1}}}}',
  "response-failure-nulls":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"error","error":{"message":"boom","type":null,"code":null,"details":null}}}',
  "response-handler-not-found":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"error","error":{"message":"No handler registered for function \'nope\'","type":"handler_not_found"}}}',
  "response-timeout":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"timeout","error":{"message":"Job execution timed out","type":"timeout"}}}',
  "response-cancelled":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"error","error":{"message":"Job cancelled","type":"cancelled"}}}',
  "response-retry-after":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"retry","error":{"message":"rate limited"},"retry_after_seconds":60}}',
  "response-retry-default-delay":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"retry","error":{"message":"try later"}}}',
  "response-busy":
    '{"type":"response","payload":{"job_id":"job-1","request_id":"req-65","status":"error","error":{"message":"Runner busy: too many in-flight requests"}}}',
  "cancel-request":
    '{"type":"cancel","payload":{"protocol_version":"2","job_id":"job-1","request_id":"req-1","hard_kill":false}}',
  "cancel-job":
    '{"type":"cancel","payload":{"protocol_version":"2","job_id":"job-1","hard_kill":false}}',
  "cancel-job-null-request":
    '{"type":"cancel","payload":{"protocol_version":"2","job_id":"job-1","request_id":null,"hard_kill":false}}',
} as const;

export type GoldenName = keyof typeof goldenFrames;
