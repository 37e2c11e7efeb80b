#!/usr/bin/env bash
# The rounds themselves; scripts/bench.sh calls this in a session (and, if allowed, a network) of its own.
# Leaves one file of JSON lines a case in $WORK, and facts.txt.
set -euo pipefail

bench=.build/release/lmcache-bench
server_port=7101 c_port=7102 redis_port=7103
started=()

# Priority over whatever else the machine does; without the right to it the numbers are noisier, that is all.
{ echo -20 > /proc/self/autogroup; } 2> /dev/null || true
renice -n -20 -p $$ > /dev/null 2>&1 || true
if [ "$OWN_NETWORK" = yes ]; then
  ip link set lo up
  # Pacing (BBR) would measure its timers.
  sysctl -qw net.ipv4.tcp_congestion_control=cubic 2> /dev/null \
    || sysctl -qw net.ipv4.tcp_congestion_control=reno 2> /dev/null || true
fi

stop_servers() {
  for pid in "${started[@]}"; do kill -TERM "$pid" 2> /dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2> /dev/null || true; done
  started=()
}
trap stop_servers EXIT
trap 'exit 143' TERM INT

# start NAME PORT COMMAND...: on core 0; returns when the port answers. Sets `pid`.
start() {
  local name=$1 port=$2
  shift 2
  taskset -c 0 "$@" > "$WORK/$name.log" 2>&1 &
  pid=$!
  started+=("$pid")
  for _ in $(seq 100); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then return; fi
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  echo "bench.sh: $name does not answer on port $port:" >&2
  tail -n 5 "$WORK/$name.log" >&2
  exit 2
}

# Sets `all` (every target) and `lm` (those that speak lm), the server first.
start_servers() {
  all=() lm=()
  if [ "$SERVER" = yes ]; then
    start lmcache-server $server_port .build/release/lmcache-server 127.0.0.1 $server_port --memory 4GiB --loops 1
    all+=("lm://127.0.0.1:$server_port" --server-pid "$pid")
  fi
  start c_loop $c_port "$WORK/c_loop" $c_port --keys 65536
  all+=("lm://127.0.0.1:$c_port" --server-pid "$pid")
  start redis-server $redis_port redis-server --port $redis_port --bind 127.0.0.1 --save '' --appendonly no \
    --io-threads 1 --maxmemory 4gb --maxmemory-policy allkeys-lru --dir "$WORK"
  all+=("redis://127.0.0.1:$redis_port" --server-pid "$pid")
}

# measure NAME COMMAND OPTIONS...: all targets, into a file of that name.
measure() {
  local name=$1
  shift
  echo "  $name" >&2
  taskset -c 1 "$bench" "$@" --json "${all[@]}" > "$WORK/$name.jsonl" &
  local client=$!
  started+=("$client")
  wait "$client" || { echo "bench.sh: $name failed" >&2; exit 2; }
  unset 'started[-1]'
}

rounds=5 seconds=1 shapes=("1MiB 256 4" "4MiB 64 4" "32MiB 16 1") # size, keys, PUTs a batch
if [ "$QUICK" = yes ]; then rounds=3 seconds=0.3 shapes=("1MiB 256 4" "32MiB 16 1"); fi
span=(--rounds $rounds --seconds $seconds)

{
  echo "rounds=$rounds"
  echo "seconds=$seconds"
  echo "congestion=$(cat /proc/sys/net/ipv4/tcp_congestion_control)"
  echo "own_network=$OWN_NETWORK"
  echo "autogroup=$(sed 's/.*nice //' /proc/self/autogroup 2> /dev/null || echo none)"
} > "$WORK/facts.txt"

start_servers
measure fill-32MiB-4 fill --size 32MiB --connections 4 --keys 16 --rounds $rounds
stop_servers

start_servers
for shape in "${shapes[@]}"; do
  read -r size keys depth <<< "$shape"
  values=(--size $size --keys $keys "${span[@]}")
  measure "get-$size-1" get "${values[@]}"
  # From here on the values are there.
  measure "put-$size-1" put --no-fill --depth $depth "${values[@]}"
  measure "get-$size-4" get --no-fill --connections 4 "${values[@]}"
  measure "put-$size-4" put --no-fill --connections 4 --depth $depth "${values[@]}"
done
measure exist-1-1 exist "${span[@]}"
measure exist-spin-1-1 exist --spin "${span[@]}"
measure exist-16-8 exist --depth 16 --connections 8 "${span[@]}"
beside=(exist-beside --size 32MiB --bulk-connections 4 "${span[@]}")
[ "$(id -u)" -eq 0 ] || beside+=(--no-realtime)
measure beside-get "${beside[@]}" --bulk get
measure beside-put "${beside[@]}" --bulk put
many=(--size 4KiB --keys 20000 --connections 4 --depth 50 "${span[@]}")
measure many-get get --verify "${many[@]}"
