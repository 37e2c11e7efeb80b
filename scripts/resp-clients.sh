#!/usr/bin/env bash
# Runs unmodified Redis and Valkey clients against lmcache-server. See Tests/Clients/README.md.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly here
readonly sessions="$here/Tests/Clients/resp"
readonly home="${COMPAT_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/lmcache-server-compat}"
readonly newest_redis_py=8.1.0 older_redis_py="4.6.0 5.2.1 6.4.0 7.4.1" glide=2.6.0

server=""
long=false
reference=false
tls=false
only=""
clients=""

usage() {
  cat <<'USAGE'
usage: scripts/resp-clients.sh [--long] [--server PATH] [--only TEXT] [--clients LIST] [--tls] [--reference]
  --long          every client; without it redis-py's newest, redis-cli and redis-benchmark, by TLS redis-py alone
  --server PATH   the lmcache-server to test; without it a release build is made
  --only TEXT     run only the sessions with TEXT in their name
  --clients LIST  these clients alone, such as "redis-py-5.2.1 redis-tools glide-sync glide-async differences"
  --tls           reach the server by TLS; it goes without what compares it with Redis
  --reference     test the redis-server of this machine instead, which shows what the sessions themselves are worth
USAGE
}

say() { printf 'resp-clients: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# shellcheck source=scripts/python.sh
source "$here/scripts/python.sh"

while (($#)); do
  case "$1" in
    --long) long=true; shift ;;
    --server) server="${2:?--server needs a path}"; shift 2 ;;
    --only) only="${2:?--only needs a text}"; shift 2 ;;
    --clients) clients="${2:?--clients needs a list}"; shift 2 ;;
    --reference) reference=true; shift ;;
    --tls) tls=true; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
done

if [[ -z "$clients" ]]; then
  clients="redis-py-$newest_redis_py"
  # By TLS the same sessions go another way: one client shows that it leads there.
  if $long || ! $tls; then clients+=" redis-tools"; fi
  if $long; then
    for version in $older_redis_py; do clients+=" redis-py-$version"; done
    clients+=" glide-sync glide-async"
  fi
  # The differences from Redis cannot be tested against Redis.
  $reference || $tls || clients+=" differences"
fi

# Puts a client's packages into a folder of their own; PYTHONPATH picks one.
fetch() {
  local folder="$home/$1"
  shift
  [[ -f "$folder/.recipe" && "$(<"$folder/.recipe")" == "$*" ]] && return
  say "fetching $*"
  rm -rf "$folder" "$home/unpacking"
  "$home/small/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
    --target "$home/unpacking" "$@" || fail "could not get $*"
  printf '%s\n' "$*" >"$home/unpacking/.recipe"
  mv "$home/unpacking" "$folder"
}

fetch_client() {
  case "$1" in
    redis-py-*) fetch "$1" "redis==${1#redis-py-}" ;;
    glide-sync) fetch glide-sync "valkey-glide-sync==$glide" ;;
    glide-async) fetch glide-async "valkey-glide==$glide" ;;
    redis-tools) command -v redis-cli redis-benchmark >/dev/null || install_packages redis-tools ;;
    differences) fetch_client "redis-py-$newest_redis_py" ;;
    *) fail "no client $1" ;;
  esac
}

mkdir -p "$home" || fail "cannot write to $home: name another folder in COMPAT_HOME"
exec 9>"$home/lock"
flock 9 # two runs at once must not build the same folders
[[ -x "$home/small/bin/python" ]] || new_environment "$home/small"
for client in $clients; do fetch_client "$client"; done
exec 9>&-

if $reference; then
  command -v redis-server >/dev/null || fail "install redis-server first: it is what --reference runs"
  under_test=(--reference)
else
  server="$(server_program "$server")"
  under_test=(--server "$server")
  if $tls; then under_test+=(--tls); fi
fi

# shellcheck disable=SC2086
PYTHONPATH="$sessions:$here/Tests/Clients" exec "$home/small/bin/python" "$sessions/run.py" --home "$home" \
  "${under_test[@]}" --only "$only" --python-client "redis-py-$newest_redis_py" --clients $clients
