"""What disk.py measured, as lines of Markdown; report.py puts them into docs/PERFORMANCE.md.

By itself: disk_report.py FIGURES OUTPUT.
"""
import json
import pathlib
import sys

import tables
from measured import Spread
from report_parts import revision, version
from verdicts import MET, UNDECIDED, at_least, at_most, judge

GIB = 1 << 30
PASSES = {"first": "first pass", "steady": "segments used again"}
RESTARTS = {"indexes": "after SIGTERM", "kill -9": "after kill -9", "no indexes": "without index blocks"}
# Seconds until a restart knows all chunks; what kill -9 leaves has the indexes of all segments but one.
KNOWN_WITHIN = {"indexes": 1, "no indexes": 5}


def over(row, one, other):
    """Round by round, so that a disturbance of a round hits both. What no round could measure is not a number."""
    return Spread([a / b for a, b in zip(row[one], row[other]) if a is not None] or [float("nan")])


def spread(values):
    return Spread([value for value in values if value is not None] or [float("nan")])


def verdicts(figures):
    for row in figures.get("cold", []):
        for driver, bound in (("uring", 0.9), ("epoll", 0.8)):
            what = f"Cold GET of {row['size']}, 4 connections, {driver}: at least {bound} of fio's read"
            yield at_least(what, over(row, driver, "fio"), bound)
    for row in figures.get("write", []):
        for part, words in PASSES.items():
            what = f"Write-back of {row['size']}, {words}: at least 0.9 of fio's write"
            yield at_least(what, over(row[part], "ours", "fio"), 0.9)
    if "hits" in figures:
        ratio = over(figures["hits"], "beside", "alone")
        yield at_most("Memory hits beside reads and writes: at most 1.25 of their processor time alone", ratio, 1.25)
    if "exist" in figures:
        late = Spread([one["p99"] / 1000 for one in figures["exist"]["beside"]])
        what = "EXIST beside cold GETs and writes: p99 below 2 ms"
        yield what, f"{late.text(2)} ms", judge(late, 2, at_least=False)
    if "single" in figures:
        what = "EXIST, 50 ms later GET of 32 MiB: at least 0.9 of a memory hit"
        yield at_least(what, over(figures["single"], "hit", "asked"), 0.9)
    yield from restarts(figures)
    if "session" in figures:
        found = {how: [one["found"] for one in row] for how, row in figures["session"]["rows"]["paced"].items()}
        pace = f"at {figures['session']['rate']} prompts a second"
        what = f"Session that needs three times the memory, {pace}: at least 0.95 of the usable prefix"
        yield at_least(what, over(found, "with a disk", "all in memory"), 0.95)


def restarts(figures):
    if "restart" not in figures:
        return
    chunks = f"Restart with {figures['restart']['records']:,} chunks of 16 KiB".replace(",", " ")
    for how, words in RESTARTS.items():
        row = figures["restart"]["rows"][how]
        listening, loaded = (Spread([one[name] for one in row]) for name in ("listening", "loaded"))
        yield f"{chunks}, {words}: listens within 200 ms", f"{listening.text(3)} s", judge(listening, 0.2, at_least=False)
        if how in KNOWN_WITHIN:
            bound = KNOWN_WITHIN[how]
            yield f"{chunks}, {words}: knows them within {bound} s", f"{loaded.text(2)} s", judge(loaded, bound, at_least=False)


def speeds(figures):
    """Reads and writes beside fio's."""
    rows = []
    for row in figures.get("cold", []):
        for driver in ("uring", "epoll"):
            rows.append([f"cold GET, {row['size']}, {driver}", Spread(row[driver]).text(2), Spread(row["fio"]).text(2),
                         over(row, driver, "fio").text(2)])
    for row in figures.get("write", []):
        for part, words in PASSES.items():
            ours, fio = row[part]["ours"], row[part]["fio"]
            rows.append([f"write-back, {row['size']}, {words}", spread(ours).text(2), Spread(fio).text(2),
                         over(row[part], "ours", "fio").text(2)])
    return tables.table(["GiB/s (min–max)", "lmcache-server", "fio", "ratio"], rows) if rows else []


