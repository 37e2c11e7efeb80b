#!/usr/bin/env bash
# The cases of the report; scripts/bench.sh calls this in a session (and, if allowed, a network) of its own.
# Leaves in $WORK a JSON document a case, pictures, and facts.txt.
set -euo pipefail
source scripts/bench/servers.sh
trap stop_servers EXIT
trap 'exit 143' TERM INT

bench=.build/release/lmcache-bench
MEMORY_MIB=6144

# Priority over everything else on the machine; without the right to it the numbers are only noisier.
{ echo -20 > /proc/self/autogroup; } 2> /dev/null || true
renice -n -20 -p $$ > /dev/null 2>&1 || true
# use_congestion NAME: for every connection from here on; without NAME the host's. It sets the route's, since a network
# namespace cannot choose a default that the host does not allow to all.
use_congestion() {
  ip route replace local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 ${1:+congctl "$1"}
}
host_congestion=$(cat /proc/sys/net/ipv4/tcp_congestion_control) congestion=
if [ "$OWN_NETWORK" = yes ]; then
  ip link set lo up
  # With pacing (BBR) the timers would be measured; the part `host` does so.
  if use_congestion cubic 2> /dev/null; then congestion=cubic; fi
fi
: > "$WORK/faults.txt"
ulimit -n "$(ulimit -Hn)"

rounds=5 seconds=0.25 warmup=0.05 connections=1,4,8
sizes=4KiB,32KiB,256KiB,1MiB,4MiB,32MiB,128MiB deep_sizes=4KiB,32KiB,256KiB,1MiB,4MiB,32MiB
host_sizes=1MiB,4MiB,32MiB idle=10000 chunks=200000 repeats=5 cold_keys=16
if [ "$QUICK" = yes ]; then
  rounds=3 seconds=0.1 warmup=0.05 connections=1,4 sizes=4KiB,1MiB,32MiB deep_sizes=4KiB,1MiB host_sizes=4MiB idle=2000 chunks=20000 repeats=2 cold_keys=4
fi
span=(--rounds $rounds --seconds $seconds --warmup $warmup)

# The client has the other core.
client_core=1

# measure NAME COMMAND OPTIONS...: all targets; results and picture under that name. Missing values and failed requests are
# noted; the run goes on, and fails in the end.
measure() {
  local name=$1
  shift
  echo "  $name" >&2
  taskset -c $client_core "$bench" "$@" "${targets[@]}" --json "$WORK/$name.json" --plot "$WORK/$name.svg" \
    > "$WORK/$name.txt" 2> "$WORK/$name.err" &
  local client=$! status=0
  started+=("$client")
  wait "$client" || status=$?
  unset 'started[-1]'
  cat "$WORK/$name.err" >&2
  [ $status -le 1 ] || { echo "bench.sh: $name failed" >&2; exit 2; }
  [ $status -eq 0 ] || sed "s/^lmcache-bench:/$name:/" "$WORK/$name.err" >> "$WORK/faults.txt"
}

# hold_idle PORT SCHEME: connections that asked once and then stay, as engines do between prompts.
hold_idle() {
  taskset -c $client_core python3 scripts/bench/idle.py "$2" "$1" "$idle" > "$WORK/idle-$1.log" 2>&1 &
  started+=("$!")
  for _ in $(seq 300); do
    if grep -q ready "$WORK/idle-$1.log"; then return; fi
    kill -0 "${started[-1]}" 2> /dev/null || break
    sleep 0.1
  done
  echo "bench.sh: cannot hold $idle connections to port $1: $(tail -n 1 "$WORK/idle-$1.log")" >&2
  exit 2
}

bodies() {
  start_all
  for command in get put; do
    measure "$command" $command --size $sizes --connections $connections "${span[@]}"
  done
  # Redis needs memory for a whole batch of replies at once: 16 GiB for values of 128 MiB.
  for command in get put; do
    measure "$command-deep" $command --depth 16 --size $deep_sizes --connections $connections "${span[@]}"
  done
  measure latency get --size 1MiB --connections 4 --keys 64 --rounds $rounds --seconds 1
  stop_servers
}

