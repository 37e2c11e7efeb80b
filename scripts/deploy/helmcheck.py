"""Everything that is checked of our own chart, a line each."""

import itertools
import pathlib
import tempfile

import helmchart
import helmserver
import helmvalues
import scaling

PEER = {"peer": {"enabled": True}}
NVME = {"name": "a", "type": "pvc", "size": "100Gi"}
TLS = {"enabled": True, "secretName": "tls"}
CLAIM = {"name": "a", "type": "existingClaim", "claimName": "c"}


def registry(**values):
    return {**PEER, "externalLookup": {"enabled": True, "existingSecret": "redis", **values}}


# Values that must be refused, and a word of the reason.
REFUSED = [
    ({"replicas": 2}, "replicas"),
    ({"service": {"prot": 1}}, "prot"),
    ({"server": {"port": 1}}, "port"),
    ({"server": {"max_connection": 1}}, "max_connection"),
    ({"server": {"policy": "fifo"}}, "policy"),
    ({"server": {"disk_write": "all"}}, "disk.volumes"),
    ({"seccompProfile": {"type": "unconfined"}}, "seccompProfile"),
    ({"disk": {"volumes": [{"name": "a", "type": "pvc"}]}}, "volumes"),
    ({"disk": {"volumes": [{**NVME, "path": "/a"}]}}, "volumes"),
    ({"disk": {"volumes": [{**NVME, "name": "config"}]}}, "volumes"),
    ({"disk": {"volumes": [NVME], "size": "100GiB"}}, "less than"),
    ({"disk": {"volumes": [NVME], "size": "1Ti"}}, "less than"),
    ({"disk": {"volumes": [{"name": "a", "type": "emptyDir", "size": "10Gi"}]}}, "disk.size is empty"),
    ({"disk": {"volumes": [CLAIM]}, "replicaCount": 2}, "one server"),
    ({"disk": {"volumes": [NVME], "graceSeconds": 60}, "terminationGracePeriodSeconds": 65}, "70 s"),
    ({"terminationGracePeriodSeconds": 20}, "30 s"),
    ({"admin": {"enabled": True, "host": "0.0.0.0"}}, "tokenSecret"),
    ({"admin": {"enabled": True}, "hostNetwork": True}, "tokenSecret"),
    ({"tls": {"enabled": True}}, "tls.secretName"),
    ({"tls": {"enabled": True, "secretName": "a", "clientAuth": "required"}}, "clientCA"),
    ({"lookup": {"enabled": True, "tlsPort": 1}}, "tls.enabled"),
    ({"admin": {"enabled": True, "tlsPort": 1}}, "tls.enabled"),
    ({"externalLookup": {"enabled": True, "url": "redis://a"}}, "peer.enabled"),
    ({**PEER, "externalLookup": {"enabled": True}}, "host"),
    ({**PEER, "externalLookup": {"enabled": True, "urlKey": "url"}}, "existingSecret"),
    ({**PEER, "externalLookup": {"enabled": True, "url": "http://a"}}, "url"),
    *((registry(**values), word) for values, word in [
        ({"url": "redis://a", "urlKey": "url"}, "urlKey"),
        ({"url": "redis://a", "host": "b"}, "host would be ignored"),
        ({"url": "redis://a", "hostKey": "host"}, "hostKey would be ignored"),
        ({"url": "redis://a", "port": 6380}, "port would be ignored"),
        ({"url": "redis://a", "portKey": "port"}, "portKey would be ignored"),
        ({"url": "redis://a", "database": 3}, "database would be ignored"),
        ({"url": "redis://:secret@a", "passwordKey": "token"}, "passwordKey would be ignored"),
        ({"url": "redis://cache@a", "user": "b", "passwordKey": "token"}, "user would be ignored"),
        ({"urlKey": "url", "passwordKey": "token"}, "passwordKey would be ignored"),
        ({"urlKey": "url", "host": "a"}, "host would be ignored"),
        ({"host": "a", "hostKey": "host"}, "hostKey say the same"),
        ({"host": "a", "port": 6380, "portKey": "port"}, "portKey say the same"),
        ({"host": "a", "user": "b", "userKey": "user"}, "userKey say the same"),
        ({"url": "redis://a:6380", "tls": {"enabled": True}}, "rediss://"),
        ({"urlKey": "url", "tls": {"enabled": True}}, "rediss://"),
        ({"host": "a", "tls": {"ca": {"secretName": "ca"}}}, "tls.ca without TLS"),
        ({"url": "redis://a", "tls": {"client": {"secretName": "client"}}}, "tls.client without TLS"),
        ({"host": "a", "tls": {"insecureSkipVerify": True}}, "insecureSkipVerify without TLS"),
        ({"host": "a", "tls": {"enabled": True, "ca": {"secretName": "ca"}, "insecureSkipVerify": True}}, "drop one"),
    ]),
    ({"autoscaling": {"enabled": True}, "keda": {"enabled": True}}, "choose one"),
    ({"keda": {"enabled": True}}, "serviceMonitor"),
    ({"tls": {**TLS, "port": 65432}}, "containerPort and tls.port are both 65432"),
    ({"containerPort": 65433, "tls": TLS}, "containerPort and tls.port are both 65433"),
    ({"tls": {**TLS, "servicePort": 65432}}, "service.port and tls.servicePort"),
    ({"lookup": {"enabled": True, "port": 65432}}, "containerPort and lookup.port"),
    ({"lookup": {"enabled": True, "servicePort": 65432}}, "service.port and lookup.servicePort"),
    ({"lookup": {"enabled": True}, "peer": {"enabled": True, "port": 65434}}, "lookup.port and peer.port"),
    ({"tls": TLS, "lookup": {"enabled": True, "tlsPort": 65433}}, "tls.port and lookup.tlsPort"),
    ({"tls": TLS, "peer": {"enabled": True, "tlsPort": 65435}}, "peer.port and peer.tlsPort"),
    ({"admin": {"enabled": True, "port": 65432}}, "admin.port and containerPort"),
    ({"server": {"lm": ":65432"}}, "server.lm and containerPort"),
    ({"service": {"extraPorts": [{"name": "a", "containerPort": 65432, "port": 1}]}}, "and containerPort of a in"),
    ({"service": {"extraPorts": [{"name": "a", "containerPort": 1, "port": 65432}]}}, "service.port and port of a in"),
    ({"autoscaling": {"enabled": True, "minReplicas": 4}}, "autoscaling.minReplicas 4 is more"),
    ({"keda": {"enabled": True, "maxReplicas": 2, "minReplicas": 3, "prometheus": {"query": "a"}}}, "keda.minReplicas 3 is"),
]


