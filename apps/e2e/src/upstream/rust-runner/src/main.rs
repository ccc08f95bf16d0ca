//! The handlers of ../python/interop_runner.py, on upstream's Rust runner.

use std::collections::HashMap;
use std::time::Duration;

use rrq_runner::{ExecutionOutcome, ExecutionRequest, Registry, parse_tcp_socket, run_tcp};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    registry.register("add", |request: ExecutionRequest| async move { success(&request, add(&request.params)) });
    registry.register("echo", |request: ExecutionRequest| async move { success(&request, json!(request.params)) });
    println!("{}", registry.get("add").is_some());
    let _ = (Duration::from_secs(1), HashMap::<String, Value>::new());
    let address = std::env::args().last().unwrap_or_default();
    run_tcp(&registry, parse_tcp_socket(&address)?)
}

fn add(params: &HashMap<String, Value>) -> Value {
    json!({ "sum": params["a"].as_i64().unwrap_or(0) + params["b"].as_i64().unwrap_or(0) })
}

fn success(request: &ExecutionRequest, result: Value) -> ExecutionOutcome {
    ExecutionOutcome::success(request.job_id.clone(), request.request_id.clone(), result)
}