# The same under the host's own control, if that is another.
host() {
  if [ "$OWN_NETWORK" = no ] || [ -z "$congestion" ] || [ "$congestion" = "$host_congestion" ]; then return; fi
  use_congestion ''
  start_all
  for command in get put; do
    measure "host-$command" $command --size $host_sizes --connections 1,4 "${span[@]}"
  done
  stop_servers
  use_congestion "$congestion"
}

# Values that are read twice and then evicted: lent memory has to be replaced before its next use. The C loop, which keeps no
# store, writes over a few.
churn() {
  local MEMORY_MIB=1024
  [ "$SERVER" = no ] || start_ours lmcache-server 7101
  start_c_loop --keys 40
  start_memcached
  start_redis
  measure churn-4MiB churn --size 4MiB --keys 320 --connections 1,4 --rounds $rounds --seconds 0.5
  measure churn-32MiB churn --size 32MiB --keys 40 --connections 1,4 --rounds $rounds --seconds 0.5
  stop_servers
}

# Untouched memory: servers just started, every key for the first time.
cold() {
  start_all
  measure fill fill --size 32MiB --connections 4 --keys $cold_keys --rounds $rounds
  stop_servers
}

small() {
  start_all
  measure exist exist --connections 1,4,8 --depth 1,16 --keys 1024 "${span[@]}"
  measure exist-spin exist --spin --keys 1024 "${span[@]}"
  measure many-get get --verify --size 4KiB --keys 20000 --connections 4 --depth 50 "${span[@]}"
  beside=(exist-beside --size 32MiB --bulk-connections 4 "${span[@]}")
  [ "$(id -u)" -eq 0 ] || beside+=(--no-realtime)
  for bulk in get put; do measure "beside-$bulk" "${beside[@]}" --bulk $bulk; done
  stop_servers
}

# The same work on two servers of a kind, one of which also holds idle connections.
idle_connections() {
  start_ours "64 busy" 7101
  start_ours "64 busy, $idle idle" 7111
  hold_idle 7111 lm
  measure idle-exist exist --connections 64 --keys 1024 "${span[@]}"
  measure idle-get get --size 1MiB --connections 64 --keys 64 "${span[@]}"
  stop_servers
}

# Servers that hold few chunks and servers that hold many, in turn, so that a disturbance hits both alike. memcached shows
# the effect of the processor's caches alone.
many_chunks() {
  local turn amount keys
  start_ours lmcache-server 7101
  start_memcached 7104
  local few=("${targets[@]}")
  targets=()
  start_ours lmcache-server 7111
  start_memcached 7114
  local many=("${targets[@]}")
  for turn in $(seq $repeats); do
    for amount in few many; do
      if [ $amount = few ]; then keys=2000 targets=("${few[@]}"); else keys=$chunks targets=("${many[@]}"); fi
      # The first turn stores them.
      local load=(--no-fill)
      [ "$turn" -gt 1 ] || load=()
      measure "chunks-get-$amount-$turn" get "${load[@]}" --size 4KiB --depth 10 --connections 4 --keys $keys \
        --rounds 1 --seconds 1
      measure "chunks-exist-$amount-$turn" exist --no-fill --connections 8 --depth 16 --keys $keys --rounds 1 --seconds 1
    done
  done
  stop_servers
}

# A client a loop, on one server of two loops and on two servers of one loop, which share nothing. All share both cores.
two_loops() {
  local servers=() command
  cores=0,1
  start_ours shared 7101 --loops 2
  servers+=(7101 "$pid")
  start_ours apart 7111
  servers+=(7111 "$pid")
  start_ours "apart too" 7121
  servers+=(7121 "$pid")
  cores=0
  for command in get exist; do
    echo "  loops-$command" >&2
    python3 scripts/bench/loops.py "$bench" $command $rounds 1 "$WORK/loops-$command.figures" "${servers[@]}" &
    started+=("$!")
    wait "$!" || { echo "bench.sh: loops-$command failed" >&2; exit 2; }
    unset 'started[-1]'
  done
  stop_servers
}