# What an operator switches on, one by one; every two of them are tried together.
SWITCHES = [
    {"disk": {"volumes": [NVME], "size": "90Gi"}},
    {"disk": {"volumes": [{"name": "b", "type": "hostPath", "path": "/mnt/b"}]}},
    {"resp": {"passwordSecret": {"name": "resp"}}},
    {"resp": {"usersSecret": {"name": "resp"}}},
    {"admin": {"enabled": True, "tokenSecret": {"name": "admin"}}},
    {"tls": {"enabled": True, "secretName": "tls"}},
    {
        "tls": {"enabled": True, "secretName": "tls"},
        "admin": {"enabled": True, "tlsPort": 65431, "tokenSecret": {"name": "admin"}},
    },
    {"tls": {"enabled": True, "secretName": "tls", "clientAuth": "optional", "clientCA": {"secretName": "clients"}}},
    {"lookup": {"enabled": True}},
    PEER,
    {**PEER, "externalLookup": {"enabled": True, "url": "redis://redis.example"}},
    {"autoscaling": {"enabled": True}},
    # Behind the other, which it takes the place of.
    {"autoscaling": {"enabled": False}, "keda": {"enabled": True, "prometheus": {"query": "sum(up)"}}},
    {"replicaCount": 3},
    {"hostNetwork": True},
    {"networkPolicy": {"enabled": True}},
    {"podDisruptionBudget": {"enabled": True}},
    {"serviceAccount": {"create": True}},
    {"service": {"type": "NodePort", "extraPorts": [{"name": "lm-only", "containerPort": 7000, "port": 7000}]}},
    {"server": {"lm": ":7000", "quota": ["model=a:1GiB"]}, "engines": {"chunk_size": 256}},
    {"restartOnChange": True, "metrics": {"podAnnotations": False}},
    {"extraEnv": [{"name": "LMCACHE_SERVER_LOG_LEVEL", "value": "debug"}], "extraArgs": ["--lease", "5"]},
]


