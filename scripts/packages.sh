#!/usr/bin/env bash
# Installs those of the named packages of Debian or Ubuntu that this machine lacks. A server among them does not start.
set -euo pipefail
readonly policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}

missing=()
for package in "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || {
    echo "packages.sh: as root, run: apt-get install ${missing[*]}" >&2
    exit 2
  }
  exec sudo "$0" "${missing[@]}"
fi
echo "installing: ${missing[*]}" >&2

# Another run must not find this one's answer, and miss it a moment later.
exec 9< "$(dirname "$policy")"
flock 9
# Packages ask it before they start or restart a service, whatever starts services here: 101 is no.
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\n# For as long as scripts/packages.sh of lmcache-server runs.\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y --no-install-recommends "${missing[@]}" 9>&-; }
install > /dev/null 2>&1 || { apt-get update > /dev/null && install > /dev/null; } || {
  echo "packages.sh: cannot install ${missing[*]}; is this Debian or Ubuntu with its package index in reach?" >&2
  exit 2
}
