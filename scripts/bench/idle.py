"""Connections that ask once and then stay: idle.py SCHEME PORT COUNT. Prints "ready" when all are there; ends on SIGTERM.

A connection that never said a word would be told apart by some servers; these have spoken, as an engine's have.
"""
import select
import socket
import struct
import sys

# EXIST of a key that is not there; one reply each.
QUESTIONS = {
    "lm": struct.pack("<9i150s", 3, 0, 0, 0, 0, 0, 0, 0, 0, b"idle@1@0@0@bfloat16".ljust(150)),
    "redis": b"EXISTS idle\r\n",
    "memcached": b"get idle\r\n",
}


def ask(connection, scheme):
    connection.sendall(QUESTIONS[scheme])
    if not connection.recv(4096):
        sys.exit("idle.py: the server closed a connection")


def connect(scheme, port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    ask(connection, scheme)
    return connection


def main():
    scheme, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    held = [connect(scheme, port) for _ in range(count)]
    print("ready", flush=True)
    # A readable connection was closed or got bytes: it is no longer idle.
    poll = select.poll()
    for connection in held:
        poll.register(connection, select.POLLIN)
    poll.poll()
    sys.exit("idle.py: a connection did not stay idle")


if __name__ == "__main__":
    main()
