"""Measures the disk tier beside fio: disk.py PROGRAMS FOLDER OUTPUT QUICK [PART]. disk.sh calls it.

fio and the server take turns on one file system. Leaves the figures in OUTPUT, for disk_report.py. In FOLDER is room for what is
written, at most 8 GiB at a time; the parts remove it.
"""
import itertools
import json
import os
import pathlib
import signal
import sys
import time

import disk_beside
from disk_stand import GIB, LONGEST_WAIT, MIB, SIZES, Failed, Server, Stand, describe, keep_on_disk, speed, turns

DRIVERS = ("uring", "epoll")


class Scale:
    def __init__(self, quick):
        self.rounds = 3 if quick else 5
        # Of reads and of writes; of what a server keeps in memory while it reads.
        self.bytes, self.memory = (GIB, 512 * MIB) if quick else (3 * GIB, GIB)
        # Of hits alone and beside; of EXIST beside; values that are asked for one by one.
        self.hits_seconds, self.exist_seconds, self.singles = (0.4, 2, 6) if quick else (0.7, 5, 16)
        self.records = 20_000 if quick else 100_000
        self.memory_of_session = 512 * MIB if quick else GIB
        self.size_of_session = "16MiB" if quick else "32MiB"
        self.prompts_a_second, self.sessions = (4, 1) if quick else (2, 3)


def cold(stand, scale):
    """Every value once, by a server that was just started."""
    found = []
    for size in SIZES:
        keys = keep_on_disk(stand, size, scale.bytes)
        stand.fio("write", scale.bytes)
        row = {"size": size, "fio": []} | {driver: [] for driver in DRIVERS} | {"seconds_per_gib": []}
        for number in range(scale.rounds):
            for name in turns(number, ("fio",) + DRIVERS):
                if name == "fio":
                    row[name].append(stand.fio("read", scale.bytes, "--readonly"))
                    continue
                with Server(stand, scale.memory, 2 * scale.bytes, io=name) as server:
                    result = stand.bench(
                        f"cold GET of {size} by {name}", "get", "--no-fill", "--size", size, "--connections", 4,
                        "--keys", keys, "--count", keys, "--server-pid", server.process.pid)
                    row[name].append(speed(result))
                    if name == "uring":
                        row["seconds_per_gib"].append(result["server_s_per_gib"]["median"])
                    read = server.metrics()["disk_read_bytes_total"]
                    if read != scale.bytes:
                        stand.faults.append(f"cold GET of {size} by {name}: {read:.0f} bytes came from the disk")
        found.append(row)
    return found


def write_speed(stand, server, keys, storing):
    """GiB a second from when all is stored, and a tenth written, to when nine tenths are written. None where most of it was
    written by then: the machine was busy, and the writer had to wait for the client."""
    before = server.metrics()
    base, first, last = before["disk_written_chunks_total"], None, None
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        metrics, now, is_stored = server.metrics(), time.monotonic(), storing.poll() is not None
        done, written = (metrics["disk_written_chunks_total"] - base) / keys, metrics["disk_written_bytes_total"]
        if first is None and is_stored and done >= 0.1:
            first, is_late = (written, now), done > 0.6
        if last is None and done >= 0.9:
            last = written, now
        if done >= 1 and is_stored:
            break
        if now > deadline:
            raise Failed("what was stored is not written")
        time.sleep(0.02)
    if is_late or last[1] <= first[1]:
        return None
    return (last[0] - first[0]) / (last[1] - first[1]) / GIB


