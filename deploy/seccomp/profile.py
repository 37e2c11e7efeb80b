#!/usr/bin/env python3
"""Makes lmcache-server.json from a default seccomp profile of the engines.

  profile.py [--base FILE] [--io-uring allow|EPERM]     prints the profile
  profile.py [--base FILE] --check FILE                 says whether FILE is that profile

The engines' own file depends on the capabilities of a container and on its machine ("includes", "excludes", "archMap").
containerd reads a pod's Localhost profile as the OCI runtime specification has it and ignores those keys, which would
turn "only with CAP_SYS_ADMIN" into "always". So they are worked out here, for a container without any capability.
"""

import argparse
import json
import sys

BASE = "/usr/share/containers/seccomp.json"
IO_URING = ["io_uring_enter", "io_uring_register", "io_uring_setup"]
MACHINES = {"amd64", "x86", "x32", "arm64", "arm"}
ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]


def applies(rule):
    """Whether the rule holds without capabilities on one of the machines. Kernels older than 4.8 are not considered."""
    includes = rule.get("includes") or {}
    excludes = rule.get("excludes") or {}
    if includes.get("caps") or set(excludes.get("arches", [])) & MACHINES:
        return False
    arches = includes.get("arches")
    return not arches or bool(set(arches) & MACHINES)


def flattened(rule):
    """The keys of the OCI specification; the three calls are taken out of wherever they stand."""
    names = sorted(set(rule["names"]) - set(IO_URING))
    kept = {"names": names, "action": rule["action"]}
    if rule.get("errnoRet") is not None:
        kept["errnoRet"] = rule["errnoRet"]
    if rule.get("args"):
        kept["args"] = rule["args"]
    return kept if names else None


def profile(base, io_uring):
    rules = [flattened(rule) for rule in base["syscalls"] if applies(rule)]
    rule = {"names": IO_URING, "action": "SCMP_ACT_ALLOW"}
    if io_uring == "EPERM":
        rule = {"names": IO_URING, "action": "SCMP_ACT_ERRNO", "errnoRet": 1}
    made = {"defaultAction": base["defaultAction"], "architectures": ARCHITECTURES}
    if base.get("defaultErrnoRet") is not None:
        made["defaultErrnoRet"] = base["defaultErrnoRet"]
    unique = []
    for each in [rule] + rules:
        if each and each not in unique:
            unique.append(each)
    return made | {"syscalls": unique}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", default=BASE, help=f"the engines' profile (default: {BASE})")
    parser.add_argument("--io-uring", choices=["allow", "EPERM"], default="allow")
    parser.add_argument("--check", metavar="FILE")
    options = parser.parse_args()
    with open(options.base) as file:
        made = profile(json.load(file), options.io_uring)
    if not options.check:
        print(json.dumps(made, indent=2))
        return
    with open(options.check) as file:
        if json.load(file) != made:
            sys.exit(f"profile.py: {options.check} is not what {options.base} makes; see the README beside it")


if __name__ == "__main__":
    main()
