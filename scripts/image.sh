#!/usr/bin/env bash
# Builds the container image with the engine that is here, and stamps version and commit into it.
#   scripts/image.sh [--tag NAME] [--engine docker|podman|buildah] [--target run|debug] [--source URL] [--local-base]
#   --tag NAME      what to call it (default: lmcache-server:VERSION)
#   --target debug  an image that holds only the debug symbols
#   --source URL    where its sources are, for its label (default: where git has them from, if that is https://)
#   --local-base    where the base images cannot be pulled: builds on stand-ins made of Debian's packages and the Swift
#                   toolchain of this machine, with podman or buildah, in storage of its own (.build/image); needs root
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
fail() { echo "image.sh: $*" >&2; exit 2; }
tag= engine= target=run source= local_base=no
while [ $# -gt 0 ]; do
  case $1 in
    --tag | --engine | --target | --source)
      [ $# -gt 1 ] || fail "$1 needs a value"
      declare "${1#--}=$2"
      shift
      ;;
    --local-base) local_base=yes ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done
case $target in run | debug) ;; *) fail "--target takes run or debug" ;; esac

# Docker without its daemon, as in many sandboxes, cannot build.
usable() { command -v "$1" > /dev/null && { [ "$1" != docker ] || docker info > /dev/null 2>&1; }; }

options=()
if [ $local_base = yes ]; then
  . scripts/image/engine.sh
  . scripts/image/base.sh
  [ "$(id -u)" = 0 ] || fail "--local-base needs root"
  scripts/packages.sh buildah podman runc mmdebstrap ca-certificates
  own_engine
  [ "$engine" != docker ] || fail "--local-base works with podman and buildah"
  engine=${engine:-buildah}
  echo "base: not the official images, but stand-ins made of this machine's Debian packages and Swift toolchain"
  local_bases
  options+=(--network host --build-arg "SWIFT_IMAGE=$LOCAL_SWIFT_BASE" --build-arg "DEBIAN_IMAGE=$LOCAL_RUN_BASE")
fi
for each in docker podman buildah; do
  [ -n "$engine" ] || ! usable $each || engine=$each
done
case $engine in
  docker) build=(docker build) ;;
  podman) build=(podman build --format docker) ;;
  buildah) build=(buildah build --format docker) ;;
  '') fail "no docker, podman or buildah here; install one, for example: apt-get install podman" ;;
  *) fail "--engine takes docker, podman or buildah" ;;
esac
usable "$engine" || fail "$engine does not work here"

number=$(sed -n 's/.*number = "\(.*\)"$/\1/p' Sources/Setup/Options/Version.swift)
[ -n "$number" ] || fail "no version in Sources/Setup/Options/Version.swift"
commit= created=
if git rev-parse --verify -q HEAD > /dev/null 2>&1; then
  commit=$(git describe --always --abbrev=12 --exclude='*' --dirty)
  created=$(git log -1 --format=%cI)
fi
if [ -z "$source" ]; then source=$(git remote get-url origin 2> /dev/null | grep '^https://[^@]*$' || true); fi
[ -z "$source" ] || options+=(--label "org.opencontainers.image.source=$source")
tag=${tag:-lmcache-server:$number}
[ $target = run ] || tag=$tag-$target

"${build[@]}" "${options[@]}" --target "$target" --tag "$tag" \
  --build-arg VERSION="$number${commit:++$commit}" --build-arg COMMIT="$commit" --build-arg CREATED="$created" .
echo "built $tag, version $number${commit:++$commit}, with $engine"
