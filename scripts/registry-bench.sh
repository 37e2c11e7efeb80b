#!/usr/bin/env bash
# Compares the lookup registry with Redis: memory an entry and commands a second, as scripts/bench.sh does with ten million.
# Usage: registry-bench.sh [ENTRIES]
set -euo pipefail
cd "$(dirname "$0")/.."

entries=${1:-1000000}
fail() {
  echo "registry-bench.sh: $*" >&2
  exit 1
}
program=${LMCACHE_SERVER_PROGRAM:-.build/release/lmcache-server}
[ -x "$program" ] || fail "no $program; run scripts/run.sh or swift build -c release first"
for tool in redis-server redis-benchmark python3 taskset; do
  command -v "$tool" > /dev/null || fail "$tool is missing; on Debian: apt-get install redis-server redis-tools python3 util-linux"
done
exec python3 scripts/bench/registry.py "$program" "$entries"
