"""Starts a server on a free loopback port, waits until it answers, and ends it by its process id."""

import atexit
import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.05
LOG_TAIL_BYTES = 2000


class ServerFailed(Exception):
    pass


class Server:
    def __init__(self, command, ready, environment=None):
        """`command` makes the command line of host and port; `ready` says whether they answer."""
        self.host, self.port = "127.0.0.1", free_port()
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command(self.host, str(self.port)),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        atexit.register(self.kill)
        deadline = time.monotonic() + START_SECONDS
        while not ready(self.host, self.port):
            if self._process.poll() is not None:
                raise ServerFailed(f"the server ended with {self._process.returncode} at start\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"the server was not ready after {START_SECONDS} s\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def stop(self):
        """The exit status after SIGTERM; ServerFailed if it had ended before or does not end."""
        if self._process.poll() is not None:
            raise ServerFailed(f"the server had ended with {self._process.returncode}\n{self.log_tail()}")
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"the server still ran {STOP_SECONDS} s after SIGTERM\n{self.log_tail()}") from None

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def log_tail(self):
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), LOG_TAIL_BYTES, max(0, size - LOG_TAIL_BYTES)).decode(errors="replace")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_healthy(host, port):
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_listening(host, port):
    try:
        socket.create_connection((host, port), timeout=5).close()
        return True
    except OSError:
        return False
