#!/usr/bin/env bash
# Builds the Debian package of this machine's architecture and release: lmcache-server_VERSION_ARCHITECTURE.deb.
#   scripts/package.sh [--output DIRECTORY] [--version VERSION]
#   --output DIRECTORY  where it goes (default: .build/package)
#   --version VERSION   what to call it (default: the program's)
# Its maintainer is who builds it: DEBFULLNAME with DEBEMAIL, or the author of the last commit.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0"; }
fail() { echo "package.sh: $*" >&2; exit 2; }
output=.build/package version=
while [ $# -gt 0 ]; do
  case $1 in
    --output | --version)
      [ $# -gt 1 ] || fail "$1 needs a value"
      declare "${1#--}=$2"
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done
scripts/setup.sh dpkg-dev binutils gzip patchelf xz-utils

number=$(sed -n 's/.*number = "\(.*\)"$/\1/p' Sources/Setup/Options/Version.swift)
version=${version:-$number}
dpkg --validate-version "$version" || fail "'$version' is not a version; for example: $number"
git rev-parse --verify -q HEAD > /dev/null 2>&1 || fail "this is no checkout with commits, which name the version inside"
commit=$(git describe --always --abbrev=12 --exclude='*' --dirty)
maintainer="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"
# Files are as old as the commit, so that the same commit makes the same package.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

echo "building the programs (the first time takes some minutes)" >&2
for product in lmcache-server lmcache-bench; do
  LMCACHE_SERVER_COMMIT=$commit \
    swift build -c release --static-swift-stdlib --scratch-path .build/package/swift --product $product >&2
done
built=$(readlink -f .build/package/swift/release)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
doc=$root/usr/share/doc/lmcache-server
install -d -m 755 "$root"/{DEBIAN,etc/lmcache-server,usr/bin,usr/lib/systemd/system} "$doc" \
  "$root"/usr/share/{man/man1,lintian/overrides,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
chmod 755 "$root"

day=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%F)
for program in lmcache-server lmcache-bench; do
  objcopy --strip-all "$built/$program" "$root/usr/bin/$program"
  # The toolchain looks for libraries beside the program. There are none.
  patchelf --remove-rpath "$root/usr/bin/$program"
  "$built/$program" man | sed "/^\.TH /s/\"\"/\"$day\"/" | gzip -9n > "$root/usr/share/man/man1/$program.1.gz"
  "$built/$program" completions bash > "$root/usr/share/bash-completion/completions/$program"
  "$built/$program" completions zsh > "$root/usr/share/zsh/vendor-completions/_$program"
  "$built/$program" completions fish > "$root/usr/share/fish/vendor_completions.d/$program.fish"
done
"$built/lmcache-server" sample-config > "$root/etc/lmcache-server/lmcache-server.yaml"
scripts/package/unit.py deploy/systemd/lmcache-server.service > "$root/usr/lib/systemd/system/lmcache-server.service"

# What lies inside the programs, with its terms.
libraries=(liburing-dev libxxhash-dev libhiredis-dev libssl-dev libyaml-dev)
install -m 644 deploy/debian/copyright "$doc/copyright"
for library in "${libraries[@]}"; do
  install -m 644 "/usr/share/doc/$library/copyright" "$doc/copyright.${library%-dev}"
done
gzip -9n > "$doc/changelog.gz" << END
lmcache-server ($version) unstable; urgency=medium

  * Version $number, built from commit $commit.

 -- $maintainer  $(git log -1 --format=%aD)
END
install -m 644 deploy/debian/lintian-overrides "$root/usr/share/lintian/overrides/lmcache-server"

# dpkg-shlibdeps wants to be called where a source package is.
depends=$(
  mkdir "$root/DEBIAN/source" "$root/DEBIAN/source/debian"
  cd "$root/DEBIAN/source"
  touch debian/control
  dpkg-shlibdeps -O "$root"/usr/bin/lmcache-* | sed -n 's/^shlibs:Depends=//p'
)
rm -r "$root/DEBIAN/source"
[ -n "$depends" ] || fail "cannot tell which libraries the programs need"
built_using=$(dpkg-query -W -f='${source:Package} (= ${source:Version}), ' "${libraries[@]}")
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$(dpkg --print-architecture)|" -e "s|@MAINTAINER@|$maintainer|" \
  -e "s|@SIZE@|$(du -sk --exclude=DEBIAN "$root" | cut -f 1)|" -e "s|@DEPENDS@|$depends|" \
  -e "s|@BUILT_USING@|${built_using%, }|" deploy/debian/control.in > "$root/DEBIAN/control"
echo /etc/lmcache-server/lmcache-server.yaml > "$root/DEBIAN/conffiles"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
install -m 755 deploy/debian/{postinst,prerm,postrm} "$root/DEBIAN/"
# Whoever builds it may have another umask.
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f ! -perm -100 -exec chmod 644 {} +
chmod 755 "$root"/usr/bin/*

mkdir -p "$output"
dpkg-deb --root-owner-group -Zxz --build "$root" "$output" >&2
echo "$output/lmcache-server_${version}_$(dpkg --print-architecture).deb"
