"""Turns the measurements of one run into Markdown: report.py WORK_DIRECTORY OUTPUT_FILE.

Replaces what stands between the two markers of the output file; the rest of it is written by hand.
"""
import datetime
import json
import pathlib
import platform
import re
import subprocess
import sys

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
SIZES, CONNECTIONS = ("1MiB", "4MiB", "32MiB"), (1, 4)
NAMES = {"7101": "server", "7102": "c", "7103": "redis"}
TITLES = {"server": "lmcache-server", "c": "C loop", "redis": "Redis"}


def load(work):
    cases = {}
    for path in work.glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        cases[path.stem] = {NAMES[row["target"].rsplit(":", 1)[1]]: row for row in rows}
    return cases


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def facts(work):
    told = dict(line.split("=", 1) for line in (work / "facts.txt").read_text().splitlines())
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    redis = re.search(r"v=(\S+)", output_of("redis-server", "--version"))
    swift = re.search(r"Swift version (\S+)", output_of("swift", "--version"))
    virtual = " (virtual machine)" if " hypervisor " in pathlib.Path("/proc/cpuinfo").read_text() else ""
    dirty = " with local changes" if output_of("git", "status", "--porcelain", "Sources", "scripts") else ""
    network = "a network namespace of its own" if told["own_network"] == "yes" else "the host's network"
    return [
        f"- Date: {datetime.date.today()}; revision {output_of('git', 'rev-parse', '--short', 'HEAD')}{dirty}",
        f"- Machine: {cpu.group(1) if cpu else platform.machine()}, {output_of('nproc')} cores{virtual}; "
        f"Linux {platform.release()}",
        f"- Swift {swift.group(1) if swift else 'unknown'}; Redis {redis.group(1) if redis else 'unknown'}, "
        f"one I/O thread, no persistence; C loop: {output_of('cc', '--version').splitlines()[0]}, -O2",
        f"- Loopback in {network}, congestion control {told['congestion']}; server on core 0, client on core 1, "
        f"group priority {told['autogroup']}",
        f"- {told['rounds']} rounds of {told['seconds']} s for each target, alternating",
    ]


def ratio(case, over, under, what="gib_s"):
    """How `over` compares with `under`: from the rounds if one of them is the first target, else from the medians."""
    first = next(iter(case))
    if what in ("gib_s", "ops_s") and first == under:
        return case[over]["ratio"]
    if what in ("gib_s", "ops_s") and first == over:
        return 1 / case[under]["ratio"] if case[under]["ratio"] else float("nan")
    return case[over][what] / case[under][what]


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1)] + rows
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines] + [""]


def spread(row, what, decimals):
    return f"{row[what]:.{decimals}f} ({row[what + '_min']:.{decimals}f}–{row[what + '_max']:.{decimals}f})"


def bulk_rows(cases, names):
    rows = []
    for name in names:
        for target, row in cases.get(name, {}).items():
            against = ratio(cases[name], target, "c")
            rows.append([
                label(name), TITLES[target], spread(row, "gib_s", 2), f"{against:.2f}", f"{row['server_s_per_gib']:.3f}",
                f"{row['server_busy_pct']:.0f}", f"{row['client_busy_pct']:.0f}", f"{row['others_busy_pct']:.0f}",
                row["server_rss_mib"], row["misses"],
            ])
    return rows


def small_rows(cases, names):
    rows = []
    for name in names:
        for target, row in cases.get(name, {}).items():
            cost = row.get("server_us_per_op")
            rows.append([
                label(name), TITLES[target], spread(row, "ops_s", 0), f"{row['p50_us']:.1f}", f"{row['p99_us']:.1f}",
                f"{row['max_us']:.0f}", "-" if cost is None else f"{cost:.2f}", f"{row['gib_s']:.2f}",
                f"{row['client_busy_pct']:.0f}", f"{row['others_busy_pct']:.0f}", row["misses"],
            ])
    return rows


