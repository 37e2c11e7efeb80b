"""An engine as far as metrics can tell: asks by RESP, from an address of its own, with or without TLS."""

import socket
import ssl


class Engine:
    def __init__(self, port, address, authority=None):
        self.socket = socket.create_connection(("127.0.0.1", port), source_address=(address, 0), timeout=60)
        if authority:
            context = ssl.create_default_context(cafile=authority)
            self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.replies = self.socket.makefile("rb")

    def ask(self, *words):
        """The reply: bytes, None where there is no value, or a line of status or error as it came."""
        request = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        self.socket.sendall(request)
        line = self.replies.readline()
        if not line.startswith(b"$"):
            return line
        length = int(line[1:])
        return self.replies.read(length + 2)[:-2] if length >= 0 else None

    def close(self):
        self.replies.close()
        self.socket.close()
