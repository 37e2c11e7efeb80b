"""An `lm` client of a few lines, in the bytes of proto/lm.md."""

import socket
import struct

REQUEST, REPLY = struct.Struct("<9i150s"), struct.Struct("<9i")
PUT, GET, EXIST = 1, 2, 3
FOUND = 200


class LM:
    def __init__(self, address):
        host, port = address.split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=30)

    def put(self, key, body, fmt, dtype, shape):
        self._send(PUT, key, len(body), fmt, dtype, shape)
        self._socket.sendall(body)
        self.exists("barrier")  # a PUT has no reply; what is asked next on the connection comes after it

    def exists(self, key):
        self._send(EXIST, key)
        return self._reply()[0] == FOUND

    def get(self, key):
        """(body, fmt, dtype, shape), or None."""
        self._send(GET, key)
        code, length, fmt, dtype, *shape, _ = self._reply()
        return (self._receive(length), fmt, dtype, tuple(shape)) if code == FOUND else None

    def _send(self, command, key, length=0, fmt=1, dtype=2, shape=(0, 0, 0, 0)):
        self._socket.sendall(REQUEST.pack(command, length, fmt, dtype, 0, *shape, key.encode().ljust(150)))

    def _reply(self):
        return REPLY.unpack(self._receive(REPLY.size))

    def _receive(self, count):
        body = bytearray()
        while len(body) < count:
            part = self._socket.recv(count - len(body))
            assert part, "the server closed the connection"
            body += part
        return bytes(body)
