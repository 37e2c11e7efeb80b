"""What disk.py measures with: fio, servers with a disk, the client, and a folder on the file system in question."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
import urllib.request

MIB, GIB = 1 << 20, 1 << 30
SIZES = {"4MiB": 4 * MIB, "32MiB": 32 * MIB}
PORT = 7301
ADDRESS = f"lm://127.0.0.1:{PORT}"
# Far more than any device writes: what is measured is the device, not the rate.
NO_RATE = "32GiB"
CLIENT_CORE = "1"
LONGEST_WAIT = 180


class Failed(Exception):
    """The measurement cannot go on; says why in a line."""


class Stand:
    def __init__(self, programs, folder):
        self.programs, self.folder = pathlib.Path(programs), pathlib.Path(folder)
        self.disk, self.yardstick = self.folder / "disk", self.folder / "fio"
        self.faults = []
        self.started = []

    def clear(self):
        """Nothing is left of what was written so far."""
        shutil.rmtree(self.disk, ignore_errors=True)
        self.yardstick.unlink(missing_ok=True)
        self.disk.mkdir()

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()

    def start(self, words, **options):
        process = subprocess.Popen([str(word) for word in words], **options)
        self.started.append(process)
        return process

    def fio(self, kind, size, *more):
        """GiB a second: 1 MiB at a time, 16 under way, past the page cache."""
        words = ["fio", "--name=fio", f"--filename={self.yardstick}", "--ioengine=io_uring", "--direct=1", "--bs=1M",
                 "--iodepth=16", f"--rw={kind}", f"--size={size}", "--fallocate=native", "--output-format=json", *more]
        ran = subprocess.run(words, capture_output=True, text=True)
        if ran.returncode != 0:
            raise Failed(f"fio {kind}: {(ran.stderr or ran.stdout).strip().splitlines()[-1]}")
        # What it warns of stands before the document.
        document = json.loads(ran.stdout[ran.stdout.index("{"):])
        return document["jobs"][0][kind]["bw_bytes"] / GIB

    # The client

    def begin_bench(self, command, *options, before=()):
        words = [*before, "taskset", "-c", CLIENT_CORE, self.programs / "lmcache-bench", command, "--rounds", 1,
                 "--warmup", 0, *options, ADDRESS, "--json"]
        return self.start(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end_bench(self, process, what, may_miss=False):
        """Its one result."""
        output, complaint = process.communicate()
        if process.returncode > 1:
            raise Failed(f"{what}: {complaint.strip().splitlines()[-1]}")
        result = json.loads(output)["cases"][0]["results"][0]
        if result["errors"] or (result["misses"] and not may_miss):
            self.faults.append(f"{what}: missed {result['misses']}, failed {result['errors']}")
        return result

    def may_be_first(self):
        """Whether a client may have a priority above everybody's, so that it never waits for its core."""
        return subprocess.run(["chrt", "-f", "1", "true"], capture_output=True).returncode == 0

    def bench(self, what, command, *options):
        return self.end_bench(self.begin_bench(command, *options), what)

    def fill(self, size, keys, *options):
        """Stores so many values for the first time."""
        self.bench("filling", "fill", "--size", size, "--keys", keys, *options)


