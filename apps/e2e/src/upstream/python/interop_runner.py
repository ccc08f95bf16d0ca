"""The handlers of src/testing/story-runner.js that the interop tests need, for `rrq-runner --settings interop_runner.settings`."""

import asyncio

from rrq import ExecutionRequest, PythonRunnerSettings, Registry
from rrq.exc import RetryJob


async def add(request: ExecutionRequest) -> dict:
    return {"sum": request.params["a"] + request.params["b"]}


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


async def hold(request: ExecutionRequest) -> None:
    await asyncio.sleep(60)


registry = Registry()
for handler in (add, fail, flaky, again, hold):
    registry.register(handler.__name__, handler)

settings = PythonRunnerSettings(registry=registry)
