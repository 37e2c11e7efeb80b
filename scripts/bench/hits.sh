#!/usr/bin/env bash
# Compares what is found of a load by lmcache-server with either policy, by Redis, by memcached, all with equal room.
#   scripts/bench/hits.sh [--trace FILE]... [--rooms N,N] [--loads NAME,NAME] [--quick] [--output FILE] [--no-build]
# --trace   a recorded load: JSON lines with timestamp (ms), input_length, output_length, hash_ids. May be repeated
# --rooms   how many blocks fit                                             (1000,3000,10000,30000)
# --loads   made-up loads, or none  (chat,agents,documents,code,scan,rounds); rooms up to --made-rooms-max
# --made-rooms-max N                     they take longest                  (10000)
# --prompts N                            of each made-up load, the first N  (6000)
# --quick   two rooms, two loads, 2000 prompts: for a first look
# --output  where the report goes; pictures go into the folder performance/ beside it
#           (docs/HITS.md for the whole with a trace, else .build/bench/HITS.md)
# About 20 minutes with a trace, and 2 GiB. What is found does not depend on how fast the machine is.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
fail() { echo "hits.sh: $*" >&2; exit 2; }

ALL=chat,agents,documents,code,scan,rounds ROOMS=1000,3000,10000,30000
rooms= loads= output= build=yes quick=no prompts=6000 made_rooms_max=10000 traces=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --no-build) build=no ;;
    --trace | --rooms | --loads | --output | --prompts | --made-rooms-max)
      [ -n "${2:-}" ] || fail "$1 needs a value; try --help"
      case $1 in
        --trace) traces+=("$2") ;;
        --rooms) rooms=$2 ;;
        --loads) loads=$2 ;;
        --output) output=$2 ;;
        --prompts) prompts=$2 ;;
        --made-rooms-max) made_rooms_max=$2 ;;
      esac
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) fail "no option '$1'; try --help" ;;
  esac
  shift
