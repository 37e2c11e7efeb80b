"""MULTI, EXEC, DISCARD: a queue that is run in one piece or not at all."""

import redis

from py_client import MIB, body, same, says, session


@session("MULTI and EXEC: every answer, in order, errors among them")
def answers(connect):
    run, key, absent = connect.raw(), connect.name("k"), connect.name("absent")
    same(run("MULTI"), b"OK")
    queued = [("SET", key, "1"), ("GET", key), ("GET", absent), ("EXISTS", key, absent), ("SET", key, "2", "EX", "0")]
    queued += [("DEL", key), ("GET", key)]
    for command in queued:
        same(run(*command), b"QUEUED", command)
    *done, wrong, deleted, gone = run("EXEC")
    same(done, [b"OK", b"1", None, 1])
    assert isinstance(wrong, redis.ResponseError) and "invalid expire time" in str(wrong), wrong
    same((deleted, gone), (1, None))


@session("DISCARD, and EXECABORT after a command that cannot be")
def discarded(connect):
    client, run, key = connect.redis(), connect.raw(), connect.name("k")
    run("MULTI")
    same(run("SET", key, "1"), b"QUEUED")
    same(run("DISCARD"), b"OK")
    same(client.exists(key), 0, "EXISTS after DISCARD")
    run("MULTI")
    same(run("SET", key, "1"), b"QUEUED")
    says("wrong number of arguments for 'get' command", run, "GET")
    says("Transaction discarded because of previous errors.", run, "EXEC")
    same(client.exists(key), 0, "EXISTS after EXECABORT")
    says("EXEC without MULTI", run, "EXEC")
    says("DISCARD without MULTI", run, "DISCARD")
    run("MULTI")
    says("MULTI calls can not be nested", run, "MULTI")
    same(run("PING"), b"QUEUED")
    same(run("EXEC"), [b"PONG"])
    same(run("PING"), b"PONG")


@session("a pipeline in MULTI, with large values and an error in the middle")
def pipeline(connect):
    client = connect.redis()
    pipe = client.pipeline(transaction=True)
    values = [body(number, MIB + number) for number in range(8)]
    for number, value in enumerate(values):
        pipe.set(connect.name(number), value).get(connect.name(number))
    pipe.execute_command("SETEX", connect.name("wrong"), "0", "v")
    pipe.dbsize()
    *pairs, wrong, size = pipe.execute(raise_on_error=False)
    for number, value in enumerate(values):
        same(pairs[2 * number : 2 * number + 2], [True, value], f"pair {number}")
    assert isinstance(wrong, redis.ResponseError), wrong
    assert size >= 8
