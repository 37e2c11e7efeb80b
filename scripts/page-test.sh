#!/usr/bin/env bash
# Looks at the status page with a real browser: a headless Chromium, a real server, real traffic.
#   scripts/page-test.sh [--server PATH] [--screenshots DIR] [--only TEXT]
#   --server PATH      the lmcache-server to test; without it a release build is made
#   --screenshots DIR  also writes the pictures that the documents show into DIR, after six minutes of traffic
#   --only TEXT        runs only the checks with TEXT in their name
# One line a check, a summary at the end, exit 1 when one failed; what the browser saw then stays in a folder that is named.
# The browser is Debian's; what drives it stays in ~/.cache/lmcache-server-page.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly here
readonly home="${PAGE_TEST_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/lmcache-server-page}"

usage() { sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
say() { printf 'page-test: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

# shellcheck source=scripts/python.sh
source "$here/scripts/python.sh"

server="" words=()
while (($#)); do
  case "$1" in
    --server) server="${2:?--server needs a path}"; shift 2 ;;
    --screenshots | --only) words+=("$1" "${2:?$1 needs a value}"); shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "no option '$1'" ;;
  esac
done

# The font is the first that the page asks for: pictures look the same on every machine.
"$here/scripts/setup.sh" chromium fonts-inter
recipe="$(<"$here/scripts/page/requirements.txt")"
mkdir -p "$home" || fail "cannot write to $home: name another folder in PAGE_TEST_HOME"
exec 9>"$home/lock"
flock 9 # two runs at once must not build the same folder
if [[ ! -f "$home/venv/recipe" || "$(<"$home/venv/recipe")" != "$recipe" ]]; then
  say "downloading what drives the browser into $home: 50 MB, once"
  new_environment "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
    -r "$here/scripts/page/requirements.txt" || fail "cannot install what scripts/page/requirements.txt names"
  printf '%s\n' "$recipe" >"$home/venv/recipe"
fi
exec 9>&-

server="$(server_program "$server")"
browser="$(command -v chromium)" || fail "chromium is installed and not in PATH"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/scripts/image" exec "$home/venv/bin/python" "$here/scripts/page/check.py" \
  --server "$server" --browser "$browser" "${words[@]}"
