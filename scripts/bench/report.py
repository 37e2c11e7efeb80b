"""Makes docs/PERFORMANCE.md of one run: report.py WORK_DIRECTORY OUTPUT_FILE.

Pictures go into the folder performance/ beside the output. The prose comes from method.md and notes.md of
docs/performance/; everything else is measured.
"""
import pathlib
import platform
import shutil
import sys

import disk_report
import measured as m
import tables
from report_parts import output_of, prose, revision, version

PICTURES = {
    "get": "GET: throughput, latency and cost over the size of a value, for each number of connections",
    "put": "PUT: throughput, latency and cost over the size of a value, for each number of connections",
    "get-deep": "GET, 16 requests under way on each connection",
    "put-deep": "PUT, 16 requests under way on each connection",
    "host-get": "GET under the host's own congestion control",
    "host-put": "PUT under the host's own congestion control",
    "churn-4MiB": "Churn of 4 MiB: stored, read twice, evicted",
    "churn-32MiB": "Churn of 32 MiB: stored, read twice, evicted",
    "exist": "EXIST over the number of connections, one at a time and 16 deep",
    "latency": "GET of 1 MiB on four connections: percentiles of latency, and latency over time",
    "beside-get": "EXIST beside four connections that GET 32 MiB",
    "beside-put": "EXIST beside four connections that PUT 32 MiB",
    "idle-exist": "EXIST on 64 connections, without and with idle ones beside them",
    "resp-get": "GET by lm and by RESP, and Redis",
    "resp-put": "PUT by lm, SET by RESP, and Redis",
    "reference-get": "GET beside LMCache's own server",
    "reference-put": "PUT beside LMCache's own server",
}
SMALL = [
    ("exist", "EXIST, client sleeps"),
    ("exist-spin", "EXIST, client polls"),
    ("many-get", "GET of 20 000 × 4 KiB, verified, 4 conn., depth 50"),
    ("beside-get", "EXIST beside 4 × GET 32 MiB (GiB/s is theirs)"),
    ("beside-put", "EXIST beside 4 × PUT 32 MiB (GiB/s is theirs)"),
    ("latency", "GET of 1 MiB, 4 conn."),
]


def versions(measured):
    compiler = output_of("cc", "--version").splitlines()[0]
    named = [
        f"Swift {version('swift', 'Swift version ')}",
        f"memcached {version('memcached', 'memcached ')}, one worker thread (`-t 1 -I 256m`)",
        f"Redis {version('redis-server', 'v=')}, one I/O thread, no persistence",
        f"C loop: {compiler}, -O2",
    ]
    if "reference" in measured.facts:
        named.append(f"LMCache's own server: {measured.facts['reference']}")
    return "; ".join(named)


def conditions(measured):
    here, facts = measured.environment, measured.facts
    network = "a network namespace of its own" if facts["own_network"] == "yes" else "the host's network"
    lines = revision()
    if here:
        lines.append(
            f"- Machine: {here['processor']}, {here['cores']} cores{' (virtual machine)' if here['virtual'] else ''}, "
            f"{here['memory_bytes'] / (1 << 30):.0f} GiB; Linux {here['kernel']} ({platform.machine()})")
    lines += [
        f"- {versions(measured)}",
        f"- Loopback in {network}, congestion control {facts['congestion']} (the host's own is {facts['host_congestion']}); servers on core 0, client on core 1, "
        f"group priority {facts['autogroup']}; 6 GiB for each server's values (sessions: 2 GiB)",
        f"- {facts['rounds']} rounds of {facts['seconds']} s for each target and case, alternating",
    ]
    if facts["quick"] == "yes":
        lines.append("- **A quick run: rounds are short and cases are few. For a first look, not for a verdict.**")
    return lines + [""]


def pictures(work, output):
    folder = output.parent / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, words in PICTURES.items():
        source = work / f"{name}.svg"
        if source.exists():
            shutil.copyfile(source, folder / source.name)
            lines += [f"![{words}](performance/{source.name})", ""]
    return lines


def section(title, lines):
    return [f"### {title}", ""] + lines if lines else []


def figures(measured):
    lines = []
    titles = {
        "get": "GET, one at a time",
        "put": "PUT, warm, one at a time", "get-deep": "GET, 16 deep", "put-deep": "PUT, warm, 16 deep",
        "host-get": "GET, one at a time, under the host's own congestion control",
        "host-put": "PUT, warm, one at a time, under the host's own congestion control",
        "churn-4MiB": "Churn, 4 MiB: stored, read twice, evicted",
        "churn-32MiB": "Churn, 32 MiB: stored, read twice, evicted",
        "fill": "PUT, cold: every key for the first time",
        "resp-get": "GET by lm and by RESP", "resp-put": "PUT and SET by lm and by RESP",
        "resp-small": "SET of small values by RESP and by memcached's protocol, PUT by lm",
        "reference-get": "GET beside LMCache's own server", "reference-put": "PUT beside LMCache's own server",
    }
    for name, title in titles.items():
        if measured.cases(name):
            lines += section(title, tables.bodies(measured, name))
    if any(measured.cases(name) for name, _ in SMALL):
        lines += section("Small requests", tables.small(measured, SMALL))
    if measured.cases("reference-exist"):
        lines += section(
            "EXIST beside LMCache's own server", tables.small(measured, [("reference-exist", "EXIST")]))
    idle = [("idle-exist", "EXIST"), ("idle-get", "GET of 1 MiB")]
    if measured.cases("idle-exist"):
        lines += section("Idle connections", tables.small(measured, idle))
    lines += section("Many chunks", tables.chunks(measured))
    lines += section("Sessions: conversations that need 3.2 GiB, in 2 GiB", tables.sessions(measured))
    lines += section("The lookup registry beside Redis", tables.registry(measured.registry))
    lines += section("The client beside a C client with a thread a connection", tables.client(measured.client))
    lines += section("Two loops of one server beside two servers of one loop, a client a loop", tables.loops(measured))
    return lines


def report(measured, work, output):
    lines = [
        "# Performance", "",
        "<!-- Made by scripts/bench.sh; the prose is docs/performance/method.md and notes.md. Do not edit here. -->", ""]
    lines += prose("method.md")
    lines += ["## Results", ""] + conditions(measured)
    lines += section("Values were missing or requests failed", [f"- {fault}" for fault in measured.faults])
    lines += section("Targets", tables.promised(measured))
    lines += section("Disk", disk_report.lines(measured.disk) if measured.disk else [])
    lines += section("Beside memcached", tables.beside_memcached(measured))
    lines += section("Pictures", pictures(work, output))
    lines += prose("notes.md")
    lines += ["## Figures", ""] + figures(measured)
    return "\n".join(lines).rstrip() + "\n"


def main():
    work, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    measured = m.Measured(work)
    if measured.is_empty:
        sys.exit("report.py: nothing was measured")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(report(measured, work, output))


main()
