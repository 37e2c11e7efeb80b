# Starts and ends the measured servers; run.sh and hits.sh source it. Every server has its own port and is ended by its process id.
# Needs WORK; `cores` says where servers run, SCRIPT who complains.

started=() targets=()
cores=0

stop_servers() {
  for pid in "${started[@]}"; do kill -TERM "$pid" 2> /dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2> /dev/null || true; done
  started=() targets=()
}

# start NAME PORT COMMAND...: returns when the port answers. Sets `pid`.
start() {
  local name=$1 port=$2
  shift 2
  taskset -c "$cores" "$@" > "$WORK/$name.log" 2>&1 &
  pid=$!
  started+=("$pid")
  for _ in $(seq 600); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then return; fi
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  echo "${SCRIPT:-bench.sh}: $name does not answer on port $port:" >&2
  tail -n 5 "$WORK/$name.log" >&2
  exit 2
}

# Adds a target for the client: LABEL SCHEME PORT; the others are compared with the first one.
target() {
  [ ${#targets[@]} -eq 0 ] || targets+=(--vs)
  targets+=("$1=$2://127.0.0.1:$3" --server-pid "$pid")
}

# start_ours LABEL PORT [OPTIONS...]
start_ours() {
  local label=$1 port=$2
  shift 2
  start "$label" "$port" .build/release/lmcache-server 127.0.0.1 "$port" --memory "$MEMORY_MIB"MiB --loops 1 "$@"
  target "$label" lm "$port"
}

# start_c_loop [OPTIONS...]
start_c_loop() {
  start c_loop 7102 "$WORK/c_loop" 7102 --keys 262144 "$@"
  target "C loop" lm 7102
}

# One I/O thread and nothing on disk; the default of 10 000 clients is just too few for the case with idle ones.
start_redis() {
  start redis-server 7103 redis-server --port 7103 --bind 127.0.0.1 --save '' --appendonly no --io-threads 1 \
    --maxmemory "${MEMORY_MIB}mb" --maxmemory-policy allkeys-lru --maxclients 15000 --dir "$WORK"
  target Redis redis 7103
}

# One worker thread, as the others have one loop; room for values of 128 MiB; no UDP; defaults otherwise.
start_memcached() {
  local port=${1:-7104}
  start memcached "$port" memcached -l 127.0.0.1 -p "$port" -U 0 -u "$(id -un)" -t 1 -I 256m -m "$MEMORY_MIB" -c 15000
  target memcached memcached "$port"
}

# LMCache's own server: a thread a connection, values in a dictionary, all under Python's lock.
start_reference() {
  PYTHONPATH=$REFERENCE/lmcache-$REFERENCE_VERSION:$PWD/Tests/Clients \
    start reference 7105 "$REFERENCE/venv/bin/python" Tests/Clients/reference_server.py 127.0.0.1 7105
  target "LMCache's server" lm 7105
}

# All targets of this run, ours first.
start_all() {
  [ "$SERVER" = no ] || start_ours lmcache-server 7101
  start_c_loop
  start_memcached
  start_redis
}
