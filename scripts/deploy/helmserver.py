"""The real program, given what the chart would give it."""

import pathlib
import re
import subprocess
import tempfile
import urllib.request

import yaml

import helmchart
import objects
import unit

SECRETS = {
    "password": "open sesame\n",
    "users.acl": "user team-a on >correct-horse ~llama-a@* +@read +@write +@connection\n",
    "token": "0123456789abcdef0123456789abcdef\n",
}
# As variables, of the secret `redis`: with what a managed Redis has in a token.
VARIABLES = {
    "url": "rediss://cache:a/b+c=@redis.example:6380/0", "host": "redis.example", "port": "6380", "user": "cache",
    "token": "Zm9v/YmFy+w@:w==",
}  # fmt: skip


# Of the first pod, as others reach it.
OWN_NAME = "cache-lmcache-server-0.cache-lmcache-server-headless.llm.svc:65435"


class Pod:
    """A StatefulSet's first pod as a kubelet would start it, with every mount in a directory of its own."""

    def __init__(self, items, directory):
        self.items = items
        self.stateful = objects.of_kind(items, "StatefulSet")
        self.own = helmchart.server_of(self.stateful)
        self.root = pathlib.Path(directory)
        self.places = {}
        for mount in self.own["volumeMounts"]:
            self.places[mount["mountPath"]] = self.root / mount["mountPath"].strip("/")
            self.fill(mount)
        self.variables = {}
        for variable in self.own.get("env", []):
            self.variables[variable["name"]] = self.expanded(self.value(variable))
        self.arguments = [self.moved(self.expanded(word)) for word in self.own["args"]]

    def fill(self, mount):
        place = self.places[mount["mountPath"]]
        place.mkdir(parents=True)
        volumes = {volume["name"]: volume for volume in objects.pod(self.stateful)["volumes"]}
        volume = volumes.get(mount["name"], {})
        for item in volume.get("secret", {}).get("items", []):
            (place / item["path"]).write_text(SECRETS.get(item["key"], "not looked at before the start\n"))
        if "configMap" in volume:
            maps = {item["metadata"]["name"]: item for item in self.items if item["kind"] == "ConfigMap"}
            for name, text in maps[volume["configMap"]["name"]]["data"].items():
                (place / name).write_text(text)

    def moved(self, word):
        for mount, place in self.places.items():
            if word == mount or word.startswith(mount + "/"):
                return str(place) + word[len(mount) :]
        return word

    def value(self, variable):
        if "value" in variable:
            return variable["value"]
        source = variable["valueFrom"]
        if "secretKeyRef" in source:
            assert source["secretKeyRef"]["name"] == "redis", source
            return VARIABLES[source["secretKeyRef"]["key"]]
        return {"metadata.name": f"{self.stateful['metadata']['name']}-0"}[source["fieldRef"]["fieldPath"]]

    def expanded(self, word):
        """$(NAME) of a variable that stands before; Kubernetes leaves others as they are."""
        return re.sub(r"\$\((\w+)\)", lambda found: self.variables.get(found.group(1), found.group(0)), word)


