#!/usr/bin/env bash
# Installs what is missing and runs the tests.
#   scripts/test.sh                      everything that fits into about ten minutes
#   scripts/test.sh --long               the rest as well: both sanitizers, long tests, the image, deploy/, the real LMCache clients
#   scripts/test.sh --sanitize thread    one suite under a sanitizer (thread or address)
#   scripts/test.sh --filter NAME        only tests whose name matches
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0"; }
long=no sanitizer= filter=()
while [ $# -gt 0 ]; do
  case $1 in
    --long) long=yes ;;
    --sanitize)
      case ${2:-} in
        thread | address) sanitizer=$2 ;;
        *) echo "test.sh: --sanitize takes thread or address" >&2; exit 2 ;;
      esac
      shift
      ;;
    --filter) [ $# -gt 1 ] || { echo "test.sh: --filter needs a name" >&2; exit 2; }; filter=(--filter "$2"); shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "test.sh: no option '$1'; try --help" >&2; exit 2 ;;
  esac
  shift
done

say() { printf '\n== %s\n' "$*"; }

# A sanitized suite leaves out what starts the plain binary, and lives fewer simulated lives: each is slower.
sanitized() {
  say "tests under the $1 sanitizer"
  SWIFT_BACKTRACE=enable=no SIMULATION_SEEDS=${SIMULATION_SEEDS:-100} ASAN_OPTIONS=detect_leaks=0 \
    TSAN_OPTIONS=halt_on_error=1 \
    swift test --sanitize="$1" --scratch-path ".build/$1" --skip EndToEndTests "${filter[@]}"
}

# A real Redis is what RESP is compared with.
scripts/setup.sh redis-server
if [ -n "$sanitizer" ]; then
  sanitized "$sanitizer"
  exit
fi

say "format"
swift format lint --strict --parallel -r Sources Tests Package.swift
say "what the benchmark concludes"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s scripts/bench
say "tests"
[ $long = yes ] && export LONG_TESTS=1
swift build --build-tests
swift test --skip-build "${filter[@]}"
if [ ${#filter[@]} -eq 0 ]; then
  say "Redis's clients"
  resp=()
  [ $long = no ] || resp=(--long)
  scripts/resp-clients.sh --server .build/debug/lmcache-server "${resp[@]}"
fi

if [ $long = yes ]; then
  sanitized address
  sanitized thread
  say "what deploy/ holds (downloads 100 MB the first time)"
  scripts/deploy-test.sh
  say "the image, in containers"
  scripts/image-test.sh
  say "the real LMCache clients (downloads over a gigabyte the first time)"
  scripts/compat.sh
fi