class Server:
    """`with Server(...) as server`: SIGTERM ends it, and what waits to be written is written first."""

    def __init__(self, stand, memory, size=None, *, io="auto", loops=1, lease=None, write="all", rate=NO_RATE):
        self.stand = stand
        words = [stand.programs / "lmcache-server", "127.0.0.1", PORT, "--memory", f"{memory // MIB}MiB", "--loops", loops]
        words += ["--io", io]
        if lease is not None:
            words += ["--lease", lease]
        if size is not None:
            words += ["--disk", stand.disk, "--disk-size", f"{size // MIB}MiB", "--disk-write", write]
            words += ["--disk-write-rate", rate] if rate else []
        self.has_disk, self.loops = size is not None, loops
        self.began = time.monotonic()
        self.log = open(stand.folder / "server.log", "ab")
        self.process = stand.start(words, stdout=self.log, stderr=self.log)
        self.listening = self.until("listens", lambda: self.answers() or time.sleep(0.001))

    def __enter__(self):
        # Once it knows its disk and has made its memory ready, nothing disturbs what is measured.
        self.loaded = self.until("knows its disk", self.is_loaded)
        self.until("is idle", self.is_idle)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()
        self.log.close()
        # The ring of a killed process lets go of its sockets some time later, and they take connections until then.
        while self.answers():
            time.sleep(0.01)

    def until(self, what, is_so):
        """Seconds since it began."""
        while not is_so():
            if self.process.poll() is not None:
                raise Failed(f"the server ended: {last_line(self.stand.folder / 'server.log')}")
            if time.monotonic() - self.began > LONGEST_WAIT:
                raise Failed(f"it took too long until the server {what}")
        return time.monotonic() - self.began

    @staticmethod
    def answers():
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
            return True
        except OSError:
            return False

    def is_loaded(self):
        if not self.has_disk:
            return True
        time.sleep(0.005)
        states = {disk["state"] for disk in json.loads(self.page("/readyz"))["disks"]}
        if states & {"off", "read_only"}:
            raise Failed(f"the server does without its disk: {self.page('/readyz')}")
        return states == {"serving"}

    def is_idle(self):
        before = thread_seconds(self.process.pid)
        time.sleep(0.2)
        return thread_seconds(self.process.pid) - before < 0.01

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=30) as answer:
                return answer.read().decode()
        except OSError as error:
            raise Failed(f"the server does not answer: {error}; it said: {last_line(self.stand.folder / 'server.log')}") from None

    def metrics(self):
        """Figures by name, summed over their labels."""
        found = {}
        for name, number in re.findall(r"^lmcache_server_(\w+)(?:\{[^}]*\})? ([\d.]+)$", self.page("/metrics"), re.M):
            found[name] = found.get(name, 0) + float(number)
        return found

    def wait_written(self, chunks):
        """Until so many more than none were written since it began."""
        self.began = time.monotonic()
        self.until(f"has written {chunks} chunks", lambda: time.sleep(0.02) or self.written_chunks() >= chunks)

    def written_chunks(self):
        return self.metrics()["disk_written_chunks_total"]

    def serving_seconds(self):
        """Processor time of the loops that serve connections: those of disks come behind them, and have other work."""
        names = {f"loop-{number}" for number in range(self.loops)}
        return thread_seconds(self.process.pid, lambda name: name in names)


def keep_on_disk(stand, size, total):
    """Leaves a directory that holds so many bytes in values of a size, and no server. Returns how many values."""
    stand.clear()
    keys = total // SIZES[size]
    with Server(stand, total + GIB, 2 * total) as server:
        stand.fill(size, keys)
        server.wait_written(keys)
    return keys


def turns(number, names):
    """Each is first in its turn."""
    return [names[(number + place) % len(names)] for place in range(len(names))]


def speed(result):
    """GiB a second in the one round of a result."""
    only, = result["rounds"]
    return only["bytes"] / only["seconds"] / GIB


def key(number):
    """As the client names its values."""
    return f"bench@1@0@{number:016x}@bfloat16"


def thread_seconds(pid, counts=lambda name: True):
    """Processor time of the threads whose name counts."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            if counts((task / "comm").read_text().strip()):
                total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            pass  # it has ended
    return total / 1e9


def last_line(path):
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


class Engine:
    """A connection that asks and fetches as an engine does, into memory that is used again."""

    REQUEST, REPLY = struct.Struct("<9i150s"), struct.Struct("<9i")
    GET, EXIST, FOUND = 2, 3, 200

    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.memory = bytearray(64 * MIB)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, command, key):
        """Whether it is there, and how many bytes follow."""
        self.socket.sendall(self.REQUEST.pack(command, 0, 1, 3, 0, 0, 0, 0, 0, key.encode().ljust(150)))
        self.take(self.REPLY.size)
        code, length, *_ = self.REPLY.unpack_from(self.memory)
        return code == self.FOUND, length

    def exists(self, key):
        return self.ask(self.EXIST, key)[0]

    def get(self, key):
        """Bytes received, or None."""
        found, length = self.ask(self.GET, key)
        if not found:
            return None
        self.take(length)
        return length

    def take(self, count):
        view = memoryview(self.memory)[:count]
        while len(view):
            received = self.socket.recv_into(view)
            if not received:
                raise Failed("the server closed a connection")
            view = view[received:]


def describe(folder):
    """The file system and the device below a folder."""
    words = ["findmnt", "-n", "-o", "SOURCE,FSTYPE", "-T", str(folder)]
    found = subprocess.run(words, capture_output=True, text=True).stdout.split() or ["unknown", "unknown"]
    device = os.path.basename(os.path.realpath(found[0]))
    queue = pathlib.Path(f"/sys/class/block/{device}/queue")
    scheduler = re.search(r"\[(\S+)\]", (queue / "scheduler").read_text()) if (queue / "scheduler").exists() else None
    return {"device": found[0], "filesystem": found[1], "scheduler": scheduler[1] if scheduler else "none"}
