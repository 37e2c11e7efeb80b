"""Deployments, and a pod, run by `podman play kube`, which is not a kubelet: it starts what the YAML says, and probes when
told to. It makes volumes of emptyDirs and ConfigMaps, and leaves them."""

import json
import pathlib
import re

from container import end_of, page, podman, until
from report import Clock, mebibytes, require, seconds


def deployment(report, image, path):
    text = pathlib.Path(path).read_text()
    podman("tag", image, re.search(r'^\s*image: *"?([^"\s]+)', text, re.MULTILINE).group(1))
    try:
        with report.check(f"{path} runs") as notes:
            podman("play", "kube", path)
            name = podman("ps", "--filter", "name=-lmcache-server$", "--format", "{{.Names}}")
            settings = json.loads(podman("inspect", name))[0]
            notes += [f"memory limit {mebibytes(settings['HostConfig']['Memory'])}", f"uid {settings['Config']['User']}"]
        with report.check("its liveness probe passes") as notes:
            until("it lives", 20, lambda: is_alive(name, settings))
            notes += [re.search(r"livenessProbe:.*?(exec|httpGet):", text, re.DOTALL).group(1)]
        with report.check("its liveness probe fails while the server is stopped"):
            podman("kill", "--signal", "STOP", name)
            require(not is_alive(name, settings), "a stopped server lives")
            podman("kill", "--signal", "CONT", name)
        with report.check("it ends within the grace period, with status 0") as notes:
            clock = Clock()
            podman("stop", "--time", "30", name)
            status = podman("inspect", "--format", "{{.State.ExitCode}}", name)
            require(status == "0", f"status {status}")
            notes += [seconds(clock.elapsed())]
    finally:
        podman("play", "kube", "--down", path, may_fail=True)
        podman("volume", "prune", "--force", may_fail=True)


def is_alive(name, settings):
    """As the pod's livenessProbe says. Of an httpGet, podman makes a curl in the container, where none is; a kubelet asks
    from outside, and so does this."""
    command = settings["Config"]["Healthcheck"]["Test"]
    if "curl" not in command:
        return end_of("healthcheck", "run", name)[0] == 0
    path = next(word for word in command if word.startswith("http://")).split("/", 3)[3]
    port = next(iter(settings["NetworkSettings"]["Ports"])).split("/")[0]
    try:
        return page("127.0.0.1", int(port), f"/{path}")[0] == 200
    except OSError:
        return False
