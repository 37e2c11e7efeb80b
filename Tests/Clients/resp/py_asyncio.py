"""The client as LMCache's redis:// uses it: asyncio, a pool, up to 150 connections."""

import asyncio

from py_client import MIB, body, same, session
from py_pipelines import PAIRS, VALUE, numbered

CONNECTIONS = 150


def asynchronous(function):
    def run(connect):
        return asyncio.run(function(connect))

    run.__name__ = function.__name__
    return run


async def run_pairs(connect, transaction):
    base = body(1, VALUE)
    async with connect.asyncio() as client:
        pipe = client.pipeline(transaction=transaction)
        for number in range(PAIRS):
            pipe.set(connect.name(number), numbered(base, number)).get(connect.name(number))
        answers = await pipe.execute()
        for number in range(PAIRS):
            same(answers[2 * number], True, f"SET {number}")
            same(answers[2 * number + 1] == numbered(base, number), True, f"GET {number} is what was set:")
        await client.delete(*(connect.name(number) for number in range(PAIRS)))


@session("asyncio: a pipeline of 64 x (SET, GET) of 8 MiB", timeout_seconds=180)
@asynchronous
async def async_pairs(connect):
    await run_pairs(connect, transaction=False)


@session("asyncio: the same in MULTI and EXEC", timeout_seconds=180)
@asynchronous
async def async_pairs_in_transaction(connect):
    await run_pairs(connect, transaction=True)


@session("asyncio: 150 connections at once, each sets, asks and gets 1 MiB", timeout_seconds=120)
@asynchronous
async def async_pool(connect):
    base = body(2, MIB)
    async with connect.asyncio(max_connections=CONNECTIONS) as client:

        async def one(number):
            key, value = connect.name(number), numbered(base, number)
            same(await client.set(key, value), True)
            same(await client.exists(key), 1)
            same(await client.get(key) == value, True, f"value {number} is what was set:")
            same(await client.get(connect.name(f"absent {number}")), None)

        await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))


@session("asyncio: a task given up in the middle of a large GET spoils nobody's answer")
@asynchronous
async def async_cancelled(connect):
    large, small = body(3, 32 * MIB), body(4, 100)
    async with connect.asyncio() as client:
        await client.set(connect.name("large"), large)
        await client.set(connect.name("small"), small)
        for _ in range(10):
            task = asyncio.create_task(client.get(connect.name("large")))
            await asyncio.sleep(0.003)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            same(await client.get(connect.name("small")), small)
        same(await client.get(connect.name("large")) == large, True, "the large value is what was set:")
