#!/usr/bin/env bash
# Runs unmodified LMCache clients of several versions against lmcache-server. See Tests/Clients/README.md.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly here
readonly clients="$here/Tests/Clients"
readonly home="${COMPAT_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/lmcache-server-compat}"
readonly torch_version=2.13.0

server=""
versions="0.3.6 0.3.15 0.4.7 0.5.6"
reference=false
only=""
prepare=false

usage() {
  cat <<'USAGE'
usage: scripts/compat.sh [--server PATH] [--versions "0.3.6 0.5.6"] [--only TEXT] [--reference] [--prepare]
  --server PATH    the lmcache-server to test; without it a release build is made
  --versions LIST  the LMCache versions to test with (default: 0.3.6 0.3.15 0.4.7 0.5.6)
  --only TEXT      run only the checks with TEXT in their name
  --reference      test LMCache's own Python server instead, which shows what the checks themselves are worth
  --prepare        only fetch the clients, as a benchmark against LMCache's own server wants them
USAGE
}

say() { printf 'compat: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# shellcheck source=scripts/python.sh
source "$here/scripts/python.sh"

while (($#)); do
  case "$1" in
    --server) server="${2:?--server needs a path}"; shift 2 ;;
    --versions) versions="${2:?--versions needs a list}"; shift 2 ;;
    --only) only="${2:?--only needs a text}"; shift 2 ;;
    --reference) reference=true; shift ;;
    --prepare) prepare=true; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
done

# The index may have a build of torch for the CPU alone; the one for CUDA does not import without its libraries.
install_torch() {
  say "torch $torch_version"
  if ! pip_install --no-deps "torch==$torch_version+cpu" 2>"$home/torch.log"; then
    say "no CPU build of torch on the package indexes that pip knows: taking the CUDA build, over two gigabytes more"
    pip_install "torch==$torch_version" || fail "could not install torch $torch_version"
  fi
}

pip_install() { "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"; }

make_environment() {
  local recipe
  recipe="$(cat "$clients/requirements.txt"; echo "torch $torch_version")"
  [[ -f "$home/venv/recipe" && "$(<"$home/venv/recipe")" == "$recipe" ]] && return
  say "downloading the clients' Python packages into $home: over a gigabyte, once, and a minute or more"
  new_environment "$home/venv"
  say "the libraries of requirements.txt"
  pip_install -r "$clients/requirements.txt" || fail "could not install what Tests/Clients/requirements.txt names"
  install_torch
  "$home/venv/bin/python" -c 'import torch' || fail "torch $torch_version is installed but does not import"
  printf '%s\n' "$recipe" >"$home/venv/recipe"
}

# Each version lies in a folder of its own, and PYTHONPATH picks one.
fetch_client() {
  local version="$1"
  [[ -d "$home/lmcache-$version" ]] && return
  say "lmcache $version"
  rm -rf "$home/unpacking"
  pip_install --no-deps --only-binary lmcache --target "$home/unpacking" "lmcache==$version" ||
    fail "could not get the wheel of lmcache $version"
  mv "$home/unpacking" "$home/lmcache-$version"
}

mkdir -p "$home" || fail "cannot write to $home: name another folder in COMPAT_HOME"
exec 9>"$home/lock"
flock 9 # two runs at once must not build the same folders
make_environment
for version in $versions; do fetch_client "$version"; done
exec 9>&-
if $prepare; then exit 0; fi

if $reference; then
  under_test=(--reference)
else
  server="$(server_program "$server")"
  under_test=(--server "$server")
fi

# shellcheck disable=SC2086
exec "$home/venv/bin/python" "$clients/run.py" --home "$home" "${under_test[@]}" --only "$only" --versions $versions
