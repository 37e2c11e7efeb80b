"""Our own chart, rendered by Helm's own code, with each of the values in scripts/deploy/values."""

import copy
import functools
import json
import pathlib
import re

import jsonschema
import yaml
from helm_python import Chart
from helm_python.chart import lint

import custom
import objects

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/lmcache-server"
SCENARIOS = sorted((ROOT / "scripts/deploy/values").glob("*.yaml"))
NAME, NAMESPACE = "cache", "llm"


class Source:
    """A chart's directory, loaded once: rendering is cheap then."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.values = yaml.safe_load((self.directory / "values.yaml").read_text())
        self.schema = json.loads((self.directory / "values.schema.json").read_text())
        self.chart = Chart.load(str(self.directory))
        self.chart.__enter__()

    def close(self):
        self.chart.__exit__(None, None, None)

    def accepts(self, values):
        return jsonschema.Draft7Validator(self.schema).is_valid(merged(self.values, values))

    def texts(self, values):
        """By template; what a person reads is not among them."""
        made = self.chart.render(values, name=NAME, namespace=NAMESPACE)
        return {path: text for path, text in sorted(made.items()) if not path.endswith(("NOTES.txt", ".tpl"))}

    def notes(self, values):
        made = self.chart.render(values, name=NAME, namespace=NAMESPACE)
        return next(text for path, text in made.items() if path.endswith("NOTES.txt"))

    def items(self, values):
        return [item for text in self.texts(values).values() for item in yaml.load_all(text, StrictLoader) if item]


class StrictLoader(yaml.SafeLoader):
    """A key that stands twice is lost without a word otherwise."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice among {keys}"
        return super().construct_mapping(node, deep)


@functools.cache
def ours():
    return Source(CHART)


def scenarios():
    """By name: the chart's own values, and each file of the matrix."""
    return {"no values": {}} | {file.stem: yaml.safe_load(file.read_text()) for file in SCENARIOS}


def merged(old, new):
    """As Helm lays values over the chart's own: null takes a key away, but for the chart's own null."""
    result = copy.deepcopy(old)
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result


def lints(values):
    report = lint(str(CHART), values, strict=True, kube_version="v1.34.0")
    bad = [message for message in report["messages"] if message["severity"] >= 2]
    assert not bad and not report["errors"], (bad, report["errors"])


def versions():
    """The oldest that the chart asks for, and those that all of deploy/ is checked against."""
    oldest = re.search(r'^kubeVersion: ">=(\d+\.\d+)\.0-0"$', (CHART / "Chart.yaml").read_text(), re.M).group(1)
    return (oldest, *objects.VERSIONS)


def validate(items, against=None):
    objects.validate([item for item in items if not custom.is_custom(item)], against or versions())
    for item in filter(custom.is_custom, items):
        custom.validate(item)


def a_typo_is_noticed(kind):
    """In an object of this kind: the check of the check."""
    item = copy.deepcopy(next(item for item in everything() if item["kind"] == kind))
    item["spec"]["selectr"] = {}
    validate([item])


def everything():
    return [item for values in scenarios().values() for item in ours().items(values)]


def every_kind_is_rendered():
    kinds = {item["kind"] for item in everything()}
    files = {re.sub("[^a-z]", "", file.stem) for file in (CHART / "templates").glob("*.yaml")}
    missing = {kind for kind in files - {"extra", "serviceheadless"} if kind not in {name.lower() for name in kinds}}
    assert not missing, f"no values of the matrix make {missing}"
    return ", ".join(sorted(kinds))


def server_of(item):
    """The container of the server in a StatefulSet."""
    return next(each for each in objects.pod(item)["containers"] if each["name"] == "lmcache-server")


def fits(values):
    """The objects agree with each other."""
    items = ours().items(values)
    stateful = objects.of_kind(items, "StatefulSet")
    own, pod = server_of(stateful), objects.pod(stateful)
    labels = stateful["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"] for port in own["ports"]}
    assert len(ports) == len({port["containerPort"] for port in own["ports"]}) == len(own["ports"]), own["ports"]
    objects.selects(stateful["spec"]["selector"]["matchLabels"], stateful)
    services = {item["metadata"]["name"]: item for item in items if item["kind"] == "Service"}
    assert services[stateful["spec"]["serviceName"]]["spec"]["clusterIP"] == "None"
    for service in services.values():
        objects.selects(service["spec"]["selector"], stateful)
        assert {port["targetPort"] for port in service["spec"]["ports"]} == ports
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert own.get(probe, {"httpGet": {"port": "lm"}})["httpGet"]["port"] in ports
    mounts_fit(own, pod, stateful)
    for item in items:
        policies_fit(item, stateful, services, ports)
        if item["kind"] == "PrometheusRule":
            rules_fit(item, values)
    assert labels.items() >= values.get("podLabels", {}).items()


