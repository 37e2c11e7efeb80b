"""Kubernetes objects: against the schemas, and against each other."""

import copy
import re

import kubernetes_validate

# The oldest that is still supported somewhere, and the newest that the schemas know.
VERSIONS = ("1.30", "1.34", "1.37")


def validate(objects, versions=VERSIONS):
    """Unknown kinds, unknown keys and wrong types all raise."""
    assert objects, "there is nothing to check"
    for item in objects:
        for version in versions:
            kubernetes_validate.validate(item, version, strict=True)


def a_typo_is_noticed(objects):
    broken = copy.deepcopy(of_kind(objects, "Deployment"))
    pod(broken)["terminationGracePeriodSecond"] = 30
    validate([broken])


def of_kind(objects, kind):
    found = [item for item in objects if item["kind"] == kind]
    assert len(found) == 1, f"{len(found)} objects of kind {kind}"
    return found[0]


def pod(deployment):
    return deployment["spec"]["template"]["spec"]


def container(deployment):
    containers = pod(deployment)["containers"]
    assert len(containers) == 1, "one container"
    return containers[0]


def selects(selector, deployment):
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert selector, "an empty selector takes every pod"
    assert selector.items() <= labels.items(), f"{selector} does not select {labels}"


def port_of(deployment, port):
    """The number of a container's port, given by number or name."""
    for known in container(deployment)["ports"]:
        if port in (known["containerPort"], known.get("name")):
            return known["containerPort"]
    raise AssertionError(f"the container has no port {port}")


def service_reaches(service, deployment):
    selects(service["spec"]["selector"], deployment)
    for port in service["spec"]["ports"]:
        port_of(deployment, port.get("targetPort", port["port"]))


def is_hardened(deployment):
    context, own = pod(deployment)["securityContext"], container(deployment)["securityContext"]
    assert context["runAsNonRoot"] and context["seccompProfile"]["type"] in ("RuntimeDefault", "Localhost")
    assert own.get("runAsNonRoot", True), "the container says otherwise than its pod"
    assert own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]}


def promises_what_it_may_use(deployment):
    resources = container(deployment)["resources"]
    for name, text in [*resources["limits"].items(), *resources["requests"].items()]:
        # The schemas take any text.
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)?(m|[kMGTPE]|[KMGTPE]i)?", str(text)), f"{name}: {text} is no quantity"
    assert resources["limits"]["memory"] == resources["requests"]["memory"], "memory is promised twice"


def plain(objects, drain_seconds):
    """deploy/kubernetes as a whole."""
    deployment = of_kind(objects, "Deployment")
    is_hardened(deployment)
    promises_what_it_may_use(deployment)
    own = container(deployment)
    for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
        assert own[probe]["httpGet"]["path"] == path
        port_of(deployment, own[probe]["httpGet"]["port"])
    assert pod(deployment)["terminationGracePeriodSeconds"] > drain_seconds, "a drain takes longer"
    service_reaches(of_kind(objects, "Service"), deployment)
    selects(of_kind(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"], deployment)
    policy = of_kind(objects, "NetworkPolicy")["spec"]
    selects(policy["podSelector"]["matchLabels"], deployment)
    for rule in policy["ingress"]:
        for port in rule["ports"]:
            port_of(deployment, port["port"])
