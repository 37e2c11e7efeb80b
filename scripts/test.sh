#!/usr/bin/env bash
# Installs what is missing and runs the tests.
#   scripts/test.sh                      everything that fits into about ten minutes
#   scripts/test.sh --long               the rest as well: both sanitizers, long tests, Prometheus, the page in a browser, the image, the package, deploy/, the real LMCache clients
#   scripts/test.sh --sanitize thread    one suite under a sanitizer (thread or address)
#   scripts/test.sh --filter NAME        only tests whose name matches
#   scripts/test.sh --without-uring      passes on a machine whose kernel refuses io_uring; without it that is a failure
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0"; }
long=no sanitizer= filter=() without_uring=no
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
    --without-uring) without_uring=yes; export TESTS_WITHOUT_URING=1 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "test.sh: no option '$1'; try --help" >&2; exit 2 ;;
  esac
  shift
done

say() { printf '\n== %s\n' "$*"; }

# The end of every run lists the skipped tests with reasons: nothing is skipped silently.
log=$(mktemp)
left_out=()
tell_left_out() {
  say "left out"
  sed -nE 's/^[^TS]*((Test|Suite) .* skipped.*)$/\1/p' "$log" | sort -u
  [ ${#left_out[@]} -eq 0 ] || printf '%s\n' "${left_out[@]}"
  rm -f "$log"
}
trap tell_left_out EXIT

# Runs the tests. They say over which drivers they ran; without io_uring half of them did not run, and that is a failure.
run_tests() {
  local run=$log.run status=0 ran
  swift test "$@" 2>&1 | tee "$run" || status=$?
  cat "$run" >>"$log"
  ran=$(grep -o 'DRIVERS: .*' "$run" || true)
  rm -f "$run"
  [ $status -eq 0 ] || return $status
  if [ $without_uring = yes ]; then
    left_out+=("io_uring, where it does not run, because of --without-uring: ${ran//$'\n'/; }")
  elif grep -q ' over epoll' <<<"$ran"; then
    echo "test.sh: io_uring should have run and did not: $ran; --without-uring allows a machine without it" >&2
    return 1
  elif [ -z "$ran" ] && [ ${#filter[@]} -eq 0 ]; then
    echo "test.sh: the tests do not say over which drivers they ran" >&2
    return 1
  fi
}

# A sanitized suite leaves out tests that start the plain binary, and simulates fewer lives, because each is slower.
sanitized() {
  say "tests under the $1 sanitizer"
  left_out+=("EndToEndTests under the $1 sanitizer: they start the plain binary")
  SWIFT_BACKTRACE=enable=no SIMULATION_SEEDS=${SIMULATION_SEEDS:-100} TIER_SEEDS=${TIER_SEEDS:-100} \
    ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=1 \
    run_tests --sanitize="$1" --scratch-path ".build/$1" --skip EndToEndTests "${filter[@]}"
}

# RESP is compared with a real Redis; TLS is spoken to curl.
scripts/setup.sh redis-server curl
if [ -n "$sanitizer" ]; then
  sanitized "$sanitizer"
  exit
fi

say "format"
! git grep -nE '^(<{7}|>{7}) ' -- . || { echo "test.sh: a merge was left unfinished" >&2; exit 1; }
swift format lint --strict --parallel -r Sources Tests Package.swift
say "what the benchmark concludes"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s scripts/bench
say "installing packages starts no service"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s scripts -p packages_test.py
say "the dashboard, the rules for alerts"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s scripts/grafana
say "the format on disk, as its document has it"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s Tests/DiskTests/Reader
say "the documents: each command is typed by a test, or known to need what no test has; each link leads somewhere"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s scripts/documents
say "the chart, as far as that takes nothing to download"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s scripts/deploy -p '*_test.py'
say "tests"
[ $long = yes ] && export LONG_TESTS=1
swift build --build-tests
run_tests --skip-build "${filter[@]}"
if [ ${#filter[@]} -gt 0 ]; then
  left_out+=("everything that --filter ${filter[1]} does not match, Redis's clients among it")
else
  say "Redis's clients"
  resp=(--server .build/debug/lmcache-server)
  [ $long = no ] || resp+=(--long)
  scripts/resp-clients.sh "${resp[@]}"
  say "Redis's clients, by TLS"
  scripts/resp-clients.sh "${resp[@]}" --tls
  left_out+=("our differences from Redis, by TLS: they are shown without it")
fi

if [ $long = no ]; then
  left_out+=("both sanitizers, the image, the package, deploy/, the page in a browser, promtool and Prometheus, what the documents say, every Redis and Valkey client (by TLS all but redis-py's newest), the real LMCache clients: --long runs them")
else
  # First what finds faults of our own, then what needs downloads.
  sanitized address
  sanitized thread
  say "what reads the metrics: promtool, and a Prometheus beside a load"
  scripts/metrics-test.sh
  say "what the documents say, typed as they say it"
  scripts/documents-test.sh
  say "what reads deploy/grafana: promtool, and a Prometheus that is asked for each panel"
  scripts/grafana-test.sh
  say "the status page, in a headless Chromium (downloads 150 MB the first time)"
  scripts/page-test.sh
  say "what deploy/ holds (downloads 100 MB the first time)"
  scripts/deploy-test.sh
  say "the image, in containers"
  scripts/image-test.sh
  say "the Debian package, in a Debian of its own"
  scripts/package-test.sh
  say "the real LMCache clients (downloads over a gigabyte the first time)"
  scripts/compat.sh
fi