LABELS = {
    "exist-1-1": "EXIST, one at a time, client sleeps",
    "exist-spin-1-1": "EXIST, one at a time, client polls",
    "exist-16-8": "EXIST, 8 connections, 16 deep",
    "beside-get": "EXIST beside 4 × GET 32 MiB",
    "beside-put": "EXIST beside 4 × PUT 32 MiB",
    "many-get": "GET of 20 000 × 4 KiB, verified, 4 connections, 50 deep",
}


def label(name):
    if name in LABELS:
        return LABELS[name]
    command, size, connections = name.split("-")
    words = {"get": "GET", "put": "PUT, warm", "fill": "PUT, cold"}[command]
    return f"{words}, {size.replace('MiB', ' MiB')} × {connections}"


def compared(cases, name, what, yardstick):
    """Nothing for a case that this run left out."""
    return [ratio(cases[name], "server", yardstick, what)] if name in cases else []


def verdicts(cases):
    """Yields (target, measured, met) for all that was promised."""
    bodies = [(command, f"{command}-{size}-{n}") for command in ("get", "put") for size in SIZES for n in CONNECTIONS]
    for _, name in bodies:
        for got in compared(cases, name, "gib_s", "c"):
            yield f"{label(name)}: at least 0.95 of the C loop", f"{got:.2f}", got >= 0.95
    large = [(command, name) for command, name in bodies if "-32MiB-" in name]
    for command, name in large:
        for got in compared(cases, name, "gib_s", "redis") if command == "get" else []:
            yield f"{label(name)}: at least twice Redis", f"{got:.2f}", got >= 2
    for _, name in large:
        for got in compared(cases, name, "server_s_per_gib", "redis"):
            yield f"{label(name)}: at most 0.7 of Redis's processor time a GiB", f"{got:.2f}", got <= 0.7
    for name in ("exist-1-1", "exist-spin-1-1"):
        for got in compared(cases, name, "server_us_per_op", "redis"):
            yield f"{label(name)}: less processor time than Redis", f"{got:.2f}", got < 1
    deep = cases["exist-16-8"]["server"]["ops_s"]
    yield f"{label('exist-16-8')}: at least 1 000 000 a second", f"{deep:,.0f}".replace(",", " "), deep >= 1e6
    for name in ("beside-get", "beside-put"):
        late = cases[name]["server"]["p99_us"] / 1000
        yield f"{label(name)}: p99 below 2 ms", f"{late:.2f} ms", late < 2


def report(work):
    cases = load(work)
    lines = facts(work) + [""]
    if "server" in cases["get-1MiB-1"]:
        rows = [[what, got, "met" if met else "**missed**"] for what, got, met in verdicts(cases)]
        met = sum(row[2] == "met" for row in rows)
        lines += [f"{met} of {len(rows)} targets met.", ""] + table(["target", "measured", ""], rows)
    else:
        lines += ["The yardsticks alone; lmcache-server was not measured.", ""]
    names = [f"{command}-{size}-{n}" for command in ("get", "put") for size in SIZES for n in CONNECTIONS]
    lines += ["### Bodies", ""] + table(
        ["case", "target", "GiB/s (min–max)", "× C loop", "server s/GiB", "server %", "client %", "others %",
         "RSS MiB", "misses"], bulk_rows(cases, names + ["fill-32MiB-4"]))
    lines += ["### Small requests", ""] + table(
        ["case", "target", "op/s (min–max)", "p50 µs", "p99 µs", "max µs", "server µs/op", "GiB/s beside", "client %",
         "others %", "misses"], small_rows(cases, LABELS))
    return "\n".join(lines)


def main():
    work, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    text = output.read_text() if output.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    if BEGIN not in text or END not in text:
        sys.exit(f"report.py: {output} lacks the markers {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(f"{before}{BEGIN}\n{report(work)}\n{END}{after}")


main()