class Writing:
    """What was stored, on its way to the device. Memory holds all of a pass, so nothing is dropped before it is written."""

    def __init__(self, stand, scale, size):
        self.stand, self.size, self.bytes, self.keys = stand, size, scale.bytes, scale.bytes // SIZES[size]
        self.firsts = itertools.count(0, self.keys)

    def server(self, passes, beyond):
        """Its disk has room for so many passes before a segment is used again; its memory for so many bytes beyond one."""
        # An engine does not look up what it has just stored; the client does, and must not be promised all of it.
        return Server(self.stand, self.bytes + beyond, passes * self.bytes + self.bytes // 3, lease=0)

    def ours(self, server):
        """GiB a second, of values stored for the first time; None if that was not to be learnt."""
        storing = self.stand.begin_bench("fill", "--size", self.size, "--keys", self.keys, "--first-key", next(self.firsts))
        found = write_speed(self.stand, server, self.keys, storing)
        self.stand.end_bench(storing, f"storing {self.size}")
        return found

    def fio(self):
        return self.stand.fio("write", self.bytes)

    def first_pass(self, ours, fio, rounds):
        for number in range(rounds):
            for name in turns(number, ("fio", "ours")):
                self.stand.clear()
                if name == "fio":
                    fio.append(self.fio())
                    continue
                # What is measured meets memory that was touched before.
                with self.server(passes=2, beyond=self.bytes // 4) as server:
                    self.ours(server)
                    ours.append(self.ours(server))

    def steady(self, ours, fio, rounds):
        """Segments that were used before, and a file that was written before. Returns how many segments were reclaimed."""
        self.stand.clear()
        self.fio()
        with self.server(passes=1, beyond=GIB) as server:
            self.ours(server)
            self.ours(server)
            before = server.metrics()["disk_reclaimed_segments_total"]
            for number in range(rounds):
                for name in turns(number, ("fio", "ours")):
                    fio.append(self.fio()) if name == "fio" else ours.append(self.ours(server))
            return server.metrics()["disk_reclaimed_segments_total"] - before


def write(stand, scale):
    found = []
    for size in SIZES:
        writing = Writing(stand, scale, size)
        row = {"size": size, "first": {"ours": [], "fio": []}, "steady": {"ours": [], "fio": []}}
        writing.first_pass(**row["first"], rounds=scale.rounds)
        row["reclaimed"] = writing.steady(**row["steady"], rounds=scale.rounds)
        if not row["reclaimed"]:
            stand.faults.append(f"writing {size}: no segment was used again")
        found.append(row)
    return found


def destroy_indexes(folder):
    """What is left is what a crash of the machine leaves: segments without what was to be written last. Returns how many."""
    count = 0
    for path in folder.iterdir():
        length = path.stat().st_size
        if length >= 4 * MIB:
            with open(path, "r+b") as segment:
                segment.seek(length - 4096)
                segment.write(bytes(4096))
                os.fsync(segment.fileno())
            count += 1
    return count


def restart(stand, scale):
    """Many small chunks: seconds until the server listens and until it knows them all."""
    rows = {"indexes": [], "kill -9": [], "no indexes": []}
    size = 4 * GIB
    stand.clear()
    with Server(stand, 4 * GIB, size) as server:
        stand.fill("16KiB", scale.records, "--depth", 16)
        server.wait_written(scale.records)
    for _ in range(scale.rounds):
        for how, row in rows.items():
            if how == "kill -9":
                with Server(stand, 4 * GIB, size) as server:
                    server.stop(signal.SIGKILL)
            if how == "no indexes":
                segments = destroy_indexes(stand.disk)
            with Server(stand, 4 * GIB, size) as server:
                known = server.metrics()["disk_chunks"]
                if known != scale.records:
                    stand.faults.append(f"restart, {how}: knows {known:.0f} chunks of {scale.records}")
                row.append({"listening": server.listening, "loaded": server.loaded})
    return {"records": scale.records, "files": segments, "rows": rows}


def session(stand, scale):
    """Conversations that need three times the memory: the share of their prompts that was found. An engine computes what it does
    not find, which takes it longer than this client: hence the rate. As fast as the server answers, a store of this size is
    replaced within a second, which no disk keeps up with."""
    memory = scale.memory_of_session
    sizes = {"all in memory": (5 * memory, None), "without a disk": (memory, None), "with a disk": (memory, 5 * memory)}
    paces = {"paced": ["--rate", scale.prompts_a_second], "as fast as possible": []}
    options = ["--size", scale.size_of_session, "--users", 8, "--turns", 6, "--connections", 4, "--salt", 1]
    rows = {pace: {how: [] for how in sizes} for pace in paces}
    for _ in range(scale.sessions):
        for pace, how in itertools.product(paces, sizes):
            stand.clear()
            with Server(stand, *sizes[how], write="auto", rate=None) as server:
                process = stand.begin_bench("session", *options, *paces[pace])
                found = stand.end_bench(process, f"session, {how}", may_miss=True)
                said = found["session"]
                rows[pace][how].append({
                    "found": said["usable_prefix_hit_ratio"], "lost": said["lost_after_exist"], "puts": said["puts"],
                    "loading": said["loading_us"]["p50"] / 1000, "seconds": found["rounds"][0]["seconds"]})
    return {"memory": memory, "rate": scale.prompts_a_second, "rows": rows}


PARTS = {
    "cold": cold, "write": write, "hits": disk_beside.hits, "exist": disk_beside.exist, "single": disk_beside.single,
    "restart": restart, "session": session}


def main():
    programs, folder, output, quick, *only = sys.argv[1:]
    scale, stand = Scale(quick == "yes"), Stand(programs, folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = describe(folder) | {"quick": quick, "rounds": scale.rounds, "bytes": scale.bytes, "memory": scale.memory}
    try:
        for name in only or PARTS:
            print(f"  {name}", file=sys.stderr, flush=True)
            figures[name] = PARTS[name](stand, scale)
    except Failed as failure:
        sys.exit(f"disk.py: {failure}")
    finally:
        stand.end()
    figures["faults"] = stand.faults
    pathlib.Path(output).write_text(json.dumps(figures, indent=1))


main()
