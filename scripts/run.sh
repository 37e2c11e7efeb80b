#!/usr/bin/env bash
# Installs what is missing, builds the release binary and starts the server. Arguments go to the server:
#   scripts/run.sh [--memory 4GiB] [--port 65432] …
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
echo "building (the first time takes a minute or two)" >&2
swift build -c release --product lmcache-server >&2
exec .build/release/lmcache-server "$@"
