//! The handlers of ../python/interop_runner.py, on upstream's Rust runner.

use std::path::PathBuf;
use std::time::Duration;

use rrq_runner::{ExecutionOutcome, ExecutionRequest, Registry, parse_tcp_socket, run_tcp};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    registry.register("add", |request| async move {
        let sum = number(&request, "a") + number(&request, "b");
        success(&request, json!({ "sum": sum }))
    });
    registry.register("echo", |request| async move {
        let value = request.params.get("value").cloned().unwrap_or(Value::Null);
        success(&request, value)
    });
    registry.register("see", |request| async move {
        let context = &request.context;
        let seen = json!({
            "job_id": request.job_id,
            "attempt": context.attempt,
            "queue_name": context.queue_name,
            "trace_context": context.trace_context,
            "correlation_context": context.correlation_context,
            "worker_id": context.worker_id,
            "pid": std::process::id(),
        });
        success(&request, seen)
    });
    registry.register("fail", |request| async move { failure(&request, "boom") });
    registry.register("flaky", |request| async move {
        let attempt = i64::from(request.context.attempt);
        if attempt < number(&request, "until") {
            return failure(&request, &format!("attempt {attempt} fails"));
        }
        success(&request, json!({ "attempt": attempt }))
    });
    registry.register("again", |request| async move {
        let attempt = i64::from(request.context.attempt);
        if attempt < number(&request, "until") {
            let (job, id) = (request.job_id.clone(), request.request_id.clone());
            return ExecutionOutcome::retry(job, id, "not yet", Some(0.01));
        }
        success(&request, json!({ "attempt": attempt }))
    });
    registry.register("hold", |request| async move {
        tell(&request);
        while !folder().join("open").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        success(&request, json!({ "attempt": request.context.attempt }))
    });

    let address = std::env::args().next_back().unwrap_or_default();
    run_tcp(&registry, parse_tcp_socket(&address)?)
}

/// Where the test and its handlers meet.
fn folder() -> PathBuf {
    std::env::var_os("STORY_FOLDER").unwrap_or_default().into()
}

/// An empty file for each attempt that starts.
fn tell(request: &ExecutionRequest) {
    let name = format!("started-{}-{}", request.job_id, request.context.attempt);
    let _ = std::fs::write(folder().join(name), "");
}

fn number(request: &ExecutionRequest, name: &str) -> i64 {
    request.params.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn success(request: &ExecutionRequest, result: Value) -> ExecutionOutcome {
    ExecutionOutcome::success(request.job_id.clone(), request.request_id.clone(), result)
}

fn failure(request: &ExecutionRequest, message: &str) -> ExecutionOutcome {
    ExecutionOutcome::error(request.job_id.clone(), request.request_id.clone(), message)
}
