#!/usr/bin/env bash
# Checks deploy/grafana with what reads it: promtool's check and tests of the rules, and a real Prometheus that scrapes servers
# under load and is asked every query of the dashboard. A query without data fails by the name of its panel.
#   scripts/grafana-test.sh [--server PATH] [--bench PATH]
# Without PATHs a release build is made. Ends with 0 when all is well.
set -euo pipefail
cd "$(dirname "$0")/.."

server= bench=
while [ $# -gt 0 ]; do
  case $1 in
    --server | --bench)
      [ $# -gt 1 ] || { echo "grafana-test.sh: $1 needs a value" >&2; exit 2; }
      declare "${1#--}=$2"
      shift
      ;;
    -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "grafana-test.sh: no option '$1'; try --help" >&2; exit 2 ;;
  esac
  shift
done

scripts/setup.sh prometheus redis-server
export PYTHONDONTWRITEBYTECODE=1
python3 -m unittest discover -q -s scripts/grafana
promtool check rules deploy/grafana/alerts.yaml
python3 scripts/grafana/promtool.py
if [ -z "$server" ] || [ -z "$bench" ]; then
  for product in lmcache-server lmcache-bench; do swift build -c release --product "$product"; done
  : "${server:=.build/release/lmcache-server}" "${bench:=.build/release/lmcache-bench}"
fi
exec python3 scripts/grafana/check.py --server "$server" --bench "$bench"
