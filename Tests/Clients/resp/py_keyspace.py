"""The key space: DEL, EXISTS, TOUCH, SCAN, KEYS, DBSIZE, FLUSHDB."""

from py_client import body, same, session

KEYS = 3000


@session("DEL, UNLINK, EXISTS, TOUCH count keys")
def counted(connect):
    client = connect.redis()
    keys = [connect.name(number) for number in range(5)]
    client.mset({key: b"v" for key in keys})
    same(client.exists(*keys, keys[0], connect.name("absent")), 6, "EXISTS, one key asked twice")
    same(client.touch(*keys, connect.name("absent")), 5)
    same(client.delete(keys[0], keys[1], keys[1], connect.name("absent")), 2, "DEL, one key twice")
    same(client.unlink(keys[2]), 1)
    same(client.exists(*keys), 2)
    same(client.mget(keys), [None, None, None, b"v", b"v"])
    same(client.type(keys[0]), b"none")
    same(client.strlen(keys[0]), 0)


@session("SCAN finds every key while others come and go")
def scan(connect):
    client, other = connect.redis(), connect.redis()
    kept = {connect.name(f"kept/{number}").encode() for number in range(KEYS)}
    fill(client, kept)
    found, cursor, rounds = set(), 0, 0
    while True:
        cursor, page = client.scan(cursor, match=connect.name("kept/*"), count=100)
        found |= set(page)
        other.set(connect.name(f"coming/{rounds}"), b"v")
        other.delete(connect.name(f"coming/{rounds - 5}"))
        rounds += 1
        if cursor == 0:
            break
    same(found, kept)
    assert rounds > 3, f"COUNT 100 was answered with {KEYS} keys in {rounds} pages"


@session("MATCH and KEYS know globs")
def globs(connect):
    client = connect.redis()
    names = ["a", "b", "c", "ab", "a*", "a?", "[x]", "a-1", "a-2", "ä"]
    fill(client, [connect.name(f"{name}").encode() for name in names])
    expected = {
        "?": {"a", "b", "c"},
        "a?": {"ab", "a*", "a?"},
        r"a\*": {"a*"},
        r"a\?": {"a?"},
        "[ab]": {"a", "b"},
        "[^ab]": {"c"},
        "[a-b]": {"a", "b"},
        r"\[x\]": {"[x]"},
        "a-[0-9]": {"a-1", "a-2"},
        "*b": {"b", "ab"},
        "**": set(names),
        "nothing*": set(),
    }
    for pattern, wanted in expected.items():
        full = {connect.name(name).encode() for name in wanted}
        same(set(client.keys(connect.name(pattern))), full, f"KEYS {pattern}")
        same(set(client.scan_iter(match=connect.name(pattern))), full, f"SCAN MATCH {pattern}")


@session("DBSIZE follows SET and DEL; FLUSHDB and FLUSHALL empty it")
def size(connect):
    client = connect.redis()
    same((client.flushdb(), client.dbsize()), (True, 0))
    fill(client, [connect.name(number).encode() for number in range(100)])
    same(client.dbsize(), 100)
    client.set(connect.name(0), b"again")
    client.delete(connect.name(1), connect.name(2))
    same(client.dbsize(), 98)
    same((client.flushall(), client.dbsize(), client.keys("*")), (True, 0, []))
    client.set(connect.name("after"), body(1, 1000))
    same((client.dbsize(), client.get(connect.name("after"))), (1, body(1, 1000)))


def fill(client, keys):
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.set(key, b"v")
    assert all(pipeline.execute())
