"""The handlers of src/testing/story-runner.js that the interop tests need, and what only Python can do, for `rrq-runner --settings interop_runner.settings`."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from rrq import ExecutionOutcome, ExecutionRequest, PythonRunnerSettings, Registry
from rrq.exc import RetryJob
from rrq.runner import ExecutionError

# Where the test and its handlers meet.
FOLDER = Path(os.environ.get("STORY_FOLDER", "."))


async def add(request: ExecutionRequest) -> dict:
    return {"sum": request.params["a"] + request.params["b"]}


async def echo(request: ExecutionRequest) -> object:
    return request.params["value"]


async def see(request: ExecutionRequest) -> dict:
    context = request.context
    return {
        "job_id": request.job_id,
        "attempt": context.attempt,
        "queue_name": context.queue_name,
        "trace_context": context.trace_context,
        "correlation_context": context.correlation_context,
        "worker_id": context.worker_id,
        "pid": os.getpid(),
    }


async def fail(request: ExecutionRequest) -> None:
    raise RuntimeError("boom")


async def flaky(request: ExecutionRequest) -> dict:
    if request.context.attempt < request.params["until"]:
        raise RuntimeError(f"attempt {request.context.attempt} fails")
    return {"attempt": request.context.attempt}


async def again(request: ExecutionRequest) -> dict:
    if request.context.attempt < request.params["until"]:
        raise RetryJob("not yet", defer_seconds=0.01)
    return {"attempt": request.context.attempt}


async def hold(request: ExecutionRequest) -> dict:
    (FOLDER / f"started-{request.job_id}-{request.context.attempt}").touch()
    while not (FOLDER / "open").exists():
        await asyncio.sleep(0.01)
    return {"attempt": request.context.attempt}


async def odd(request: ExecutionRequest) -> object:
    match request.params["by"]:
        case "an error without a text":
            raise RuntimeError
        case "a TimeoutError":
            raise TimeoutError("the upstream of mine timed out")
        case "a CancelledError":
            raise asyncio.CancelledError
        case "an outcome with all of an error":
            error = ExecutionError(message="card declined", type="PaymentError", code="declined", details={"n": 1})
            return ExecutionOutcome(job_id=request.job_id, request_id=request.request_id, status="error", error=error)
        case "a retry without a time":
            raise RetryJob("later")
        case "a date":
            return datetime(2025, 1, 1, tzinfo=UTC)
        case "infinity":
            return float("inf")
        case "what JSON cannot hold":
            return object()


registry = Registry()
for handler in (add, echo, see, fail, flaky, again, hold, odd):
    registry.register(handler.__name__, handler)

settings = PythonRunnerSettings(registry=registry)
