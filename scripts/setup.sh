#!/usr/bin/env bash
# Installs what building needs and this machine lacks, and the packages that the caller names besides; safe to repeat.
set -euo pipefail

# liburing: the ring. xxhash: the key hash. hiredis: announcing in a Redis. libssl: TLS. openssl: certificates of tests.
# yaml: the configuration file. python3: report and client checks. gcc: the small C helpers of tests and benchmark.
"$(dirname "$0")/packages.sh" liburing-dev libxxhash-dev libhiredis-dev libssl-dev libyaml-dev openssl gcc libc6-dev \
  python3 "$@"

command -v swift > /dev/null || {
  echo "setup.sh: no swift in PATH; install the Swift 6.3 toolchain for Linux from swift.org/install first" >&2
  exit 2
}
swift --version 2>&1 | grep -Eq 'Swift version 6\.([2-9]|[1-9][0-9])|Swift version ([7-9]|[1-9][0-9])' || {
  echo "setup.sh: Swift 6.2 or newer is needed, this is: $(swift --version 2>&1 | head -n 1)" >&2
  exit 2
}