def beside(figures):
    """What goes on beside a working device."""
    rows = []
    if "hits" in figures:
        found = figures["hits"]
        rows.append(["GET of 4 MiB from memory, s/GiB"] + [Spread(found[name]).text(3) for name in ("alone", "beside")]
                    + moved(found))
    if "exist" in figures:
        found = figures["exist"]
        for name in ("p50", "p99", "max"):
            cells = [Spread([one[name] for one in found[how]]).text(0) for how in ("alone", "beside")]
            rows.append([f"EXIST, {name}, µs"] + cells + moved(found))
    if "single" in figures:
        found = {name: [1000 * one for one in times] for name, times in figures["single"].items()}
        words = {"hit": "from memory", "asked": "from disk, EXIST 50 ms before", "unasked": "from disk, without EXIST"}
        for name, what in words.items():
            rows.append([f"GET of 32 MiB {what}, ms", Spread(found[name]).text(1), "-", "-", "-"])
    return tables.table(["case (min–max)", "alone", "beside", "GiB/s read", "GiB/s written"], rows) if rows else []


def moved(found):
    return [Spread(found[name]).text(2) for name in ("read", "written")]


def starts(figures):
    if "restart" not in figures:
        return []
    rows = []
    for how, words in RESTARTS.items():
        row = figures["restart"]["rows"][how]
        rows.append([words] + [Spread([one[name] for one in row]).text(3) for name in ("listening", "loaded")])
    return tables.table(["restart (min–max)", "listens after s", "knows all after s"], rows)


def sessions(figures):
    if "session" not in figures:
        return []
    rows = []
    for pace, found in figures["session"]["rows"].items():
        for how, row in found.items():
            share = Spread([one["found"] * 100 for one in row])
            counts = [sum(one[name] for one in row) for name in ("puts", "lost")]
            loading = Spread([one["loading"] for one in row])
            words = f"{figures['session']['rate']} prompts a second" if pace == "paced" else pace
            rows.append([f"{words}, {how}", f"{share.text(1)} %", *counts, loading.text(0)])
    return tables.table(["session (min–max)", "usable prefix", "PUT", "lost", "loading p50 ms"], rows)


def conditions(figures):
    size, memory = (f"{figures[name] / GIB:g} GiB" for name in ("bytes", "memory"))
    return [
        f"On {figures['device']} ({figures['filesystem']}, scheduler {figures['scheduler']}), {figures['rounds']} rounds; fio "
        f"{version('fio', 'fio-')}: io_uring, direct, 1 MiB, depth 16. {size} are read or written at a time, by a server with "
        f"{memory} of memory that was started anew before it reads.", ""]


def lines(figures):
    """The section, without its title."""
    found = [list(verdict) for verdict in verdicts(figures)]
    met, undecided = (sum(verdict[2] == which for verdict in found) for which in (MET, UNDECIDED))
    said = conditions(figures)
    if figures["quick"] == "yes":
        said += ["**A quick run: little is read and written. For a first look, not for a verdict.**", ""]
    said += [f"- {fault}" for fault in figures["faults"]] + ([""] if figures["faults"] else [])
    said += [f"**{met} of {len(found)} targets met, {undecided} undecided.**", ""]
    said += tables.table(["target", "measured", ""], found)
    lost = sum(row[part]["ours"].count(None) for row in figures.get("write", []) for part in PASSES)
    if lost:
        said += [f"{lost} rounds of writing were left out: the machine was too busy to store fast enough.", ""]
    for part in (speeds, beside, starts, sessions):
        said += part(figures)
    return said


def main():
    figures, output = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("\n".join(["# Disk", ""] + revision() + [""] + lines(figures)).rstrip() + "\n")


if __name__ == "__main__":
    main()
