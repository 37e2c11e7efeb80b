"""The differences from Redis: one store behind lm, redis:// and plain keys (proto/objects.md)."""

import random
import struct

import redis

from lm import LM
from py_client import body, same, says, session
from targets import PASSWORD

BFLOAT16, KV, BINARY, BINARY_BUFFER = 3, 1, 4, 5
SHAPE = (2, 4, 16, 8)
LENGTH = 2 * 4 * 16 * 8 * 2
STYLES = {"redis://": ("{}metadata", "{}kv_bytes"), "valkey://": ("{}:metadata", "{}:kv_bytes")}
BRACES = ("{{{}}}:metadata", "{{{}}}:kv_bytes")  # valkey:// to a cluster
STEPS = 3000


def metadata(length=LENGTH, fmt=KV, dtype=BFLOAT16, shape=SHAPE):
    return struct.pack("<7i", length, fmt, dtype, *shape)


@session("an object of lm is a pair of redis:// and valkey://, and its bytes alone")
def lm_seen(connect):
    client, lm = connect.redis(), LM(connect.target.open)
    key, value = connect.name("k"), body(1, LENGTH)
    lm.put(key, value, KV, BFLOAT16, SHAPE)
    for meta, kv in [*STYLES.values(), BRACES]:
        same(client.exists(meta.format(key), kv.format(key)), 2, f"EXISTS of {meta} and {kv}")
        same(client.get(meta.format(key)), metadata(), meta)
        same(client.get(kv.format(key)), value, kv)
        same(client.mget(meta.format(key), kv.format(key)), [metadata(), value], "MGET")
    same((client.exists(key), client.strlen(key), client.get(key)), (1, LENGTH, value), "the key itself")


@session("a pair of redis:// or valkey:// is an object of lm")
def pair_seen(connect):
    client, lm = connect.redis(), LM(connect.target.open)
    for style, (meta, kv) in STYLES.items():
        key, value = connect.name(style), body(2, LENGTH)
        client.set(kv.format(key), value)
        same(lm.exists(key), False, f"{style}: EXIST of bytes without a shape")
        client.set(meta.format(key), metadata())
        same(lm.get(key), (value, KV, BFLOAT16, SHAPE), f"{style}: GET")
        same(client.get(key), value, f"{style}: the bytes under the key itself")


@session("metadata without bytes stays hidden, and of another length it joins nothing")
def hidden(connect):
    client, lm = connect.redis(), LM(connect.target.open)
    key = connect.name("k")
    client.set(f"{key}metadata", metadata())
    same((client.get(f"{key}metadata"), client.exists(f"{key}metadata")), (None, 0), "metadata alone")
    client.set(f"{key}kv_bytes", body(3, LENGTH))
    client.set(f"{key}metadata", metadata(length=LENGTH + 2))
    same((lm.exists(key), client.exists(f"{key}metadata")), (False, 0), "metadata of another length")
    for other in (b"short", b"", bytes(29)):
        client.set(connect.name("plain") + "metadata", other)
        same(client.get(connect.name("plain") + "metadata"), other, "a value that is no metadata")


@session("what came without a shape is a miss to lm, until lm replaces it, and the other way round")
def plain(connect):
    client, lm = connect.redis(), LM(connect.target.open)
    key, value = connect.name("k"), body(4, LENGTH)
    client.set(key, b"plain")
    same((lm.exists(key), lm.get(key)), (False, None), "a plain value")
    lm.put(key, value, KV, BFLOAT16, SHAPE)
    same((client.get(key), client.get(f"{key}metadata")), (value, metadata()), "what lm put over it")
    client.set(key, b"plain again")
    same((lm.exists(key), lm.get(key), client.get(key)), (False, None, b"plain again"), "what SET put over that")


