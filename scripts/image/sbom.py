"""The labels of an image, and the list of what it holds."""

import datetime
import hashlib
import json
import re
import subprocess

from container import podman
from report import require

LIST = "/usr/local/share/doc/lmcache-server/sbom.spdx.json"
PROGRAM = "/usr/local/bin/lmcache-server"
LINKED = {"liburing-dev", "libxxhash-dev", "libhiredis-dev", "libssl-dev", "libyaml-dev", "swift-standard-library"}
LABELS = {
    "title": "lmcache-server", "licenses": "Apache-2.0", "description": r"Keeps .+", "version": r"\d+\.\d+\.\d+(\+\S+)?",
    "revision": r"[0-9a-f]{12}(-dirty)?", "source": r"https://\S+", "created": r"\d{4}-\d\d-\d\dT\S+", "base.name": r"\S+",
}


def inside(image, *words):
    shell = ["run", "--rm", "--network", "none", "--no-healthcheck", "--entrypoint", words[0], "--user", "0", image]
    return podman(*shell, *words[1:])


def check(report, image, labels):
    with report.check("its labels say what it is, of what, from where"):
        for name, form in LABELS.items():
            value = labels.get("org.opencontainers.image." + name, "")
            require(re.fullmatch(form, value), f"{name} is {value!r}")
        datetime.datetime.fromisoformat(labels["org.opencontainers.image.created"])
    with report.check("its list of contents has every package that dpkg knows, and no other") as notes:
        listed = json.loads(inside(image, "/bin/cat", LIST))
        packages = {each["SPDXID"]: each for each in listed["packages"]}
        require(len(packages) == len(listed["packages"]), "an identifier is there twice")
        said = inside(image, "/usr/bin/dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}\\n")
        known = {tuple(line.split()) for line in said.split("\n") if line}
        named = {(each["name"], each["versionInfo"], each["externalRefs"][0]["referenceLocator"].split("?arch=")[1])
                 for name, each in packages.items() if name.startswith("SPDXRef-Debian-")}
        require(named == known, f"{sorted(named ^ known)}")
        notes += [f"{len(known)} packages"]
    with report.check("and the program as it is, with what is linked into it"):
        program = packages["SPDXRef-Program"]
        require(program["versionInfo"] == labels["org.opencontainers.image.version"], f"{program}")
        command = ["podman", "run", "--rm", "--network", "none", "--no-healthcheck", "--entrypoint", "/bin/cat", image, PROGRAM]
        held = subprocess.run(command, check=True, capture_output=True).stdout
        require(program["checksums"][0]["checksumValue"] == hashlib.sha256(held).hexdigest(), "it is another program")
        linked = {packages[each["relatedSpdxElement"]]["name"] for each in listed["relationships"]
                  if each["spdxElementId"] == "SPDXRef-Program" and each["relationshipType"] == "STATIC_LINK"}
        require(linked == LINKED, f"{linked ^ LINKED}")
        versions = [packages[f"SPDXRef-Static-{name}"]["versionInfo"] for name in LINKED - {"swift-standard-library"}]
        require(all(re.match(r"\d", version) for version in versions), f"{versions}")
    with report.check("in SPDX 2.3, where every relationship has both of its ends"):
        require(listed["spdxVersion"] == "SPDX-2.3" and listed["dataLicense"] == "CC0-1.0", "it is not")
        datetime.datetime.strptime(listed["creationInfo"]["created"], "%Y-%m-%dT%H:%M:%SZ")
        ends = {each[end] for each in listed["relationships"] for end in ("spdxElementId", "relatedSpdxElement")}
        require(ends == set(packages) | {"SPDXRef-DOCUMENT"}, f"{ends ^ set(packages)}")
