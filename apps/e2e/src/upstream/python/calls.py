"""Upstream's client as a program: `calls.py <redis dsn>` reads a JSON list of [method, argument, …] and prints what each answered, or its error."""

import asyncio
import json
import sys

from rrq import RRQClient


async def main(dsn: str) -> None:
    client = RRQClient(config={"redis_dsn": dsn})
    answers = []
    for method, *arguments in json.load(sys.stdin):
        try:
            answers.append(await getattr(client, method)(*arguments))
        except ValueError as error:
            answers.append({"error": str(error)})
    await client.close()
    print(json.dumps(answers))


asyncio.run(main(sys.argv[1]))
