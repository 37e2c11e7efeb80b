#!/usr/bin/env bash
# Measures lmcache-server beside a plain C loop, memcached and Redis, and writes docs/PERFORMANCE.md with its pictures.
#   scripts/bench.sh [--quick] [--reference] [--output FILE] [--only PART] [--disk DIR] [--no-build] [--no-server]
# --quick      a minute or two, for a first look; writes to .build/bench/ unless --output says otherwise
# --reference  also LMCache's own Python server (the first time, over a gigabyte is downloaded)
# --output     where the report goes; pictures go into the folder performance/ beside it
# --only       one of: bodies host churn cold small idle_connections many_chunks two_loops sessions resp registry client disk
#              reference
# --disk       where the part disk writes, on the file system to be measured (below .build)
# --no-server  the yardsticks alone, to learn what the client can do
# Everything takes about 35 minutes, 16 GiB of memory and 12 GiB of disk. Servers on core 0, client on core 1, in short alternating rounds.
# Exit status: 1 where values were missing or requests failed; the report is written, and says which.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
fail() { echo "bench.sh: $*" >&2; exit 2; }

quick=no output= build=yes server=yes reference=no only= disk=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --reference) reference=yes ;;
    --output) [ $# -gt 1 ] || fail "--output needs a file"; output=$2; shift ;;
    --only)
      case ${2:-} in
        bodies | host | churn | cold | small | idle_connections | many_chunks | two_loops) only=$2 ;;
        sessions | resp | registry | client | disk | reference) only=$2 ;;
        *) fail "no part '${2:-}' for --only; try --help" ;;
      esac
      shift
      ;;
    --disk) [ $# -gt 1 ] || fail "--disk needs a directory"; disk=$(realpath -m "$2"); shift ;;
    --no-build) build=no ;;
    --no-server) server=no ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done
[ "$only" != reference ] || reference=yes
if [ -z "$output" ]; then
  output=docs/PERFORMANCE.md
  # A part or a quick look must not pass for the whole.
  if [ $quick = yes ] || [ -n "$only" ] || [ $server = no ]; then output=.build/bench/PERFORMANCE.md; fi
fi

[ "$(nproc)" -ge 2 ] || fail "needs two cores: one for the server, one for the client"
command -v python3 > /dev/null || fail "needs python3 for the report"
command -v taskset > /dev/null || fail "needs taskset (util-linux)"

# install PROGRAM PACKAGE, whose service must not take the core.
install() {
  command -v "$1" > /dev/null && return
  scripts/packages.sh "$2" || fail "cannot install $2"
}
install redis-server redis-server
install memcached memcached
install cc gcc
install fio fio
redis-server --version | grep -q 'v=7\.' || echo "bench.sh: Redis is not 7.x: $(redis-server --version)" >&2

if [ $build = yes ]; then
  scripts/setup.sh
  swift build -c release --product lmcache-bench >&2
  [ $server = no ] || swift build -c release --product lmcache-server >&2
fi
reference_home= reference_version=0.5.6
if [ $reference = yes ]; then
  scripts/compat.sh --prepare --versions $reference_version
  reference_home=${COMPAT_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/lmcache-server-compat}
fi

work=$(mktemp -d)
inner=
# The run ends on TERM, with everything that it started.
stop() { [ -z "$inner" ] || { kill -TERM "$inner" 2> /dev/null; wait "$inner" || true; }; rm -rf "$work"; }
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for program in c_loop c_client; do cc -O2 -o "$work/$program" scripts/bench/$program.c -lpthread; done

# A network namespace keeps other traffic, busy ports and the host's congestion control away.
isolate=() own_network=no
if unshare -n ip link set lo up 2> /dev/null; then isolate=(unshare -n) own_network=yes; fi
export DISK=$disk WORK=$work QUICK=$quick SERVER=$server OWN_NETWORK=$own_network ONLY=$only
export REFERENCE=$reference_home REFERENCE_VERSION=$reference_version
setsid --wait "${isolate[@]}" bash scripts/bench/run.sh &
inner=$!
status=0
wait "$inner" || status=$?
inner=
[ $status -eq 0 ] || exit $status
python3 scripts/bench/report.py "$work" "$output"
echo "wrote $output" >&2
if [ -s "$work/faults.txt" ]; then
  echo "bench.sh: values were missing or requests failed, so these figures are worth nothing:" >&2
  cat "$work/faults.txt" >&2
  exit 1
fi
