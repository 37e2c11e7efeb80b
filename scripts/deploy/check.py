"""Checks deploy/. scripts/deploy-test.sh starts it with the packages it needs."""

import argparse
import pathlib
import re
import sys

import compose_spec
import yaml

import chart
import disk
import helmcheck
import objects
import unit
from report import Report

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def drain_seconds():
    text = (ROOT / "Sources/Server/Limits+Server.swift").read_text()
    return int(re.search(r"drainNanoseconds: UInt64 = ([0-9_]+)", text).group(1).replace("_", "")) // 10**9


def check_chart(report, directories, write):
    ours = yaml.safe_load((DEPLOY / "production-stack/values.yaml").read_text())
    rendered = DEPLOY / "production-stack/rendered.yaml"
    for number, directory in enumerate(directories):
        name = f"chart {chart.describe(directory)}"
        values = chart.suited(directory, ours)
        try:
            manifests = chart.render(directory, values)
        except Exception as failure:
            report.fail(f"{name}: renders", failure)
            continue
        report.check(f"{name}: lints", lambda: chart.lints(directory, values))
        report.check(f"{name}: asks for what the image has", lambda: chart.fits(manifests, values))
        report.check(f"{name}: schemas {', '.join(objects.VERSIONS)}", lambda: objects.validate(chart.parse(manifests)))
        report.check(f"{name}: takes disk/patch.yaml", lambda: takes_disk(chart.parse(manifests)))
        if number > 0:
            continue
        report.check(f"{name}: hardened, one pod at a time", lambda: chart.is_current(manifests))
        report.refuses("a typo in a Deployment is noticed", lambda: objects.a_typo_is_noticed(chart.parse(manifests)))
        if write:
            rendered.write_text(chart.document(manifests))
        report.check("rendered.yaml is what the chart makes", lambda: same(rendered, chart.parse(manifests)))


def takes_disk(items):
    return disk.fits(objects.of_kind(items, "Deployment"), DEPLOY / "disk", drain_seconds())


def same(file, items):
    """The whole Deployment; of the Service what engines see of it, since the labels there change with the chart."""
    written = list(yaml.safe_load_all(file.read_text()))
    advice = f"{file.name} differs; scripts/deploy-test.sh --write makes it anew"
    assert objects.of_kind(written, "Deployment") == objects.of_kind(items, "Deployment"), advice
    one, other = (objects.of_kind(found, "Service") for found in (written, items))
    assert one["metadata"]["name"] == other["metadata"]["name"] and one["spec"]["ports"] == other["spec"]["ports"], advice


def check_objects(report):
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for file in files:
        items = list(yaml.safe_load_all(file.read_text()))
        report.check(f"kubernetes/{file.name}: schemas {', '.join(objects.VERSIONS)}", lambda: objects.validate(items))
    everything = [item for file in files for item in yaml.safe_load_all(file.read_text())]
    report.check("kubernetes: selectors, ports, probes, hardening", lambda: objects.plain(everything, drain_seconds()))
    report.check("kubernetes: takes disk/patch.yaml", lambda: takes_disk(everything))


def check_compose(report):
    text = (DEPLOY / "compose/compose.yaml").read_text()
    report.check("compose.yaml: compose specification", lambda: compose_spec.PyCompose.from_yaml(text).validate())
    typo = text.replace("mem_limit:", "memory_limit:")
    report.refuses("a typo in compose.yaml is noticed", lambda: compose_spec.PyCompose.from_yaml(typo).validate())
    whole = yaml.safe_load(text)
    service = whole["services"]["lmcache-server"]

    def outlasts():
        assert int(service["stop_grace_period"].removesuffix("s")) > drain_seconds(), "a drain takes longer"
        assert service["mem_limit"] == service["memswap_limit"], "it may swap"

    def has_its_disk():
        settings = service["environment"]
        volume, place = service["volumes"][0].split(":")
        assert place == settings["LMCACHE_LOCAL_DISK"] and volume in whole["volumes"], f"{place} is no volume"
        grace = int(settings["LMCACHE_SERVER_DISK_GRACE"])
        assert int(service["stop_grace_period"].removesuffix("s")) >= grace + 10, "it is killed while it saves"

    def profile_is_there():
        path = re.search(r"# - seccomp=(\S+)", text).group(1)
        assert (DEPLOY / "compose" / path).is_file(), f"compose.yaml speaks of {path}, which is not there"

    report.check("compose.yaml: outlasts a drain, does not swap", outlasts)
    report.check("compose.yaml: the disk is a volume, and there is time to save", has_its_disk)
    report.check("compose.yaml: the seccomp profile it speaks of is there", profile_is_there)


def check_unit(report, server):
    file = DEPLOY / "systemd/lmcache-server.service"
    report.check("lmcache-server.service: systemd-analyze verify", lambda: unit.verify(file, server))
    report.check("lmcache-server.service: systemd-analyze security", lambda: unit.exposure(file, server))
    report.check("lmcache-server.service: outlasts a drain", lambda: unit.outlasts_a_drain(file, drain_seconds()))
    report.check("lmcache-server.service: the disk it advises is its own", lambda: unit.has_its_disk(file))
    for io in ("uring", "epoll"):
        report.check(f"lmcache-server.service: allows what the server does with {io}", lambda: unit.covers(file, server, io))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--server", type=pathlib.Path, required=True)
    parser.add_argument("charts", nargs="+")
    arguments = parser.parse_args()
    report = Report()
    check_chart(report, arguments.charts, arguments.write)
    check_objects(report)
    check_compose(report)
    check_unit(report, str(arguments.server.resolve()))
    helmcheck.check(report, str(arguments.server.resolve()), [pathlib.Path(chart) for chart in arguments.charts])
    return report.end()


sys.exit(main())
