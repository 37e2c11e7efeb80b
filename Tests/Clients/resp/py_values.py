"""GET and SET: every size, every byte, every option, and time."""

import time

from py_client import MIB, VERSION, body, same, session

SIZES = [0, 1, 2, 15, 16, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1, 32 * MIB]
KEY_SIZES = [1, 150, 151, 300, 1000, 16384, 65535]


@session("values from nothing to 32 MiB come back byte for byte")
def sizes(connect):
    client = connect.redis()
    for size in SIZES:
        key, value = connect.name(size), body(size, size)
        same(client.set(key, value), True)
        same((client.exists(key), client.strlen(key), client.type(key)), (1, size, b"string"), f"{size} bytes")
        same(client.get(key), value, f"a value of {size} bytes")
    for size in SIZES:
        same(client.get(connect.name(size)), body(size, size), f"a value of {size} bytes, read again")


@session("keys and values of any bytes")
def any_bytes(connect):
    client = connect.redis()
    every = bytes(range(256))
    odd = [b"\r\n", b"$-1\r\n", b"*1\r\n$4\r\nPING\r\n", b"\x00", every, "schlüssel 鍵".encode(), b" spaces  "]
    for part in odd:
        key = connect.name("").encode() + part
        same(client.set(key, part), True)
        same(client.get(key), part)
    for size in KEY_SIZES:
        key = connect.name("long/").ljust(size, "k")[:size] if size > 150 else "k" * size
        same(client.set(key, key), True)
        same(client.get(key), key.encode(), f"the value under a key of {size} bytes")
    same(client.get(connect.name(" spaces").encode()), None, "a key nobody wrote")


@session("overwriting: longer, shorter, empty, and back")
def overwrite(connect):
    writer, reader = connect.redis(), connect.redis()
    key = connect.name("k")
    for number, size in enumerate([100, 8 * MIB, 0, 1, 3 * MIB + 1, 5, 8 * MIB]):
        value = body(number, size)
        same(writer.set(key, value), True)
        same(reader.get(key), value, f"value {number} over another connection")


@session("SET with NX, XX, GET")
def conditions(connect):
    client = connect.redis()
    key, absent = connect.name("k"), connect.name("absent")
    same(client.set(key, b"1", xx=True), None, "SET XX of an absent key")
    same(client.get(key), None)
    same(client.set(key, b"1", nx=True), True)
    same(client.set(key, b"2", nx=True), None, "SET NX of a present key")
    same(client.get(key), b"1")
    same(client.set(key, b"3", xx=True), True)
    same(client.set(key, b"4", get=True), b"3", "SET GET")
    same(client.set(key, b"5", nx=True, get=True), b"4", "SET NX GET of a present key")
    same(client.get(key), b"4")
    same(client.set(absent, b"6", get=True), None, "SET GET of an absent key")
    same(client.get(absent), b"6")
    big = body(1, 4 * MIB)
    client.set(key, big)
    same(client.set(key, b"7", get=True), big, "SET GET of a large value")


@session("time: EX, PX, KEEPTTL, SETEX, EXPIRE, PERSIST, TTL, PTTL, and the end")
def time_to_live(connect):
    client = connect.redis()
    key, absent = connect.name("k"), connect.name("absent")
    same((client.ttl(absent), client.pttl(absent), client.expire(absent, 10), client.persist(absent)), (-2, -2, 0, 0))
    client.set(key, b"v")
    same((client.ttl(key), client.pttl(key), client.persist(key)), (-1, -1, 0))
    # Tolerates a machine that stalls for a minute; a wrong unit of time is far outside.
    client.set(key, b"v", ex=1000)
    assert 900 <= client.ttl(key) <= 1000 and 900_000 < client.pttl(key) <= 1_000_000
    client.set(key, b"w", keepttl=True)
    assert 900 <= client.ttl(key) <= 1000, "KEEPTTL did not keep it"
    client.set(key, b"x")
    same(client.ttl(key), -1, "TTL after a plain SET")
    same(client.expire(key, 500), True)
    same((client.persist(key), client.ttl(key)), (1, -1))
    same(client.setex(key, 600, b"y"), True)
    assert 500 <= client.ttl(key) <= 600
    if VERSION >= (5,):
        flags(client, key)
    client.set(key, b"z", px=80)
    same(client.setex(absent, 1, b"z"), True)
    time.sleep(1.2)
    same((client.get(key), client.exists(key), client.get(absent)), (None, 0, None), "what time has ended")
    client.set(key, b"v")
    same((client.expire(key, -1), client.exists(key)), (1, 0), "EXPIRE in the past")


def flags(client, key):
    client.set(key, b"v")
    same([client.expire(key, 500, xx=True), client.expire(key, 500, nx=True)], [0, 1])
    same(client.expire(key, 600, nx=True), 0)
    same([client.expire(key, 400, gt=True), client.expire(key, 600, gt=True)], [0, 1])
    same([client.expire(key, 700, lt=True), client.expire(key, 300, lt=True)], [0, 1])
    assert 200 <= client.ttl(key) <= 300


@session("MGET of eight values of 8 MiB with misses between, MSET")
def many(connect):
    client = connect.redis()
    values = {connect.name(number): body(number, 8 * MIB) for number in range(8)}
    same(client.mset(values), True)
    asked = [name for number, key in enumerate(values) for name in (key, connect.name(f"absent {number}"))]
    for name, value in zip(asked, client.mget(asked)):
        same(value, values.get(name), name)