def pairs(server):
    """Every two switches: the newest Kubernetes takes the objects, they fit each other, and the program takes its part."""
    tried = list(itertools.combinations(SWITCHES, 2))
    for one, other in tried:
        values = helmchart.merged(one, other)
        try:
            helmchart.validate(helmchart.ours().items(values), helmchart.versions()[-1:])
            helmchart.fits(values)
            helmserver.takes(server, values)
        except Exception as failure:
            raise AssertionError(f"{one} with {other}: {failure}") from failure
    return f"{len(tried)} pairs"


def refused():
    for values, word in REFUSED:
        try:
            helmchart.ours().texts(values)
        except Exception as failure:
            assert word in str(failure), f"{values}: {failure}"
        else:
            raise AssertionError(f"nobody minds {values}")
    return f"{len(REFUSED)} cases"


# For scripts/image-test.sh, which runs it.
POD = helmchart.ROOT / ".build/deploy/chart.yaml"


def write_pod():
    POD.parent.mkdir(parents=True, exist_ok=True)
    POD.write_text(helmchart.pod_alone())
    return str(POD.relative_to(helmchart.ROOT))


def check(report, server, charts):
    source = helmchart.ours()
    report.check("helm: appVersion is the program's version", helmchart.version)
    report.check("helm: values.yaml and values.schema.json have the same names", lambda: helmvalues.names_agree(source))
    report.check("helm: the schema refuses unknown names", lambda: helmvalues.is_strict(source))
    report.check("helm: templates read nothing else", lambda: helmvalues.reads_only_its_values(source))
    report.check("helm: every value changes what is rendered", lambda: helmvalues.all_matter(source))
    report.check("helm: README.md has every value, and every one of cacheserverSpec",
                 lambda: helmvalues.readme_has_them_all(source, charts))  # fmt: skip
    report.check("helm: the matrix renders every kind", helmchart.every_kind_is_rendered)
    report.check("helm: hardened without any values", helmchart.is_careful)
    report.check("helm: makes no Secret", helmchart.no_secret_is_written)
    report.check("helm: refuses what would not work, and says why", refused)
    for name, values in helmchart.scenarios().items():
        report.check(f"helm, {name}: lints", lambda: helmchart.lints(values))
        report.check(f"helm, {name}: schemas {', '.join(helmchart.versions())}, operators'",
                     lambda: helmchart.validate(source.items(values)))  # fmt: skip
        report.check(f"helm, {name}: objects fit each other", lambda: helmchart.fits(values))
        report.check(f"helm, {name}: the program takes it", lambda: helmserver.takes(server, values))
    report.check("helm: every two switches together", lambda: pairs(server))
    report.check("helm: an external registry in each form", lambda: helmserver.registry_urls(server))
    report.check("helm: `server` has every other setting of the program", lambda: helmserver.server_names(server))
    report.check("helm: off and no need no quotes", lambda: helmserver.bare_words(server))
    report.check("helm: the metrics that it speaks of are there", lambda: helmserver.metrics_are_there(server))
    report.check("helm: KEDA's query has an answer always", scaling.answers)
    report.check("helm: the pod that podman runs is written", write_pod)
    check_checks(report)


def check_checks(report):
    for kind in ("StatefulSet", "ServiceMonitor", "ScaledObject", "HorizontalPodAutoscaler", "NetworkPolicy"):
        report.refuses(f"helm: a typo in a {kind} is noticed", lambda: helmchart.a_typo_is_noticed(kind))
    with tempfile.TemporaryDirectory() as directory:
        def broken(fault, check):
            return lambda: helmvalues.with_fault(pathlib.Path(directory), fault, check)

        report.refuses("helm: a value that nothing uses is noticed",
                       broken(helmvalues.a_value_that_nothing_uses,
                              lambda chart: helmvalues.all_matter(chart, ("nobody",))))  # fmt: skip
        report.refuses("helm: a read of what is no value is noticed",
                       broken(helmvalues.a_read_of_nothing, helmvalues.reads_only_its_values))  # fmt: skip
