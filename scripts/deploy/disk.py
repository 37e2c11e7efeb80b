"""deploy/disk: the patch that gives a Deployment a volume, applied as `kubectl patch` applies it."""

import copy
import re

import yaml

import objects

# The lists that Kubernetes merges by a key instead of replacing them, as far as the patch has them.
KEYS = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}


def merged(old, new):
    """A strategic merge: null removes, a list with a key is merged by it."""
    result = copy.deepcopy(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merged(result.get(name) or {}, value)
        elif name in KEYS:
            result[name] = list_merged(result.get(name) or [], value, KEYS[name])
        else:
            result[name] = value
    return result


def list_merged(old, new, key):
    changes = {item[key]: item for item in new}
    kept = [merged(item, changes.pop(item[key], {})) for item in old]
    return kept + [merged({}, item) for item in changes.values()]


def variants(text):
    """The patch, and the patch with each kind of volume that its comments offer instead."""
    patch = yaml.safe_load(text)
    found = [("persistentVolumeClaim", patch)]
    for kind, source in re.findall(r"^ *# (emptyDir|hostPath): (\{.*\})$", text, re.M):
        other = copy.deepcopy(patch)
        volume = other["spec"]["template"]["spec"]["volumes"][0]
        del volume["persistentVolumeClaim"]
        volume[kind] = yaml.safe_load(source)
        found.append((kind, other))
    assert len(found) == 3, f"the comments offer {[kind for kind, _ in found[1:]]}"
    return found


def fits(deployment, folder, drain_seconds):
    """The Deployment with each kind of volume."""
    claim = yaml.safe_load((folder / "claim.yaml").read_text())
    objects.validate([claim])
    for kind, patch in variants((folder / "patch.yaml").read_text()):
        patched = merged(deployment, patch)
        objects.validate([patched])
        assert patched["spec"]["strategy"] == {"type": "Recreate"}, patched["spec"]["strategy"]
        pod, own = objects.pod(patched), objects.container(patched)
        assert own["image"] == objects.container(deployment)["image"], "the patch missed the server's container"
        settings = {item["name"]: item.get("value") for item in own["env"]}
        mounts = {mount["mountPath"]: mount["name"] for mount in own["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        volume = volumes[mounts[settings["LMCACHE_LOCAL_DISK"]]]
        assert kind in volume, f"{volume} instead of {kind}"
        assert pod["securityContext"]["fsGroup"] > 0, "only root may write to the volume"
        grace = int(settings["LMCACHE_SERVER_DISK_GRACE"])
        assert pod["terminationGracePeriodSeconds"] >= max(grace, drain_seconds) + 10, "it is killed while it saves"
        size = gibibytes(settings["LMCACHE_MAX_LOCAL_DISK_SIZE"])
        if kind == "persistentVolumeClaim":
            assert volume[kind]["claimName"] == claim["metadata"]["name"], "no such claim"
            assert size < gibibytes(claim["spec"]["resources"]["requests"]["storage"]), "the claim is too small"
        if kind == "emptyDir":
            assert size < gibibytes(volume[kind]["sizeLimit"]), "a full disk evicts the pod"
    return "claim, emptyDir, hostPath"


def gibibytes(text):
    """Of a size as the server or as Kubernetes writes it."""
    return int(re.fullmatch(r"(\d+)GiB?", text).group(1))
