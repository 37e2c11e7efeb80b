#!/usr/bin/env bash
# Checks the metrics with what reads them: promtool's lint, and a real Prometheus that scrapes a server under load and is asked
# for every family that docs/METRICS.md lists, and for its queries. Prints how long the page takes under load; asserts no time.
#   scripts/metrics-test.sh [--server PATH] [--bench PATH] [--keys COUNT] [--seconds COUNT]
# Without PATHs a release build is made. Ends with 0 when all is well.
set -euo pipefail
cd "$(dirname "$0")/.."

server= bench= keys=100000 seconds=10
while [ $# -gt 0 ]; do
  case $1 in
    --server | --bench | --keys | --seconds)
      [ $# -gt 1 ] || { echo "metrics-test.sh: $1 needs a value" >&2; exit 2; }
      declare "${1#--}=$2"
      shift
      ;;
    -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "metrics-test.sh: no option '$1'; try --help" >&2; exit 2 ;;
  esac
  shift
done

scripts/setup.sh prometheus
if [ -z "$server" ] || [ -z "$bench" ]; then
  for product in lmcache-server lmcache-bench; do swift build -c release --product "$product"; done
  : "${server:=.build/release/lmcache-server}" "${bench:=.build/release/lmcache-bench}"
fi
exec python3 scripts/metrics/check.py --server "$server" --bench "$bench" --keys "$keys" --seconds "$seconds"
