"""Pipelines: the client writes everything before it reads anything."""

import redis

from py_client import MIB, body, same, session

PAIRS, VALUE = 64, 8 * MIB


def run_pairs(connect, transaction):
    """Half a gigabyte comes in, and as much waits to go out before the client reads any of it."""
    base = body(1, VALUE)
    client = connect.redis()
    pipe = client.pipeline(transaction=transaction)
    for number in range(PAIRS):
        pipe.set(connect.name(number), numbered(base, number)).get(connect.name(number))
    answers = pipe.execute()
    same(len(answers), 2 * PAIRS)
    for number in range(PAIRS):
        same(answers[2 * number], True, f"SET {number}")
        same(answers[2 * number + 1] == numbered(base, number), True, f"GET {number} is what was set:")
    same(client.delete(*(connect.name(number) for number in range(PAIRS))), PAIRS, "DEL")


def numbered(base, number):
    return number.to_bytes(8, "little") + base[8:]


@session("a pipeline of 64 x (SET, GET) of 8 MiB", timeout_seconds=180)
def pairs(connect):
    run_pairs(connect, transaction=False)


@session("the same in MULTI and EXEC", timeout_seconds=180)
def pairs_in_transaction(connect):
    run_pairs(connect, transaction=True)


@session("64 GETs of one value of 8 MiB in a pipeline")
def one_value(connect):
    client = connect.redis()
    value = body(2, VALUE)
    client.set(connect.name("k"), value)
    pipe = client.pipeline(transaction=False)
    for _ in range(PAIRS):
        pipe.get(connect.name("k"))
    answers = pipe.execute()
    same([answer == value for answer in answers], [True] * PAIRS)


@session("a pipeline that writes one key over and over, and reads it between")
def one_key(connect):
    client = connect.redis()
    pipe = client.pipeline(transaction=False)
    base = body(3, MIB)
    for number in range(PAIRS):
        pipe.set(connect.name("k"), numbered(base, number)).get(connect.name("k"))
    for number, answer in enumerate(pipe.execute()[1::2]):
        same(answer == numbered(base, number), True, f"GET {number} is of its own moment:")


@session("10,000 small commands in a pipeline, errors in their places")
def small(connect):
    client = connect.redis()
    pipe = client.pipeline(transaction=False)
    for number in range(2500):
        key = connect.name(number)
        pipe.set(key, str(number)).get(key).exists(key, connect.name("absent")).execute_command("GET")
    answers = pipe.execute(raise_on_error=False)
    for number in range(2500):
        *done, error = answers[4 * number : 4 * number + 4]
        same(done, [True, str(number).encode(), 1])
        assert isinstance(error, redis.ResponseError), error
