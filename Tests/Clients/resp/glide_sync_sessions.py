"""valkey-glide, the synchronous one: a Rust core that asks HELLO and INFO REPLICATION before anything else."""

import threading

import glide_sync as glide
from glide_sync import Batch, ConditionalChange, ExpirySet, ExpiryType, GlideClient, GlideClusterClient

from checks import check
from glide_case import ABSENT, REQUEST_MILLISECONDS, SIZES, VALUES, same
from targets import PASSWORD

PROTOCOLS = {"RESP2": glide.ProtocolVersion.RESP2, "RESP3": glide.ProtocolVersion.RESP3}


def connect(target, address, protocol, **options):
    host, port = address.split(":")
    return GlideClient.create(
        glide.GlideClientConfiguration(
            [glide.NodeAddress(host, int(port))],
            protocol=protocol,
            request_timeout=REQUEST_MILLISECONDS,
            use_tls=target.tls,
            **options,
        )
    )


def session(name):
    def register(function):
        for text, protocol in PROTOCOLS.items():
            check(f"{text}: {name}")(lambda target, protocol=protocol: function(target, protocol))
        return function

    return register


@session("values, conditions, time, what is there")
def values(target, protocol):
    client = connect(target, target.open, protocol, client_name="tester")
    same(client.ping(), b"PONG", "PING")
    same(client.client_getname(), b"tester", "CLIENT GETNAME")
    for size, value in VALUES.items():
        key = f"glide/{size}"
        same(client.set(key, value), "OK", "SET")
        same((client.exists([key, ABSENT]), client.strlen(key)), (1, size), "EXISTS, STRLEN")
        same(client.get(key) == value, True, f"GET of {size} bytes is what was set")
    same(client.get(ABSENT), None, "GET of nothing")
    keys = [name for size in SIZES for name in (f"glide/{size}", ABSENT)]
    same(client.mget(keys) == [part for value in VALUES.values() for part in (value, None)], True, "MGET")
    same(client.set("glide/1", b"2", conditional_set=ConditionalChange.ONLY_IF_DOES_NOT_EXIST), None, "SET NX")
    same(client.set("glide/1", b"2", expiry=ExpirySet(ExpiryType.SEC, 1000)), "OK", "SET EX")
    assert 900 <= client.ttl("glide/1") <= 1000
    same((client.persist("glide/1"), client.ttl("glide/1")), (True, -1), "PERSIST")
    same(client.delete([f"glide/{size}" for size in SIZES] + [ABSENT]), len(SIZES), "DEL")
    cursor, _ = client.scan(b"0", match="glide/*")
    assert cursor is not None
    assert b"role:master" in client.info([glide.InfoSection.REPLICATION])


@session("batches, atomic and not")
def batches(target, protocol):
    client = connect(target, target.open, protocol)
    for atomic in (False, True):
        batch = Batch(is_atomic=atomic)
        for size, value in VALUES.items():
            batch.set(f"glide/batch/{size}", value)
            batch.get(f"glide/batch/{size}")
        batch.custom_command(["SETEX", "glide/batch/wrong", "0", "v"])
        *answers, error = client.exec(batch, raise_on_error=False)
        same(answers[::2], ["OK"] * len(SIZES), "SET")
        same(answers[1::2] == list(VALUES.values()), True, "GET")
        assert isinstance(error, glide.RequestError), error


@session("a password")
def password(target, protocol):
    locked = connect(target, target.locked, protocol, credentials=glide.ServerCredentials(PASSWORD))
    same(locked.set("glide/locked", b"v"), "OK", "SET")
    try:
        connect(target, target.locked, protocol, credentials=glide.ServerCredentials("wrong"))
    except glide.ClosingError as error:
        assert "WRONGPASS" in str(error) or "AuthenticationFailed" in str(error), error
    else:
        raise AssertionError("a wrong password is taken")


@session("eight clients in eight threads, as LMCache's valkey:// has them")
def threads(target, protocol):
    failures = []

    def work(thread):
        try:
            client = connect(target, target.open, protocol)
            for number in range(20):
                key = f"glide/{thread}/{number}"
                same(client.set(key, VALUES[65537]), "OK", "SET")
                same((client.exists([key]), client.get(key) == VALUES[65537]), (1, True), "EXISTS, GET")
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=[thread]) for thread in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


@session("the cluster client")
def cluster(target, protocol):
    host, port = target.cluster.split(":")
    client = GlideClusterClient.create(
        glide.GlideClusterClientConfiguration(
            [glide.NodeAddress(host, int(port))],
            protocol=protocol,
            request_timeout=REQUEST_MILLISECONDS,
            use_tls=target.tls,
        )
    )
    for size, value in VALUES.items():
        same(client.set(f"glide/{size}", value), "OK", "SET")
        same(client.get(f"glide/{size}") == value, True, f"GET of {size} bytes is what was set")
    same(client.mget([f"glide/{size}" for size in SIZES]) == list(VALUES.values()), True, "MGET over slots")
