"""The production-stack chart, rendered with our values by Helm's own code."""

import pathlib

import yaml
from helm_python import Chart
from helm_python.chart import lint

import objects

NAME = "stack"
SERVER = "/opt/venv/bin/lmcache_server"
# The only tag for which charts that choose the program by the tag start this one.
NIGHTLY = "latest-nightly"
PROBE = ["/opt/venv/bin/python3", "/workspace/LMCache/examples/kubernetes/health_probe.py", "127.0.0.1"]


def suited(directory, values):
    """Our values, with the tag that values.yaml advises for charts that choose the program by it."""
    template = pathlib.Path(directory) / "templates/deployment-cache-server.yaml"
    if NIGHTLY not in template.read_text():
        return values
    spec = values["cacheserverSpec"]
    return {**values, "cacheserverSpec": {**spec, "tag": NIGHTLY, "image": {**spec["image"], "tag": NIGHTLY}}}


def is_ours(path):
    return "cache-server" in path


def render(directory, values):
    """What the chart makes of the cache server, as text by template."""
    with Chart.load(directory) as chart:
        manifests = chart.render(values, name=NAME, namespace="default")
    ours = {path: text for path, text in sorted(manifests.items()) if is_ours(path) and text.strip()}
    assert len(ours) == 2, f"a Deployment and a Service, not {sorted(ours)}"
    return ours


def parse(manifests):
    return [item for text in manifests.values() for item in yaml.safe_load_all(text) if item]


def lints(directory, values):
    report = lint(directory, values, strict=True, kube_version="v1.34.0")
    # Complaints about other templates, a missing icon or dependencies that are not there do not concern us. The directory
    # in which the chart lies says nothing: it may be named after our server.
    where = lambda m: m["error"].replace(str(directory), "") + pathlib.Path(m["path"]).name
    bad = [m for m in report["messages"] if m["severity"] >= 2 and (is_ours(where(m)) or "values" in m["path"])]
    assert not bad, bad


def fits(manifests, values):
    """The objects use only what the image has."""
    items = parse(manifests)
    deployment = objects.of_kind(items, "Deployment")
    spec, own = values["cacheserverSpec"], objects.container(deployment)
    port = str(spec["containerPort"])
    assert own["image"] == f"{spec['repository']}:{spec['tag']}" == f"{spec['image']['repository']}:{spec['image']['tag']}"
    assert own["command"] == [SERVER, "0.0.0.0", port], own["command"]
    assert own["livenessProbe"]["exec"]["command"] == PROBE + [port]
    assert deployment["spec"]["replicas"] == 1
    objects.promises_what_it_may_use(deployment)
    objects.service_reaches(objects.of_kind(items, "Service"), deployment)
    return f"tag {spec['tag']}"


def is_current(manifests):
    """Settings that only the newest charts understand."""
    deployment = objects.of_kind(parse(manifests), "Deployment")
    objects.is_hardened(deployment)
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}, deployment["spec"]["strategy"]


def document(manifests):
    head = "# What the chart makes of values.yaml beside this file: scripts/deploy-test.sh --write\n"
    return head + "".join(f"---\n# Source: {path}\n{text.strip()}\n" for path, text in manifests.items())


def describe(directory):
    # If a chart cannot be downloaded, its templates may be put together by hand; this file then says so.
    rebuilt = (pathlib.Path(directory) / "REBUILT").exists()
    return pathlib.Path(directory).name[:12] + (" (rebuilt, the cache server alone)" if rebuilt else "")
