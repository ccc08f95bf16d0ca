"""Upstream's client as a program that answers one call after the other, until its input ends.

It reads lines of JSON, [settings, method, argument, ...], and calls that method of RRQClient(**settings); the same settings are the same
client. It answers each with a line: {"answer": ...} or {"error": its text}.
"""

import asyncio
import json
import sys

from rrq import JobResult, RRQClient

clients: dict[str, RRQClient] = {}


async def call(settings: dict, method: str, *arguments: object) -> object:
    key = json.dumps(settings)
    if key not in clients:
        clients[key] = RRQClient(**settings)
    named = arguments[-1]["named"] if arguments and "named" in (arguments[-1] or ()) else {}
    answer = await getattr(clients[key], method)(*(arguments[:-1] if named else arguments), **named)
    if isinstance(answer, JobResult):
        return {"status": answer.status.value, "result": answer.result, "last_error": answer.last_error}
    return answer


async def main() -> None:
    for line in sys.stdin:
        try:
            reply = {"answer": await call(*json.loads(line))}
        except ValueError as error:
            reply = {"error": str(error)}
        print(json.dumps(reply), flush=True)
    for client in clients.values():
        await client.close()


asyncio.run(main())
