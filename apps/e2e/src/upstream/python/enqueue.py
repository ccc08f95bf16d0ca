"""Enqueues with upstream's client: `enqueue.py <redis dsn>` reads a JSON list of [function, options] and prints the list of job ids."""

import asyncio
import json
import sys

from rrq import RRQClient


async def main() -> None:
    client = RRQClient(config={"redis_dsn": sys.argv[1]})
    ids = [await client.enqueue(name, options) for name, options in json.load(sys.stdin)]
    await client.close()
    print(json.dumps(ids))


asyncio.run(main())
