#!/usr/bin/env bash
# Builds the Debian package twice, as two versions, and proves it in a Debian of its own: installed, upgraded, removed,
# purged; its pages, its completions in bash, zsh and fish, its unit. Needs root. A line a check, the count at the end.
#   scripts/package-test.sh [--packages OLD.deb NEW.deb]
#   --packages  packages that are there already, in place of new ones
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/image/base.sh

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }
fail() { echo "package-test.sh: $*" >&2; exit 2; }
old="" new=""
while [ $# -gt 0 ]; do
  case $1 in
    --packages) [ $# -gt 2 ] || fail "--packages needs two files"; old=$(readlink -f "$2") new=$(readlink -f "$3"); shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || fail "needs root: it makes a Debian in a directory, and mounts"
scripts/packages.sh mmdebstrap lintian mandoc python3

if [ -z "$new" ]; then
  new=$(scripts/package.sh)
  old=$(scripts/package.sh --version 0.0.9)
  new=$(readlink -f "$new") old=$(readlink -f "$old")
fi

# The base is made once; nothing changes it but its deletion.
base=$PWD/.build/package/debian.tar
if [ ! -f "$base" ]; then
  echo "making a minimal Debian 12 with man, bash, zsh, fish and systemd (once)"
  debian_tar --include=adduser,man-db,mandoc,bash-completion,zsh,fish,systemd,procps > "$base.part"
  mv "$base.part" "$base"
fi
root=$(mktemp -d "$PWD/.build/package/root.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
tar -C "$root" -xf "$base"

# Mounts, ports and processes of its own: all of them end with it.
unshare --mount --net --pid --fork --kill-child bash -euc '
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  mount -t tmpfs tmpfs "$1/run"
  ip link set lo up
  exec python3 -B scripts/package/checks.py --root "$1" --old "$2" --new "$3"' bash "$root" "$old" "$new"
