"""Upstream's client as a program: `client.py <redis dsn> enqueue|wait` reads a JSON list and prints one.

enqueue: [function, options] -> job id
wait: job id -> {status, result, last_error}
"""

import asyncio
import json
import sys

from rrq import RRQClient


async def main(dsn: str, verb: str) -> None:
    client = RRQClient(config={"redis_dsn": dsn})
    items = json.load(sys.stdin)
    if verb == "enqueue":
        answers = [await client.enqueue(name, options) for name, options in items]
    else:
        jobs = [await client.wait_for_completion(job_id, timeout_seconds=15) for job_id in items]
        answers = [job and {"status": job.status.value, "result": job.result, "last_error": job.last_error} for job in jobs]
    await client.close()
    print(json.dumps(answers))


asyncio.run(main(*sys.argv[1:]))
