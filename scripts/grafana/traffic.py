"""Traffic that brings out every panel: two models, tags, evictions, a disk, promises, TLS, the registry, refusals."""

import contextlib
import socket
import subprocess

from engine import Engine
from stand import fail

LARGE, SMALL = b"org/large", b"org/small"
# By address, as the server tells clients apart.
WRITER, OTHER_WRITER, READER, LONELY, ENCRYPTED = (f"127.0.0.{number}" for number in (2, 3, 4, 5, 6))
CHUNK = bytes(64 << 10)
# Twice the memory of the server, so that it evicts.
CHUNKS = 2000
# More than the thousand from which on a client is noticed whom nobody reads.
UNREAD = 1100


def key(model, number, tag=b""):
    return b"%s@1@0@%064x@bfloat16%s" % (model, number, tag)


def stored_and_read(port, run):
    """Of one model more than memory holds, of the other more than its quota. Read are the newest, and some of all that
    ever was: a disk has those, or they are gone."""
    writer, other, reader = (Engine(port, address) for address in (WRITER, OTHER_WRITER, READER))
    for number in range(run * CHUNKS, (run + 1) * CHUNKS):
        writer.ask(b"SET", key(LARGE, number, b"@tenant%acme"), CHUNK)
    for number in range(200):
        other.ask(b"SET", key(SMALL, run * 200 + number, b"@tenant%beta"), CHUNK)
    newest = (run + 1) * CHUNKS
    for number in [*range(newest - 100, newest), *range(0, newest, 25), *range(newest - 100, newest)]:
        if reader.ask(b"EXISTS", key(LARGE, number, b"@tenant%acme")) == b":1\r\n":
            reader.ask(b"GET", key(LARGE, number, b"@tenant%acme"))
        reader.ask(b"GET", key(SMALL, number, b"@tenant%beta"))
    for engine in (writer, other, reader):
        engine.close()


def never_read(port):
    """A client whose keys are nobody else's: it stores what nobody fetches, and finds nothing."""
    with contextlib.closing(Engine(port, LONELY)) as lonely:
        for number in range(UNREAD):
            lonely.ask(b"SET", key(b"org/alone", number), b"x" * 100)
            lonely.ask(b"EXISTS", key(b"org/astray", number))


@contextlib.contextmanager
def connected(port):
    """Two engines that are there and have asked for something."""
    with contextlib.closing(Engine(port, WRITER)) as writer, contextlib.closing(Engine(port, READER)) as reader:
        for engine in (writer, reader):
            engine.ask(b"EXISTS", key(LARGE, 0))
        yield


def encrypted(port, authority):
    with contextlib.closing(Engine(port, ENCRYPTED, authority)) as engine:
        engine.ask(b"SET", key(SMALL, 1), CHUNK)
        if engine.ask(b"GET", key(SMALL, 1)) != CHUNK:
            fail("a chunk by TLS is another one")


def refused(port, tls_port):
    """What is no protocol, a chunk beyond half the memory, and no TLS where TLS is spoken."""
    for where, words in ((port, b"\x16\x03\x01\x00\x05hello"), (tls_port, b"*1\r\n$4\r\nPING\r\n")):
        with socket.create_connection(("127.0.0.1", where), timeout=60) as stranger:
            stranger.sendall(words)
            with contextlib.suppress(OSError):
                while stranger.recv(1 << 16):
                    pass
    with contextlib.closing(Engine(port, WRITER)) as writer:
        writer.ask(b"SET", key(LARGE, 0), bytes(40 << 20))


def registered(port, owner):
    """An engine that registers its chunks, and another one that looks for them."""
    with contextlib.closing(Engine(port, WRITER)) as engine:
        for number in range(200):
            engine.ask(b"SET", key(LARGE, number), owner.encode())
        for number in range(0, 400, 2):
            engine.ask(b"GET", key(LARGE, number))
        engine.ask(b"DEL", key(LARGE, 0))


def bench(program, port):
    """What only lm does: prompts of engines, and commands whose time is taken."""
    for words in (["mixed", "--size", "64KiB", "--keys", "200", "--seconds", "2"],
                  ["session", "--model", "deepseek-v3,layerwise", "--users", "2", "--turns", "3",
                   "--turn-tokens", "256", "--system-tokens", "256"]):
        command = [program, *words, "--rounds", "1", f"lm://127.0.0.1:{port}"]
        done = subprocess.run(command, capture_output=True, text=True)
        # 1: values were missing, as they may where memory is short.
        if done.returncode not in (0, 1):
            fail(f"{' '.join(command)}: {done.stderr}")
