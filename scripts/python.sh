# Sourced by compat.sh and resp-clients.sh, which have `here`, `say` and `fail`: a Python that can make environments, and a
# server to run its clients against.
# shellcheck shell=bash

# Prints a Python with wheels of the clients and with venv.
find_python() {
  local candidate suits='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
  for candidate in python3.11 python3.12 python3.13 python3; do
    if "$candidate" -c "$suits" 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

install_packages() {
  command -v apt-get >/dev/null || fail "install $* first: there is no apt-get to do it"
  "$here/scripts/packages.sh" "$@" || fail "could not install $*"
}

# Makes a virtual environment in the folder $1.
new_environment() {
  local python
  if ! python="$(find_python)"; then
    say "no Python 3.11 to 3.13 with venv here: installing python3-venv"
    install_packages python3 python3-venv
    python="$(find_python)" || fail "python3-venv is installed, but there is no Python 3.11 to 3.13"
  fi
  rm -rf "$1"
  "$python" -m venv "$1" || fail "$python could not make an environment in $1"
}

# Prints the path of the server to test: $1, or a fresh release build.
server_program() {
  local server="$1"
  if [[ -z "$server" ]]; then
    say "building lmcache-server for release"
    swift build --package-path "$here" -c release --product lmcache-server >&2 || fail "lmcache-server does not build"
    server="$here/.build/release/lmcache-server"
  fi
  [[ -x "$server" ]] || fail "$server is not there or cannot be run"
  realpath "$server"
}