@session("bytes that are no plain tensor are not shown under the key alone")
def not_plain(connect):
    client, lm = connect.redis(), LM(connect.target.open)
    cases = [(0, LENGTH), (BINARY, LENGTH), (BINARY_BUFFER, LENGTH), (KV, LENGTH - 2)]
    for number, (fmt, length) in enumerate(cases):
        key, value = connect.name(number), body(number, length)
        lm.put(key, value, fmt, BFLOAT16, SHAPE)
        same((client.exists(key), client.get(key)), (0, None), f"format {fmt}, {length} bytes")
        same(client.get(f"{key}kv_bytes"), value, f"format {fmt}: its kv_bytes")
        same(lm.get(key), (value, fmt, BFLOAT16, SHAPE), f"format {fmt} over lm")


@session("both halves are deleted and expire together, and count two")
def together(connect):
    client, lm = connect.redis(), LM(connect.target.open)
    before = client.dbsize()
    for number, half in enumerate(["metadata", "kv_bytes"]):
        key = connect.name(number)
        lm.put(key, body(5, LENGTH), KV, BFLOAT16, SHAPE)
        same(client.dbsize(), before + 2, "DBSIZE")
        found = {name.decode() for name in client.scan_iter(match=f"{key}*", count=1000)}
        same(found, {f"{key}metadata", f"{key}kv_bytes"}, "SCAN")
        same(client.ttl(f"{key}{half}"), -1)
        same(client.expire(f"{key}{half}", 1000), True)
        assert all(900 <= client.ttl(f"{key}{name}") <= 1000 for name in ("metadata", "kv_bytes"))
        same(client.delete(f"{key}{half}"), 1)
        same(client.exists(f"{key}metadata", f"{key}kv_bytes", key), 0, f"EXISTS after DEL of {half}")
        same(lm.exists(key), False, f"EXIST after DEL of {half}")
        same(client.dbsize(), before, "DBSIZE after DEL")


@session("a server without --allow-flush keeps what it has")
def no_flush(connect):
    client = connect.redis(connect.target.locked, password=PASSWORD)
    client.set(connect.name("k"), b"v")
    for command in ("FLUSHDB", "FLUSHALL"):
        try:
            client.execute_command(command)
            raise AssertionError(f"{command} is not refused")
        except redis.ResponseError:
            pass
    same(client.get(connect.name("k")), b"v")


@session("what Redis can and this server cannot is an unknown command")
def unknown(connect):
    for words in (["LPUSH", "a", "b"], ["APPEND", "a", "b"], ["INCR", "a"], ["EVAL", "return 1", "0"]):
        rest = " ".join(f"'{word}'" for word in words[1:])
        says(f"unknown command '{words[0]}', with args beginning with: {rest} ", connect.raw(), *words)


@session("random PUT, SET, DEL by every way in, read by every way out", timeout_seconds=120)
def soak(connect):
    client, lm, order = connect.redis(), LM(connect.target.open), random.Random(connect.protocol)
    held = {}  # key: (bytes, whether they have a shape)
    for step in range(STEPS):
        key, value = connect.name(order.randrange(40)), body(step, LENGTH)
        match order.randrange(8):
            case 0:
                lm.put(key, value, KV, BFLOAT16, SHAPE)
                held[key] = (value, True)
            case 1:
                client.pipeline(False).set(f"{key}kv_bytes", value).set(f"{key}metadata", metadata()).execute()
                held[key] = (value, True)
            case 2:
                client.set(key, value)
                held[key] = (value, False)
            case 3:
                client.delete(key, f"{key}metadata")
                held.pop(key, None)
            case _:
                stored, shaped = held.get(key, (None, False))
                full = stored if shaped else None
                same(lm.get(key), full and (full, KV, BFLOAT16, SHAPE), f"step {step}: lm")
                same(client.get(f"{key}metadata"), metadata() if shaped else None, f"step {step}: metadata")
                same(client.get(f"{key}kv_bytes"), full, f"step {step}: kv_bytes")
                same(client.get(key), stored, f"step {step}: the key itself")
