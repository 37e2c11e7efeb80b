# Servers with room for a number of blocks of 16 KiB; hits.sh sources it, after servers.sh. Client and servers share a core: with one
# request at a time only one of them works.

PORT=7201
bench=.build/release/lmcache-bench

# target_of SERVER
target_of() {
  case $1 in
    returns | lru) echo "lm://127.0.0.1:$PORT" ;;
    *) echo "$1://127.0.0.1:$PORT" ;;
  esac
}

# start_with_room SERVER MEMORY FACTOR: MEMORY is bytes; of memcached PAGES:ITEMS, pages of 1 MiB with so many items each.
start_with_room() {
  local server=$1 size=$2 fast=(env LD_PRELOAD="$WORK/fast_clock.so" CLOCK_FACTOR="$3")
  if (exec 3<> "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null; then fail "port $PORT is taken; stop what listens there"; fi
  case $server in
    returns | lru)
      start "$server" $PORT "${fast[@]}" .build/release/lmcache-server 127.0.0.1 $PORT --memory "$size" --policy "$server" \
        --loops 1
      ;;
    redis)
      start redis $PORT "${fast[@]}" redis-server --port $PORT --bind 127.0.0.1 --save '' --appendonly no --io-threads 1 \
        --maxmemory "$size" --maxmemory-policy allkeys-lru --dir "$WORK"
      ;;
    memcached)
      # -n gives the first class of items its size, less the 48 bytes of an item's own; sizes are multiples of eight.
      start memcached $PORT "${fast[@]}" memcached -l 127.0.0.1 -p $PORT -U 0 -u "$(id -un)" -t 1 -m "${size%:*}" \
        -n $(((1048576 / ${size#*:}) / 8 * 8 - 48))
      ;;
  esac
}

# client OPTIONS...: a run ends with it. Status 1 is that a server refused something, which the document says.
client() {
  local status=0
  taskset -c "$cores" "$bench" "$@" > "$WORK/client.txt" 2> "$WORK/client.err" &
  started+=("$!")
  wait "$!" || status=$?
  unset 'started[-1]'
  [ $status -le 1 ] || fail "the client failed: $(tail -n 1 "$WORK/client.err")"
}

# ask TEXT: what the server says to it.
ask() {
  exec 3<> "/dev/tcp/127.0.0.1/$PORT"
  printf '%b' "$1" >&3
  timeout 5 cat <&3 | tr -d '\r'
  exec 3>&-
}

# blocks_in SERVER: how many it holds.
blocks_in() {
  case $1 in
    returns | lru) metric lmcache_server_objects ;;
    redis) ask 'DBSIZE\r\nQUIT\r\n' | sed -n '1s/^://p' ;;
    memcached) ask 'stats\r\nquit\r\n' | awk '$2 == "curr_items" { print $3 }' ;;
  esac
}

metric() { ask 'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | awk -v name="$1" '$1 == name { print $2 }'; }
broken_promises() { metric 'lmcache_server_leases_broken_total{cause="evicted"}'; }

# first_guess SERVER ROOM: the memory to try first.
first_guess() {
  case $1 in
    returns | lru) echo $((3000000 + $2 * 16700)) ;;
    redis) echo $((1500000 + $2 * 20600)) ;;
    memcached)
      # The number of items a page with which whole pages come closest.
      awk -v room="$2" 'BEGIN {
        for (items = 63; items >= 48; items--) {
          pages = int(room / items + 0.5); off = pages * items - room; if (off < 0) off = -off
          if (best == "" || off < least) { least = off; best = pages ":" items }
        }
        print best }'
      ;;
  esac
}

# other_memory SERVER MEMORY MISSING: where so many blocks more should fit.
other_memory() {
  case $1 in
    returns | lru) echo $(($2 + $3 * 16600)) ;;
    redis) echo $(($2 + $3 * 20600)) ;;
    memcached) echo "$((${2%:*} + ($3 + ($3 > 0 ? 1 : -1) * ${2#*:} / 2) / ${2#*:})):${2#*:}" ;;
  esac
}

# find_memory SERVER ROOM: fills it with twice as many other blocks and counts what stays, until that is the room. Half a percent off
# is close enough, one percent is if no step comes closer. Leaves it in `memory`.
find_memory() {
  local server=$1 room=$2 size best= least=1000000 held off
  size=$(first_guess "$server" "$room")
  for _ in 1 2 3 4 5 6; do
    start_with_room "$server" "$size" 1
    client session --users $((room / 20)) --turns 1 --system-tokens 0 --turn-tokens 10240 --size 16KiB \
      --rounds 1 --warmup 0 --salt 3 "$(target_of "$server")"
    held=$(blocks_in "$server")
    stop_servers
    [ -n "$held" ] || fail "$server does not say how many blocks it holds; try again"
    off=$((held > room ? held - room : room - held))
    if [ $off -lt $least ]; then least=$off best=$size; fi
    [ $((least * 200)) -gt "$room" ] || break
    size=$(other_memory "$server" "$size" $((room - held)))
  done
  [ $((least * 100)) -le "$room" ] || fail "$server does not get room for $room blocks, but for $least more or less; take another room"
  memory[$server-$room]=$best
}