def settings(server, items):
    """What the program says that it would start with, of the pod that the objects make."""
    with tempfile.TemporaryDirectory() as directory:
        pod = Pod(items, directory)
        environment = {"PATH": "/usr/bin:/bin", **pod.variables}
        command = [server, *pod.arguments, "--print-config"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, f"status {done.returncode}: {done.stderr.strip()}"
        # A URL with a password is only told about, in a comment.
        text = re.sub(r"^# (lookup_url: .*not-shown@)", r"\1", done.stdout.replace(directory, ""), flags=re.M)
        return yaml.load(text, helmchart.StrictLoader) or {}, pod


def takes(server, values):
    """The program accepts it, and understands it as the values mean it."""
    found, pod = settings(server, helmchart.ours().items(values))
    whole = helmchart.merged(helmchart.ours().values, values)
    assert found["port"] == whole["containerPort"], found
    disks = [f"/var/cache/lmcache-server/{volume['name']}" for volume in whole["disk"]["volumes"]]
    assert found.get("disk", "").split(",") == (disks or [""]), found.get("disk")
    for name in whole["server"]:
        assert name in found, f"the server's {name} is not set: {found}"
    extern = whole["externalLookup"]
    assert ("lookup_url" in found) == extern["enabled"], found
    if extern["enabled"]:
        assert found["peer_advertise"] == (whole["peer"]["advertise"] or OWN_NAME), found
    return f"{len(found)} settings"


def registry_urls(server):
    """Each form in which operators have a registry, as the program reads it."""
    secure = {"tls": {"enabled": True}}
    forms = [
        ({"url": "redis://redis.example:6379/1"}, "redis://redis.example:6379/1"),
        ({"url": "rediss://redis.example:6380", **secure}, "rediss://redis.example:6380"),
        ({"url": "redis://redis.example:6379/1", "passwordKey": "token"}, "redis://not-shown@redis.example:6379/1"),
        ({"url": "rediss://cache@redis.example:6380", "passwordKey": "token"}, "rediss://not-shown@redis.example:6380"),
        ({"url": "redis://redis.example/2", "userKey": "user", "passwordKey": "token"},
         "redis://not-shown@redis.example/2"),
        ({"urlKey": "url"}, "rediss://not-shown@redis.example:6380/0"),
        ({"host": "redis.example"}, "redis://redis.example:6379/0"),
        ({"host": "redis.example", "port": 6380, "passwordKey": "token", **secure},
         "rediss://not-shown@redis.example:6380/0"),
        ({"host": "redis.example", "user": "cache", "passwordKey": "token"}, "redis://not-shown@redis.example:6379/0"),
        ({"hostKey": "host", "portKey": "port", "userKey": "user", "passwordKey": "token", "database": 2, **secure},
         "rediss://not-shown@redis.example:6380/2"),
    ]  # fmt: skip
    for form, expected in forms:
        values = {"peer": {"enabled": True}, "externalLookup": {"enabled": True, "existingSecret": "redis", **form}}
        found, pod = settings(server, helmchart.ours().items(values))
        assert found["lookup_url"] == expected, f"{form}: {found['lookup_url']}"
        given = pod.variables["LMCACHE_SERVER_LOOKUP_URL"]
        assert "passwordKey" not in form or f":{VARIABLES['token']}@" in given, given
        names_user = {"user", "userKey"} & set(form) or "cache@" in form.get("url", "")
        assert not names_user or f"//{VARIABLES['user']}:" in given, given
        assert VARIABLES["token"] not in yaml.safe_dump(pod.items), "a secret is written"
    return f"{len(forms)} forms"


def server_names(server):
    """The schema has every setting that the chart does not set itself, and no other."""
    found = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    flags = {flag.replace("-", "_") for flag in re.findall(r"^  --([a-z-]+) \S+   \[\w+\]$", found, re.M)}
    listed = set(helmchart.ours().schema["properties"]["server"]["properties"])
    templates = "".join(file.read_text() for file in (helmchart.CHART / "templates").iterdir())
    own = {flag for flag in flags if re.search(rf"--{flag.replace('_', '-')}$", templates, re.M)} | {"lookup_url"}
    assert listed | own == flags, f"only one of program and chart has {sorted((listed | own) ^ flags)}"
    assert not listed & own, f"the chart sets {sorted(listed & own)}, and so may `server`"
    return f"{len(listed)} of {len(flags)} settings are the values' own"


def bare_words(server):
    """off and no without quotes, which YAML makes false of on the way."""
    shares = ("max_connections_per_address", "max_in_flight_per_address")
    for name in ("lm", "zero_copy", "peer_check", "allow_flush", *shares):
        found, _ = settings(server, helmchart.ours().items({"server": {name: False}}))
        assert found[name] in ("off", "no", False), found


def metrics_are_there(server):
    """What autoscalers ask for is what a server has; scripts/grafana says that of the rules for alerts."""
    process = subprocess.Popen([server, "127.0.0.1", "0", "--memory", "64MiB"], stderr=subprocess.PIPE, text=True)
    try:
        port = unit.port_in(process.stderr)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            served = set(re.findall(r"^# TYPE (\w+)", page.read().decode(), re.M))
    finally:
        process.kill()
        process.communicate()
    asked = set()
    for item in helmchart.everything():
        if item["kind"] in ("HorizontalPodAutoscaler", "ScaledObject"):
            asked |= set(re.findall(r"lmcache_server_\w+", yaml.safe_dump(item["spec"], width=10**6)))
    text = "".join(helmchart.ours().notes(values) for values in helmchart.scenarios().values())
    asked |= set(re.findall(r"lmcache_server_\w+", text))
    # A histogram's count, and a counter as prometheus-adapter calls it.
    unknown = {name for name in asked if not {name, name.removesuffix("_count"), name + "_total"} & served}
    assert asked and not unknown, f"no server has {unknown}"
    return f"{len(asked)} metrics"