done
if [ -z "$output" ]; then
  output=.build/bench/HITS.md
  # A part must not pass for the whole.
  if [ ${#traces[@]} -gt 0 ] && [ $quick = no ] && [ -z "$rooms$loads" ]; then output=docs/HITS.md; fi
fi
if [ $quick = yes ]; then
  rooms=${rooms:-1000,3000} loads=${loads:-chat,documents} prompts=2000
fi
rooms=${rooms:-$ROOMS} loads=${loads:-$ALL}
for number in ${rooms//,/ } "$prompts" "$made_rooms_max"; do
  [[ $number =~ ^[0-9]+$ ]] && [ "$number" -ge 1000 ] && [ "$number" -le 1000000 ] ||
    fail "rooms and prompts are numbers from 1000 to 1000000, not '$number'"
done
[ "$loads" != none ] || loads=
for load in ${loads//,/ }; do
  [[ ,$ALL, = *,$load,* ]] || fail "no load '$load': $ALL or none"
done
for trace in "${traces[@]}"; do
  [ -r "$trace" ] || fail "cannot read the trace '$trace'; give a file of JSON lines"
done
[ -n "$loads" ] || [ ${#traces[@]} -gt 0 ] || fail "no load; give --trace or --loads"

command -v taskset > /dev/null || fail "needs taskset; install util-linux"
scripts/setup.sh redis-server memcached
if [ $build = yes ]; then
  for product in lmcache-server lmcache-bench lmcache-policies; do swift build -c release --product $product >&2; done
fi
for product in lmcache-server lmcache-bench lmcache-policies; do
  [ -x .build/release/$product ] || fail "no .build/release/$product; leave --no-build out"
done

WORK=$(mktemp -d)
source scripts/bench/servers.sh
source scripts/bench/room.sh
SCRIPT=hits.sh
trap 'stop_servers; rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cc -O2 -shared -fPIC -o "$WORK/fast_clock.so" scripts/bench/fast_clock.c
SERVERS=(returns lru redis memcached)
declare -A memory
began=$SECONDS
say() { printf '%3d:%02d  %s\n' $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60)) "$*" >&2; }

# replay LOAD ROOM SERVER CLOCK FACTOR: one connection works through the prompts, each EXIST, GET and PUT by itself.
replay() {
  local load=$1 room=$2 server=$3 clock=$4 factor=$5 name=$1-$2-$3-$4 held broken=-
  start_with_room "$server" "${memory[$server-$room]}" "$factor"
  client session --trace "$WORK/$load.jsonl" --block-tokens 256 --size 16KiB --speed max --rounds 1 --warmup 0 --salt 7 \
    "$(target_of "$server")" --json "$WORK/$name.json"
  held=$(blocks_in "$server")
  [ "$server" != returns ] && [ "$server" != lru ] || broken=$(broken_promises)
  stop_servers
  printf '%s\t' "$load" "$room" "$server" "$clock" "$factor" "$held" >> "$WORK/runs.tsv"
  printf '%s\n' "$broken" >> "$WORK/runs.tsv"
}

# compare LOAD CLOCK ROOM...: all servers, room by room.
compare() {
  local load=$1 clock=$2 factor=1 room server
  shift 2
  [ "$clock" = wall ] || factor=$(awk -F '\t' -v load="$load" '$1 == load { print $5 }' "$WORK/loads.tsv")
  for room in "$@"; do
    say "$load, room for $room blocks$([ "$clock" = fast ] || echo ", clock of the wall")"
    for server in "${SERVERS[@]}"; do
      [ -n "${memory[$server-$room]:-}" ] || find_memory "$server" "$room"
      replay "$load" "$room" "$server" "$clock" "$factor"
    done
  done
}

# add_load NAME KIND WHAT [PROMPTS]: the file of a load as the client reads it, and what is in it.
add_load() {
  .build/release/lmcache-policies --print "$3" > "$WORK/whole.jsonl" || exit 2
  head -n "${4:-1000000000}" "$WORK/whole.jsonl" > "$WORK/$1.jsonl"
  python3 scripts/bench/hits_load.py "$1" "$2" "$WORK/$1.jsonl" >> "$WORK/loads.tsv" || exit 2
}

# in_other_orders NAME: what the store finds without a network when prompts come in other orders, a line each.
in_other_orders() {
  local words
  say "$1, in other orders, without a network"
  for words in "" "--together 4" "--together 16" "--lookups apart" "--clients 4 --ranks 2 --lookups apart"; do
    # shellcheck disable=SC2086
    .build/release/lmcache-policies --room "$rooms" $words "$WORK/$1.jsonl" |
      awk -v load="$1" -v words="$words" -v OFS='\t' '{ print load, words, $(NF-4), $(NF-3), $(NF-2), $NF }' >> "$WORK/orders.tsv"
  done
}

all_rooms=(${rooms//,/ }) made_rooms=()
for room in "${all_rooms[@]}"; do [ "$room" -gt "$made_rooms_max" ] || made_rooms+=("$room"); done
# Where a curve bends: one room is enough to see what the clock does.
wall_room=${all_rooms[$((${#all_rooms[@]} > 1 ? 1 : 0))]}
: > "$WORK/orders.tsv"
for trace in "${traces[@]}"; do
  name=$(basename "$trace")
  name=${name%%.*}
  add_load "$name" recorded "$trace"
  compare "$name" fast "${all_rooms[@]}"
  compare "$name" wall "$wall_room"
  in_other_orders "$name"
done
for load in ${loads//,/ }; do
  add_load "$load" made-up "$load" "$prompts"
  compare "$load" fast "${made_rooms[@]}"
done
printf '%s\n' "quick=$quick" "seconds=$((SECONDS - began))" "prompts=$prompts" > "$WORK/facts.txt"
python3 scripts/bench/hits_report.py "$WORK" "$output"
say "wrote $output"
