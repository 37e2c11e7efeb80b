"""Containers that are replaced while their volume stays."""

import contextlib
import os
import pathlib
import random
import shutil
import stat
import tempfile

import lm
from container import PORT, SERVE, Container, end_of, podman, until
from report import mebibytes, require

PLACE = "/var/cache/lmcache-server"
CHUNKS = {f"chunk {number}": os.urandom(4 * 2**20) for number in range(24)}


def disk(report, image):
    uid = random.randrange(100_000, 2**31)
    with folder_of(uid) as folder, volume() as named:
        # As Kubernetes hands over a volume, and as docker and podman do.
        for what, source in (("a directory of its uid", folder), ("a new volume of the engine", named)):
            with report.check(f"SIGTERM, and a new container finds every chunk on {what}") as notes:
                fill(image, source, uid, stop_kindly)
                find(image, source, uid)
                notes += [f"{mebibytes(sum(map(len, CHUNKS.values())))}, uid {uid}"]
        with report.check("its files are readable by nobody else"):
            open_to_others = [str(path) for path in files(folder) if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
            require(files(folder) and not open_to_others, f"{open_to_others} of {len(files(folder))} files")
    with folder_of(uid) as folder, report.check("SIGKILL, and a new container finds every chunk that was on disk"):
        fill(image, folder, uid, kill, "--disk-write", "all")
        find(image, folder, uid)
    with folder_of(0) as folder:
        with report.check("a directory that it cannot write to: it serves from memory, and says why") as notes:
            with Container(image, *flags(folder), uid=uid) as server, lm.client(server.host, PORT) as client:
                client.put("key", CHUNKS["chunk 0"])
                require(client.get("key") == CHUNKS["chunk 0"], "what was stored did not come back")
                status, body = server.page("/readyz")
                require(status == 200 and "degraded" in body, f"/readyz: {status} {body}")
                lines = [line for line in server.log().splitlines() if "fsGroup" in line and str(uid) in line]
                require(len(lines) == 1, server.log())
        with report.check("--disk-require: then it does not start, and says why in one line"):
            where = ["--user", f"{uid}:{uid}", *flags(folder), "--entrypoint", SERVE[0], image, *SERVE[1:]]
            status, said, _ = end_of("run", "--rm", "--network", "host", "--no-healthcheck", *where, "--disk-require")
            lines = [line for line in said.splitlines() if line.startswith("lmcache-server:")]
            require(status == 1 and len(lines) == 1 and "fsGroup" in lines[0], f"status {status}: {said}")


def flags(source):
    return [
        "--volume", f"{source}:{PLACE}", "--env", f"LMCACHE_LOCAL_DISK={PLACE}",
        "--env", "LMCACHE_MAX_LOCAL_DISK_SIZE=0.5"]  # fmt: skip


def fill(image, source, uid, end, *more):
    """A server that is given all chunks, and ended."""
    with Container(image, *flags(source), uid=uid, command=[*SERVE, *more]) as server:
        with lm.client(server.host, PORT) as client:
            for key, value in CHUNKS.items():
                client.put(key, value)
            require(all(client.ask(lm.EXIST, key) for key in CHUNKS), "memory did not hold them all")
        end(server)


def stop_kindly(server):
    podman("stop", "--time", "30", server.name)
    require(server.state("ExitCode") == "0", f"status {server.state('ExitCode')}: {server.log()}")


def kill(server):
    until("all is written", 60, lambda: server.metric("lmcache_server_disk_chunks") == len(CHUNKS))
    server.signal("KILL")


def find(image, source, uid):
    """Another container on the same volume has every chunk, byte for byte."""
    with Container(image, *flags(source), uid=uid) as server, lm.client(server.host, PORT) as client:
        until("the disk is known", 30, lambda: server.metric("lmcache_server_disk_chunks") >= len(CHUNKS))
        found = {key: client.get(key) for key in CHUNKS}
    wrong = [key for key, value in found.items() if value not in (None, CHUNKS[key])]
    missing = [key for key, value in found.items() if value is None]
    require(not wrong, f"other bytes came back: {wrong}")
    require(not missing, f"{len(missing)} of {len(CHUNKS)} are lost")


def files(folder):
    return [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]


@contextlib.contextmanager
def folder_of(uid):
    """A directory that only this uid may write to, on the machine's own file system."""
    folder = tempfile.mkdtemp(prefix="lmcache-disk-", dir="/var/tmp")
    try:
        os.chown(folder, uid, uid)
        os.chmod(folder, 0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def volume():
    name = podman("volume", "create")
    try:
        yield name
    finally:
        podman("volume", "rm", "--force", name, may_fail=True)
