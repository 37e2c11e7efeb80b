#!/usr/bin/env bash
# Types the commands of the README and of docs/ as they stand there, and says which did not do what the page says.
#   scripts/documents-test.sh [--programs DIR] [--only TEXT]
# --programs DIR   a directory with lmcache-server, lmcache-bench, lmcache-policies; without it a release build is made
# --only TEXT      the sections with TEXT in their heading
# Which commands are typed, and why the rest is not: scripts/documents/rules.py.
set -euo pipefail
cd "$(dirname "$0")/.."

programs= only=
while [ $# -gt 0 ]; do
  case $1 in
    --programs | --only)
      [ $# -gt 1 ] || { echo "documents-test.sh: $1 needs a value" >&2; exit 2; }
      declare "${1#--}=$2"
      shift
      ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "documents-test.sh: no option '$1'; try --help" >&2; exit 2 ;;
  esac
  shift
done

scripts/setup.sh curl redis-server redis-tools memcached prometheus iproute2 util-linux
if [ -z "$programs" ]; then
  for product in lmcache-server lmcache-bench lmcache-policies; do swift build -c release --product "$product"; done
  programs=.build/release
fi
exec python3 scripts/documents/walks.py --programs "$programs" --only "$only"
