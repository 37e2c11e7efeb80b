"""The servers of the RESP sessions: ours, or a real Redis, which tests the sessions themselves."""

import contextlib
import os
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from servers import Server, free_port, is_healthy

PASSWORD = "a pass word"
MEMORY = {"open": "2GiB", "locked": "512MiB"}
READY_SECONDS = 5
CERTIFICATES = Path(__file__).resolve().parents[3] / "scripts" / "certificates.sh"


@dataclass(frozen=True)
class Targets:
    """host:port of each. Without a real Redis, one server is both the open one and the cluster of one node."""

    open: str
    locked: str  # wants PASSWORD
    cluster: str
    is_redis: bool
    tls: bool = False  # SSL_CERT_FILE names whom to trust


@contextlib.contextmanager
def ours(program):
    def command(name, *more):
        return lambda host, port: [program, "--memory", MEMORY[name], *more, host, port]

    with tempfile.NamedTemporaryFile("w", prefix="password-") as file, ended_after() as started:
        file.write(PASSWORD)
        file.flush()
        open_one = started(Server(command("open", "--allow-flush"), is_healthy))
        locked = started(Server(command("locked", "--requirepass", file.name), is_healthy))
        yield Targets(open_one.address, locked.address, open_one.address, False)


@contextlib.contextmanager
def ours_by_tls(program):
    """The same two servers, reached by their doors of TLS. SSL_CERT_FILE is set for the clients."""
    with tempfile.TemporaryDirectory() as folder, ended_after() as started:
        subprocess.run([str(CERTIFICATES), folder], check=True)
        password = Path(folder) / "password"
        password.write_text(PASSWORD)
        os.environ["SSL_CERT_FILE"] = f"{folder}/ca.crt"

        def start(name, *more):
            port = free_port()
            doors = ["--tls-port", str(port), "--tls-cert", f"{folder}/server.crt", "--tls-key", f"{folder}/server.key"]
            server = Server(
                lambda host, plain: [program, "--memory", MEMORY[name], *more, *doors, host, plain], is_healthy
            )
            return f"{started(server).host}:{port}"

        open_one = start("open", "--allow-flush")
        locked = start("locked", "--requirepass", str(password))
        yield Targets(open_one, locked, open_one, False, tls=True)


@contextlib.contextmanager
def redis():
    with tempfile.TemporaryDirectory() as folder, ended_after() as started:

        def start(*more):
            fixed = ["--dir", folder, "--save", "", "--appendonly", "no", "--maxmemory", "2gb"]
            fixed += ["--maxmemory-policy", "allkeys-lru", "--cluster-config-file", f"{os.getpid()}.conf"]
            return started(
                Server(lambda host, port: ["redis-server", "--bind", host, "--port", port, *fixed, *more], answers)
            )

        open_one, locked = start(), start("--requirepass", PASSWORD)
        cluster = start("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        assert ask(cluster.host, cluster.port, b"CLUSTER ADDSLOTSRANGE 0 16383\r\n").startswith(b"+OK")
        yield Targets(open_one.address, locked.address, cluster.address, True)


@contextlib.contextmanager
def ended_after():
    """Yields a function that registers a server, to be ended in any case."""
    servers = []

    def started(server):
        servers.append(server)
        return server

    try:
        yield started
    finally:
        for server in servers:
            server.kill()


def answers(host, port):
    try:
        return ask(host, port, b"PING\r\n")[:1] in (b"+", b"-")
    except OSError:
        return False


def ask(host, port, line):
    with socket.create_connection((host, port), timeout=READY_SECONDS) as connection:
        connection.sendall(line)
        return connection.recv(1000)
