#!/usr/bin/env bash
# Checks everything in deploy/: our chart, the production-stack chart rendered with our values, Kubernetes objects, compose
# file, systemd unit.
#   scripts/deploy-test.sh [--chart DIR]... [--write] [--server PATH]
#   --chart DIR    a production-stack chart to render instead of the three generations that are downloaded once
#   --write        writes deploy/production-stack/rendered.yaml instead of comparing with it
#   --server PATH  the lmcache-server whose system calls are compared with the unit's filter; without it one is built
# One line a check, a summary at the end, exit 1 when one failed. Tools and charts stay in ~/.cache/lmcache-server-deploy.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
say() { echo "deploy-test.sh: $*" >&2; }
fail() { say "$*"; exit 2; }

home=${DEPLOY_TEST_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/lmcache-server-deploy}
# As the cache server's templates changed, the newest first: image under `image`; image at the top; program by the tag.
generations=(
  41b93c42c05d37de260ebe8dd482cb5ae83f8dca
  f660a2a912cad6ec42ee44a17b88ab22060a3988
  0bff58bb0c5edf5e51715695cd98f20fedcdfb4a
)
charts=() write= server=
while [ $# -gt 0 ]; do
  case $1 in
    --chart) [ $# -gt 1 ] || fail "--chart needs a directory"; charts+=("$2"); shift ;;
    --server) [ $# -gt 1 ] || fail "--server needs a path"; server=$2; shift ;;
    --write) write=--write ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done

# The directory is whole or absent: it is renamed into place.
fetch_chart() {
  local commit=$1 unpacking=$home/unpacking
  [ -d "$home/charts/$commit" ] && return
  rm -rf "$unpacking"
  mkdir -p "$unpacking" "$home/charts"
  curl --fail --silent --show-error --location --max-time 60 \
    "https://codeload.github.com/vllm-project/production-stack/tar.gz/$commit" |
    tar -xz -C "$unpacking" --strip-components=1 --wildcards '*/helm/*' ||
    fail "cannot download the chart of commit $commit; name one with --chart, or put its helm/ into $home/charts/$commit"
  mv "$unpacking/helm" "$home/charts/$commit"
}

command -v systemd-analyze > /dev/null || scripts/packages.sh systemd
command -v strace > /dev/null || scripts/packages.sh strace
command -v promtool > /dev/null || scripts/packages.sh prometheus
python3 -c 'import ensurepip, venv' 2> /dev/null || scripts/packages.sh python3-venv
recipe=$(cat scripts/deploy/requirements.txt)
if [ ! -f "$home/venv/recipe" ] || [ "$(cat "$home/venv/recipe")" != "$recipe" ]; then
  say "downloading Helm's SDK and Kubernetes' schemas into $home: 100 MB, once"
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r scripts/deploy/requirements.txt ||
    fail "cannot install what scripts/deploy/requirements.txt names"
  printf '%s\n' "$recipe" > "$home/venv/recipe"
fi
if [ ${#charts[@]} -eq 0 ]; then
  for commit in "${generations[@]}"; do
    fetch_chart "$commit"
    charts+=("$home/charts/$commit")
  done
fi
if [ -z "$server" ]; then
  swift build -c release --product lmcache-server >&2
  server=.build/release/lmcache-server
fi
[ -x "$server" ] || fail "$server cannot be run"
exec "$home/venv/bin/python" scripts/deploy/check.py $write --server "$server" "${charts[@]}"
