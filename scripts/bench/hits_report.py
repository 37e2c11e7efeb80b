"""Makes docs/HITS.md of one run of hits.sh: hits_report.py WORK_DIRECTORY OUTPUT_FILE.

Pictures go into the folder performance/ beside the output. The prose comes from hits-method.md and hits-notes.md of
docs/performance/; everything else is measured.
"""
import collections
import csv
import json
import pathlib
import sys

import curves
import report_parts as parts
import tables

SERVERS = {
    "returns": "lmcache-server", "lru": "lmcache-server, lru", "redis": "Redis, allkeys-lru", "memcached": "memcached"}
LOADS = {
    "chat": "conversations", "agents": "agents with tools", "documents": "questions about documents",
    "code": "contexts of code that fork", "scan": "conversations beside a scan",
    "rounds": "documents in turn, again and again"}
ORDERS = {
    "": "one prompt after the other",
    "--together 4": "four prompts in turn on a connection",
    "--together 16": "sixteen prompts in turn on a connection",
    "--lookups apart": "look-ups on a connection of their own",
    "--clients 4 --ranks 2 --lookups apart": "four clients of two ranks, look-ups apart",
}
Run = collections.namedtuple("Run", "load room server clock factor held broken found lost refused exists")
Load = collections.namedtuple("Load", "name kind prompts blocks factor distinct")
Order = collections.namedtuple("Order", "load words room policy found broken")


def rows(path):
    with open(path, newline="") as lines:
        return list(csv.reader(lines, delimiter="\t"))


class Measured:
    def __init__(self, work):
        self.runs = [self.run(work, row) for row in rows(work / "runs.tsv")]
        self.loads = [Load(name, kind, *map(int, counts)) for name, kind, *counts in rows(work / "loads.tsv")]
        self.orders = [
            Order(load, words, int(room), policy, float(found), int(broken))
            for load, words, room, policy, found, broken in rows(work / "orders.tsv")]
        self.facts = dict(line.split("=", 1) for line in (work / "facts.txt").read_text().splitlines())

    @staticmethod
    def run(work, row):
        load, room, server, clock, factor, held, broken = row
        result = json.loads((work / f"{load}-{room}-{server}-{clock}.json").read_text())["cases"][0]["results"][0]
        session = result["session"]
        return Run(
            load, int(room), server, clock, int(factor), int(held), None if broken == "-" else int(broken),
            session["usable_prefix_hit_ratio"], session["lost_after_exist"], result["errors"], session["exists"])

    def of(self, load, clock="fast"):
        """By room and server."""
        return {(run.room, run.server): run for run in self.runs if run.load == load and run.clock == clock}

    def room_spread(self):
        """How far a full server was from its room at the end of a load, in percent: least, most."""
        distinct = {load.name: load.distinct for load in self.loads}
        offs = [100 * (run.held / run.room - 1) for run in self.runs if distinct[run.load] >= 1.5 * run.room]
        return (min(offs), max(offs)) if offs else None


def words_of(load):
    return LOADS.get(load.name, "a recorded load" if load.kind == "recorded" else load.name)


def share(found):
    return f"{found * 100:.2f}"


def found_table(runs):
    """A line a room; the most is bold."""
    lines = []
    for room in sorted({room for room, _ in runs}):
        found = [runs[room, server].found for server in SERVERS]
        most = max(round(one, 4) for one in found)
        lines.append([f"{room:,}"] + [f"**{share(one)}**" if round(one, 4) == most else share(one) for one in found])
    return tables.table(["room"] + [f"{label}, %" for label in SERVERS.values()], lines)


def loss_table(measured):
    lines = []
    for load in measured.loads:
        for server, label in SERVERS.items():
            runs = [run for run in measured.runs if run.load == load.name and run.server == server]
            broken = [run.broken for run in runs if run.broken is not None]
            lines.append([
                load.name, label, sum(run.lost for run in runs), sum(broken) if broken else "-",
                sum(run.refused for run in runs)])
    return tables.table(["load", "server", "lost after EXIST", "promises broken", "PUTs refused"], lines, left=2)


def orders_table(measured, load):
    found = [order for order in measured.orders if order.load == load.name]
    rooms = sorted({order.room for order in found})
    by = {(order.words, order.room, order.policy): order.found for order in found}
    lines = []
    for words in dict.fromkeys(order.words for order in found):
        cells = []
        for room in rooms:
            lru, returns = (by[words, room, policy] for policy in ("lru", "returns"))
            cells.append(f"{share(lru)}, " + (f"**{share(returns)}**" if returns > lru else share(returns)))
        lines.append([ORDERS.get(words, words)] + cells)
    return tables.table(["how the prompts come"] + [f"room for {room:,}" for room in rooms], lines)


def picture(measured, load, output):
    runs = measured.of(load.name)
    lines = [
        (label, [(room, runs[room, server].found) for room in sorted({room for room, _ in runs})])
        for server, label in SERVERS.items()]
    folder = output.parent / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    title = f"What is found: {load.name}"
    (folder / f"hits-{load.name}.svg").write_text(curves.curves(
        title, f"{words_of(load)}: {load.prompts:,} prompts, {load.blocks:,} blocks, {load.distinct:,} of them different",
        "Blocks of 16 KiB, equal room, one connection; the more of a prompt is found, the less is computed again.", lines))
    return [f"![{title}, over the room](performance/hits-{load.name}.svg)", ""]


def load_section(measured, load, output):
    lines = [f"### {load.name}: {words_of(load)}", "",
             f"{load.prompts:,} prompts, {load.blocks:,} blocks, {load.distinct:,} of them different; the servers' clock went "
             f"{load.factor} times as fast as the wall's.", ""]
    lines += picture(measured, load, output) + found_table(measured.of(load.name))
    wall = measured.of(load.name, "wall")
    if wall:
        lines += ["By the wall's clock, with everything within seconds:", ""] + found_table(wall)
    return lines


def report(measured, output):
    lines = ["# What is found", "", "<!-- Made by scripts/bench/hits.sh; the prose is docs/performance/hits-method.md and "
             "hits-notes.md. Do not edit here. -->", ""] + parts.prose("hits-method.md") + ["## Results", ""]
    lines += parts.revision() + [f"- {parts.peers()}", f"- The run took {int(measured.facts['seconds']) / 60:.0f} minutes."]
    spread = measured.room_spread()
    if spread:
        lines.append(f"- At the end of a load the servers held {spread[0]:+.1f} to {spread[1]:+.1f} % more blocks than their room.")
    if measured.facts["quick"] == "yes":
        lines.append("- **A quick run: few rooms, few loads, few prompts. For a first look, not for a verdict.**")
    lines += ["", "Share of all blocks that were found, in percent; the most of a line is bold.", ""]
    for load in measured.loads:
        if measured.of(load.name):
            lines += load_section(measured, load, output)
    ordered = [load for load in measured.loads if any(order.load == load.name for order in measured.orders)]
    for load in ordered:
        lines += [f"### {load.name}: prompts in turn, look-ups apart, several ranks", "",
                  "By `lmcache-policies`, the server's own store without a network, at the recorded pace: found with `lru`, and with",
                  "`returns`, bold where it is more. "
                  f"{sum(order.broken for order in measured.orders if order.load == load.name)} promises were broken.", ""]
        lines += orders_table(measured, load)
    lines += ["### Lost, broken, refused", "", "Over all rooms of a load.", ""] + loss_table(measured)
    return "\n".join(lines + parts.prose("hits-notes.md")).rstrip() + "\n"


def main():
    work, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(report(Measured(work), output))


if __name__ == "__main__":
    main()