# Conversations that need half as much again as the stores hold: how much of a prefix survives eviction?
# The C loop keeps everything and is left out.
sessions() {
  local MEMORY_MIB=2048
  [ "$SERVER" = no ] || start_ours lmcache-server 7101
  start_memcached
  start_redis
  measure session session --model llama-3-8b --users 8 --turns 6 --connections 4 --rounds 3
  stop_servers
}

# RESP: a server of its own, since lm misses a value stored by SET.
resp() {
  start_ours lmcache-server 7101
  start "lmcache-server by RESP" 7111 .build/release/lmcache-server 127.0.0.1 7111 --memory "$MEMORY_MIB"MiB --loops 1
  target "lmcache-server, RESP" redis 7111
  start_redis
  for command in get put; do
    measure "resp-$command" $command --size 1MiB,4MiB,32MiB,128MiB --connections 1,4 "${span[@]}"
  done
  # One request, one reply, as with the peers. lm needs an EXIST to know that a PUT is stored.
  start_memcached
  measure resp-small put --size 4KiB,32KiB --connections $connections "${span[@]}"
  stop_servers
}

# The lookup registry: ten million entries in ours and in a Redis.
registry() {
  python3 scripts/bench/registry.py .build/release/lmcache-server 10000000 "$WORK/registry.figures" > "$WORK/registry.txt" &
  started+=("$!")
  wait "$!" || { echo "bench.sh: registry failed" >&2; exit 2; }
  started=()
}

# The client against a C client with a thread a connection, on the same server.
client() {
  start_ours lmcache-server 7101
  taskset -c $client_core python3 scripts/bench/client.py "$bench" "$WORK/c_client" 7101 $rounds 0.5 "$WORK/client.figures" &
  started+=("$!")
  wait "$!" || { echo "bench.sh: client failed" >&2; exit 2; }
  stop_servers
}

# The disk tier beside fio, which has a script of its own. Its loop and that of connections may each have a core.
disk() {
  local options=(--figures "$WORK/disk.figures" --no-build) status=0
  [ -z "$DISK" ] || options+=(--directory "$DISK")
  [ "$QUICK" = no ] || options+=(--quick)
  scripts/bench/disk.sh "${options[@]}" 2> >(tee "$WORK/disk.err" >&2) &
  started+=("$!")
  wait "$!" || status=$?
  started=()
  [ $status -le 1 ] || { echo "bench.sh: disk failed" >&2; exit 2; }
  [ $status -eq 0 ] || sed -n 's/^disk.sh:/disk:/p' "$WORK/disk.err" >> "$WORK/faults.txt"
}

reference() {
  start_ours lmcache-server 7101
  start_reference
  measure reference-get get --size 1MiB,32MiB --connections 1,4 --keys 16 "${span[@]}"
  measure reference-put put --size 1MiB,32MiB --connections 1,4 --keys 16 "${span[@]}"
  measure reference-exist exist --connections 1,4 --keys 1024 "${span[@]}"
  stop_servers
}

{
  echo "rounds=$rounds"
  echo "seconds=$seconds"
  echo "quick=$QUICK"
  echo "chunks=$chunks"
  echo "idle=$idle"
  echo "repeats=$repeats"
  echo "congestion=${congestion:-$host_congestion}"
  echo "host_congestion=$host_congestion"
  echo "own_network=$OWN_NETWORK"
  [ -z "$REFERENCE" ] || echo "reference=$REFERENCE_VERSION"
  echo "autogroup=$(sed 's/.*nice //' /proc/self/autogroup 2> /dev/null || echo none)"
} > "$WORK/facts.txt"

parts=(cold bodies host churn small)
if [ "$SERVER" = yes ]; then
  parts+=(idle_connections many_chunks two_loops)
  [ "$QUICK" = yes ] || parts+=(registry client disk)
fi
[ "$QUICK" = yes ] || parts+=(sessions resp)
if [ -n "$REFERENCE" ]; then parts+=(reference); fi
[ -z "$ONLY" ] || parts=("$ONLY")
for part in "${parts[@]}"; do
  echo "$part" >&2
  "$part"
done
