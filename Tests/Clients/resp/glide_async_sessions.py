"""valkey-glide, the asynchronous one, as valkey:// of LMCache before 0.4.3 uses it."""

import asyncio

import glide
from glide import Batch, GlideClient

from checks import check
from glide_case import ABSENT, MIB, REQUEST_MILLISECONDS, SIZES, VALUES, same

PROTOCOLS = {"RESP2": glide.ProtocolVersion.RESP2, "RESP3": glide.ProtocolVersion.RESP3}


async def connect(target, protocol):
    host, port = target.open.split(":")
    addresses = [glide.NodeAddress(host, int(port))]
    return await GlideClient.create(
        glide.GlideClientConfiguration(
            addresses, protocol=protocol, request_timeout=REQUEST_MILLISECONDS, use_tls=target.tls
        )
    )


def session(name):
    def register(function):
        for text, protocol in PROTOCOLS.items():
            check(f"{text}: {name}")(lambda target, protocol=protocol: asyncio.run(function(target, protocol)))
        return function

    return register


@session("values, what is there, what is not")
async def values(target, protocol):
    client = await connect(target, protocol)
    for size, value in VALUES.items():
        same(await client.set(f"glide/{size}", value), "OK", "SET")
        same(await client.exists([f"glide/{size}", ABSENT]), 1, "EXISTS")
        same(await client.get(f"glide/{size}") == value, True, f"GET of {size} bytes is what was set")
    answer = await client.mget([ABSENT, *(f"glide/{size}" for size in SIZES)])
    same(answer == [None, *VALUES.values()], True, "MGET")
    same(await client.delete([f"glide/{size}" for size in SIZES]), len(SIZES), "DEL")
    await client.close()


@session("a hundred requests at once over one connection")
async def at_once(target, protocol):
    client = await connect(target, protocol)

    async def one(number):
        value = number.to_bytes(8, "little") + VALUES[MIB]
        same(await client.set(f"glide/{number}", value), "OK", "SET")
        same(await client.get(f"glide/{number}") == value, True, f"GET {number} is what was set")

    await asyncio.gather(*(one(number) for number in range(100)))
    await client.close()


@session("batches of 64 x (SET, GET) of 1 MiB, atomic and not")
async def batches(target, protocol):
    client = await connect(target, protocol)
    for atomic in (False, True):
        batch = Batch(is_atomic=atomic)
        for number in range(64):
            batch.set(f"glide/batch/{number}", number.to_bytes(8, "little") + VALUES[MIB])
            batch.get(f"glide/batch/{number}")
        answers = await client.exec(batch, raise_on_error=True)
        same(answers[::2], ["OK"] * 64, "SET")
        for number, answer in enumerate(answers[1::2]):
            same(answer == number.to_bytes(8, "little") + VALUES[MIB], True, f"GET {number} is what was set")
    await client.close()
