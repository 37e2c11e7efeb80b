"""Types what the documents say, as rules.py has it: each walk in a directory and a network of its own.

A server goes on in the background until the walk is over; then it is told to end, and has to end well.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import commands
import rules
from test_rules import walk_blocks

PREAMBLE = """
set -euo pipefail
ip link set lo up
servers=()
curl() { command curl --fail-with-body --silent --show-error "$@"; }
redis-cli() { command redis-cli -e "$@"; }
# Starts a server and waits until it says that it is one.
serve() {
  local log=$PWD/server.${#servers[@]}.log waited=0
  "$@" > "$log" 2>&1 &
  servers+=($!)
  until grep -qE "listening|Ready to accept|ready to receive" "$log" || { [[ $1 = memcached ]] && ((waited > 10)); }; do
    kill -0 ${servers[-1]} || { cat "$log"; return 1; }
    ((waited += 1)) && ((waited < 6000)) || { cat "$log"; return 1; }
    sleep 0.1
  done
}
end_servers() {
  local server
  for server in "${servers[@]}"; do
    kill -TERM "$server" 2> /dev/null || true
    wait "$server" || { echo "a server ended with status $?"; cat server.*.log; return 1; }
  done
  servers=()
}
"""
SUBCOMMANDS = ("probe", "disk", "stats", "top", "ls", "get", "rm", "man", "completions", "--print-config", "--help", "--version")


def serves(command):
    words = command.split()
    if words[0] == "lmcache-server":
        return not any(word in SUBCOMMANDS for word in words[1:])
    return words[0] == "prometheus" or words[0].endswith("scripts/run.sh")


def script(walk):
    text = [PREAMBLE, walk.first]
    for block in walk_blocks(walk):
        for command in block.commands():
            if command.startswith(walk.without or ("\0",)):
                continue
            command = command.removeprefix("$ ")
            for word, meaning in walk.means.items():
                command = command.replace(word, meaning)
            for place in ("/run/secrets", "/etc/lmcache", "/var/cache", "/mnt"):
                command = command.replace(" " + place, " $PWD" + place)
            if command.startswith(("scripts/", "./scripts/")):
                command = '"$ROOT"/' + command.removeprefix("./")
            text.append("serve " + command if serves(command) else command)
    return "\n".join([*text, walk.last, "end_servers", ""])


def configuration():
    """The file of the ConfigMap in docs/CONFIGURATION.md, at a size that every machine has."""
    lines = commands.read("docs/CONFIGURATION.md").split("\n")
    begin = lines.index("  lmcache.yaml: |") + 1
    text = "\n".join(line[4:] for line in lines[begin:lines.index("```", begin)])
    return text.replace("40GiB", "64MiB").replace("500", "1").replace("/var/cache", "cache")


def walk(chosen, programs):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "configuration.yaml"), "w") as file:
            file.write(configuration().replace("cache/", folder + "/cache/"))
        environment = dict(os.environ, ROOT=os.path.abspath(commands.ROOT), PROGRAMS=programs)
        environment["PATH"] = programs + ":" + environment["PATH"]
        done = subprocess.run(
            ["unshare", "--map-root-user", "--net", "bash", "-c", script(chosen)], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
    missing = [words for words in chosen.says if words not in done.stdout]
    if done.returncode == 0 and not missing:
        print(f"ok   {chosen.document}: {chosen.heading}", flush=True)
        return True
    print(f"FAIL {chosen.document}: {chosen.heading}: status {done.returncode}, not said: {missing}")
    print(done.stdout[-4000:], flush=True)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="the directory with lmcache-server and lmcache-bench")
    parser.add_argument("--only", default="", help="the walks with this in their heading")
    options = parser.parse_args()
    chosen = [each for each in rules.WALKS if options.only in each.heading]
    if not chosen:
        sys.exit(f"documents-test: no walk has {options.only!r} in its heading")
    results = [walk(each, os.path.abspath(options.programs)) for each in chosen]
    print(f"{sum(results)} of {len(results)} walks passed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
