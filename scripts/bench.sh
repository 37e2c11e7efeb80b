#!/usr/bin/env bash
# Measures lmcache-server beside a plain C loop and Redis and writes the report.
#   scripts/bench.sh [--quick] [--output FILE] [--no-build] [--no-server]
# --quick takes about a minute; --no-server measures the yardsticks alone, to learn what the client can do.
# Server on core 0, client on core 1, one server at a time, in short alternating rounds.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }
fail() { echo "bench.sh: $*" >&2; exit 2; }

quick=no output=docs/PERFORMANCE.md build=yes server=yes
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --output) [ $# -gt 1 ] || fail "--output needs a file"; output=$2; shift ;;
    --no-build) build=no ;;
    --no-server) server=no ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done

[ "$(nproc)" -ge 2 ] || fail "needs two cores: one for the server, one for the client"
command -v python3 > /dev/null || fail "needs python3 for the report"
command -v taskset > /dev/null || fail "needs taskset (util-linux)"
if ! command -v redis-server > /dev/null; then
  echo "installing redis-server" >&2
  apt-get install -y --no-install-recommends redis-server > /dev/null || fail "cannot install redis-server"
fi
redis-server --version | grep -q 'v=7\.' || echo "bench.sh: Redis is not 7.x: $(redis-server --version)" >&2

if [ $build = yes ]; then
  swift build -c release --product lmcache-bench >&2
  [ $server = no ] || swift build -c release --product lmcache-server >&2
fi
work=$(mktemp -d)
inner=
# The run ends by itself on TERM; what it started goes with it.
stop() { [ -z "$inner" ] || { kill -TERM "$inner" 2> /dev/null; wait "$inner" || true; }; rm -rf "$work"; }
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cc -O2 -o "$work/c_loop" scripts/bench/c_loop.c -lpthread

# A network of its own keeps other traffic, busy ports and the host's choice of congestion control away.
isolate=() own_network=no
if unshare -n ip link set lo up 2> /dev/null; then isolate=(unshare -n) own_network=yes; fi
export WORK=$work QUICK=$quick SERVER=$server OWN_NETWORK=$own_network
setsid --wait "${isolate[@]}" bash scripts/bench/run.sh &
inner=$!
status=0
wait "$inner" || status=$?
inner=
[ $status -eq 0 ] || exit $status
python3 scripts/bench/report.py "$work" "$output"
echo "wrote $output" >&2
