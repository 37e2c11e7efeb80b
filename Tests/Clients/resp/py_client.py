"""redis-py as the sessions use it: one connection style a protocol, their own names, and no retries.

redis-py reconnects and repeats a command after an error. Here a connection that the server closed must be seen.
"""

import contextlib
import random

import redis
import redis.asyncio
from redis.backoff import NoBackoff

from checks import check

VERSION = tuple(int(part) for part in redis.__version__.split(".")[:3])
PROTOCOLS = (2, 3) if VERSION >= (5,) else (2,)
MIB = 1 << 20
SOCKET_SECONDS = 60  # redis-py 8 gives up after five, which is little for half a gigabyte on a busy machine


class Connector:
    def __init__(self, target, protocol, session):
        self.target, self.protocol = target, protocol
        self._prefix = f"{redis.__version__}/{protocol}/{session}/"

    def name(self, what):
        """A key that no other session uses."""
        return f"{self._prefix}{what}"

    def redis(self, address=None, **options):
        host, port = (address or self.target.open).split(":")
        return redis.Redis(host, int(port), retry=redis.retry.Retry(NoBackoff(), 0), **self._options(), **options)

    def raw(self, address=None):
        """A function that sends a command on a connection of its own and returns the reply as it came."""
        connection = self.redis(address).connection_pool.make_connection()
        connection.connect()

        def run(*command):
            connection.send_command(*command)
            return connection.read_response()

        return run

    @contextlib.asynccontextmanager
    async def asyncio(self, **options):
        host, port = self.target.open.split(":")
        retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        client = redis.asyncio.Redis(host=host, port=int(port), retry=retry, **self._options(), **options)
        try:
            yield client
        finally:
            await (client.aclose() if hasattr(client, "aclose") else client.close())

    def _options(self):
        options = {"socket_timeout": SOCKET_SECONDS}
        if self.target.tls:
            options["ssl"] = True
        return options | {"protocol": self.protocol} if VERSION >= (5,) else options


def session(name, timeout_seconds=180):
    """Registers a function of a Connector, once for each protocol that the client speaks."""

    def register(function):
        for protocol in PROTOCOLS:

            def run(target, protocol=protocol):
                return function(Connector(target, protocol, function.__name__))

            check(f"RESP{protocol}: {name}", timeout_seconds)(run)
        return function

    return register


def body(seed, size):
    return random.Random(seed).randbytes(size)


def says(expected, call, *arguments, words=None):
    """Calls, and compares the server's error reply, or some words of it; redis-py leaves out the word ERR."""
    try:
        answer = call(*arguments)
    except redis.RedisError as error:
        text = " ".join(str(error).split(" ")[words]) if words else str(error)
        assert text == expected, f"the error is {str(error)!r}, not {expected!r}"
        return
    raise AssertionError(f"no error, but {answer!r}, instead of {expected!r}")


def same(answer, expected, what=""):
    assert answer == expected, f"{what or 'the answer'} is {short(answer)}, not {short(expected)}"


def short(value):
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]}... ({len(value)} long)"
