#!/usr/bin/env bash
# Builds the image and proves it in real containers, with podman in a network and a storage of its own (.build/image; about
# 4 GB, delete it at will). Installs what is missing; needs root. A line a check, the count at the end.
#   scripts/image-test.sh [--local-base] [--only GROUP]
#   --local-base   do not try to pull the base images; see scripts/image.sh
#   --only GROUP   of the image built last, check one group: image, confinement, probes, healthcheck, memory, drain,
#                  disk, deployment
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/image/engine.sh

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
fail() { echo "image-test.sh: $*" >&2; exit 2; }
base=() only=
while [ $# -gt 0 ]; do
  case $1 in
    --local-base) base=(--local-base) ;;
    --only) [ $# -gt 1 ] || fail "--only needs a group"; only=$2; shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || fail "needs root: it makes containers with limits and a network"

scripts/packages.sh podman buildah runc conmon catatonit containernetworking-plugins iptables iproute2 \
  golang-github-containers-common ca-certificates python3
own_engine
image=lmcache-server:image-test
log=$IMAGE_HOME/build.log
if [ -z "$only" ]; then
  if [ ${#base[@]} = 0 ] && ! timeout 120 podman pull --quiet docker.io/library/debian:bookworm-slim > "$log" 2>&1; then
    echo "the official base images cannot be pulled here: $(tail -n 1 "$log" | cut -c 1-120)"
    base=(--local-base)
  fi
  echo "building the image; $log has the details"
  scripts/image.sh --engine buildah --tag $image --source https://example.com/lmcache-server "${base[@]}" > "$log" 2>&1 || { tail -n 20 "$log" >&2; fail "cannot build"; }
  grep -E '^(base:|built)' "$log"
fi

deployments=(--deployment deploy/production-stack/rendered.yaml --deployment deploy/kubernetes/lmcache-server.yaml)
# Our chart's pod, rendered by scripts/deploy-test.sh, because Helm is downloaded there.
chart=.build/deploy/chart.yaml
if [ -f $chart ]; then
  deployments+=(--deployment $chart)
else
  echo "not run: the pod of deploy/helm, since scripts/deploy-test.sh has not written $chart"
fi

# However this script ends, it ends everything that it started. The storage and its contents are ours alone.
trap 'podman pod rm --all --force > /dev/null 2>&1; podman rm --all --force --time 0 > /dev/null 2>&1' EXIT
# A network namespace of our own: ports are free, and nothing outside reaches a server on every address.
unshare --net bash -euc 'ip link set lo up; exec python3 -B "$@"' bash \
  scripts/image/checks.py --image $image "${deployments[@]}" --only "$only"
