"""As much of an lm:// client as the checks of the image need; proto/ has the contract."""

import contextlib
import socket
import struct

REQUEST = struct.Struct("<9i150s")
REPLY = struct.Struct("<9i")
PUT, GET, EXIST, HEALTH = 1, 2, 3, 5
SUCCESS = 200


class Client:
    def __init__(self, host, port, timeout=30):
        self.socket = socket.create_connection((host, port), timeout)

    def close(self):
        self.socket.close()

    def request(self, command, key, length=0):
        # 2 x 32 x tokens x 128 of bfloat16, as from an engine; the server only returns it.
        self.socket.sendall(REQUEST.pack(command, length, 1, 3, 0, 2, 32, 256, 128, key.encode().ljust(150)))

    def reply(self):
        """Whether the reply is 200, and how many bytes follow."""
        code, length, *_ = REPLY.unpack(self.read(REPLY.size))
        return code == SUCCESS, length

    def read(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(min(1 << 20, count - len(data)))
            if not piece:
                raise ConnectionError(f"the connection ended {count - len(data)} bytes early")
            data += piece
        return bytes(data)

    def put(self, key, value):
        self.request(PUT, key, len(value))
        self.socket.sendall(value)

    def ask(self, command, key):
        self.request(command, key)
        return self.reply()[0]

    def get(self, key):
        self.request(GET, key)
        found, length = self.reply()
        return self.read(length) if found else None


@contextlib.contextmanager
def client(host, port, timeout=30):
    connected = Client(host, port, timeout)
    try:
        yield connected
    finally:
        connected.close()
