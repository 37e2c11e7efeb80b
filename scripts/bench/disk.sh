#!/usr/bin/env bash
# Measures the disk tier beside fio, in turns on one file system, and writes a page with targets and figures.
#   scripts/bench/disk.sh [--quick] [--directory DIR] [--only PART] [--output FILE] [--figures FILE] [--no-build]
# --directory  where to write, on the file system to be measured; what is written there is removed (a new one below .build)
# --only       one of: cold write hits exist single restart session
# --output     where the page goes (.build/bench/DISK.md)
# --figures    the figures as JSON instead of a page; scripts/bench.sh calls it so
# Takes about ten minutes, 11 GiB of disk and 6 GiB of memory; --quick a third of it all.
# Exit status: 1 where values were missing, requests failed, or something else was measured than should have been.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; }
fail() { echo "disk.sh: $*" >&2; exit 2; }

quick=no directory= only= output=.build/bench/DISK.md figures= build=yes
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --directory) [ $# -gt 1 ] || fail "--directory needs a directory"; directory=$2; shift ;;
    --only)
      case ${2:-} in
        cold | write | hits | exist | single | restart | session) only=$2 ;;
        *) fail "no part '${2:-}' for --only; try --help" ;;
      esac
      shift
      ;;
    --output) [ $# -gt 1 ] || fail "--output needs a file"; output=$2; shift ;;
    --figures) [ $# -gt 1 ] || fail "--figures needs a file"; figures=$2; shift ;;
    --no-build) build=no ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done

command -v taskset > /dev/null || fail "needs taskset; install util-linux"
scripts/setup.sh fio
if [ $build = yes ]; then
  for product in lmcache-server lmcache-bench; do swift build -c release --product $product >&2; done
fi
for product in lmcache-server lmcache-bench; do
  [ -x .build/release/$product ] || fail "no .build/release/$product; leave --no-build out"
done
mkdir -p "${directory:-.build}" || fail "cannot make $directory"

work=$(mktemp -d "$(realpath "${directory:-.build}")/disk-bench.XXXXXX")
inner=
stop() {
  [ -z "$inner" ] || { kill -TERM "$inner" 2> /dev/null; wait "$inner" || true; }
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
needed=$(($([ $quick = yes ] && echo 4 || echo 12) * 1024 * 1024))
free=$(df --output=avail -k "$work" | tail -n 1)
[ "$free" -gt "$needed" ] ||
  fail "$((free / 1024)) MiB are free in $work, and $((needed / 1024)) are needed; give another --directory"

result=${figures:-$work/figures.json} status=0
# shellcheck disable=SC2086
python3 scripts/bench/disk.py "$PWD/.build/release" "$work" "$result" $quick $only &
inner=$!
wait "$inner" || status=$?
inner=
[ $status -eq 0 ] || exit $status
if [ -z "$figures" ]; then
  python3 scripts/bench/disk_report.py "$result" "$output"
  echo "wrote $output" >&2
fi
python3 - "$result" << 'END'
import json, sys
faults = json.load(open(sys.argv[1]))["faults"]
for fault in faults:
    print(f"disk.sh: {fault}", file=sys.stderr)
sys.exit(1 if faults else 0)
END