def mounts_fit(own, pod, stateful):
    volumes = {volume["name"] for volume in pod["volumes"]}
    claims = {claim["metadata"]["name"] for claim in stateful["spec"].get("volumeClaimTemplates", [])}
    assert len(volumes) == len(pod["volumes"]) and not volumes & claims, "two volumes of one name"
    places = {mount["mountPath"]: mount["name"] for mount in own["volumeMounts"]}
    assert len(places) == len(own["volumeMounts"]) and set(places.values()) <= volumes | claims, places
    given = own["args"]
    disks = [given[index + 1] for index, word in enumerate(given) if word == "--disk"]
    assert disks == [place for place in places if place.startswith("/var/cache/")], disks
    for word in filter(re.compile("/etc/lmcache-server/").match, given):
        folder, key = word.rsplit("/", 1)
        volume = next(each for each in pod["volumes"] if each["name"] == places[folder])
        if "secret" in volume:
            assert key in [item["path"] for item in volume["secret"]["items"]], f"{word} is not mounted"
    grace = int(given[given.index("--disk-grace") + 1]) if disks else 20
    assert pod["terminationGracePeriodSeconds"] >= grace + 10, "it is killed while it ends"


def policies_fit(item, stateful, services, ports):
    kind, spec, name = item["kind"], item.get("spec"), stateful["metadata"]["name"]
    if kind == "PodDisruptionBudget":
        objects.selects(spec["selector"]["matchLabels"], stateful)
    if kind == "NetworkPolicy":
        objects.selects(spec["podSelector"]["matchLabels"], stateful)
        assert {port["port"] for rule in spec["ingress"] for port in rule["ports"]} >= ports
    if kind == "ServiceMonitor":
        wanted = spec["selector"]["matchLabels"].items()
        chosen = [each for each in services.values() if wanted <= each["metadata"]["labels"].items()]
        assert [each["spec"].get("clusterIP") for each in chosen] == ["None"], "nothing is scraped, or twice"
        assert spec["endpoints"][0]["port"] in ports and spec["namespaceSelector"]["matchNames"] == [NAMESPACE]
    if kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name}
        behavior = spec.get("behavior") or spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        assert behavior["scaleDown"] == {"selectPolicy": "Disabled"}, "it would take replicas away"
        assert "replicas" not in stateful["spec"], "an upgrade would set the number back"


def rules_fit(item, values):
    """Those of the values, or what deploy/grafana has to the last word."""
    given = merged(ours().values, values)["metrics"]["prometheusRule"]["groups"]
    shipped = yaml.load((ROOT / "deploy/grafana/alerts.yaml").read_text(), StrictLoader)["groups"]
    assert item["spec"] == {"groups": given or shipped}, "other rules than those"


def is_careful():
    """With no values at all."""
    stateful = objects.of_kind(ours().items({}), "StatefulSet")
    objects.is_hardened(stateful)
    objects.promises_what_it_may_use(stateful)
    assert objects.pod(stateful)["automountServiceAccountToken"] is False
    assert objects.pod(stateful)["enableServiceLinks"] is False, "LMCACHE_SERVER_PORT would be a URL"


def no_secret_is_written():
    """Only references: the chart makes no Secret."""
    assert "Secret" not in {item["kind"] for item in everything()}


def pod_alone():
    """The StatefulSet's pod with its ConfigMap, as podman takes it, which knows no StatefulSet; with a directory of its
    own for a disk, where a cluster has a claim."""
    items = ours().items({"disk": {"volumes": [{"name": "nvme", "type": "emptyDir", "size": "2Gi"}], "size": "1Gi"}})
    template = objects.of_kind(items, "StatefulSet")["spec"]["template"]
    made = {"apiVersion": "v1", "kind": "Pod", **template}
    made["metadata"]["name"] = objects.of_kind(items, "StatefulSet")["metadata"]["name"] + "-0"
    validate([made])
    return yaml.safe_dump_all([objects.of_kind(items, "ConfigMap"), made], sort_keys=False)


def version():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    number = re.search(r'number = "([^"]+)"', (ROOT / "Sources/Setup/Options/Version.swift").read_text()).group(1)
    assert chart["appVersion"] == number, f"appVersion {chart['appVersion']} of the chart, {number} of the program"
