"""Makes deploy/grafana/dashboard.json of the rows beside this file.

  python3 scripts/grafana/dashboard.py            says whether the file is as it would be made
  python3 scripts/grafana/dashboard.py --write    writes it
"""

import json
import os
import sys

import rows_clients
import rows_keeping
import rows_machinery
import rows_serving
from panels import SOURCE, VARIABLES, laid_out, written_out

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "grafana", "dashboard.json")
# What an operator asks first comes first; rows that many servers lack are closed.
ROWS = [
    *rows_serving.ROWS, rows_keeping.MEMORY, rows_keeping.EVICTION, rows_clients.REFUSALS, rows_clients.CONNECTIONS,
    rows_machinery.LOOPS, rows_keeping.DISK, rows_clients.MODELS, rows_clients.TAGS, rows_clients.CLIENTS,
    rows_keeping.QUOTAS, rows_machinery.TLS, rows_machinery.REGISTRY,
]


def choice(name):
    """A variable: what servers there are, of those that the variables before it leave."""
    earlier = ", ".join(f'{other}=~"${other}"' for other in VARIABLES[: VARIABLES.index(name)])
    query = f"label_values(lmcache_server_info{'{' + earlier + '}' if earlier else ''}, {name})"
    return {
        "name": name, "label": name.capitalize(), "type": "query", "datasource": SOURCE, "definition": query,
        "query": {"query": query, "refId": "StandardVariableQuery"}, "refresh": 2, "sort": 1, "regex": "", "hide": 0,
        # ".*" is also what has no such label: outside Kubernetes there is neither namespace nor pod.
        "multi": True, "includeAll": True, "allValue": ".*", "options": [], "skipUrlSync": False,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def document():
    return {
        "uid": "lmcache-server", "title": "LMCache server", "tags": ["lmcache"], "schemaVersion": 38, "version": 1,
        "description": "lmcache-server: what it keeps, finds, serves and refuses. docs/METRICS.md has each metric.",
        "editable": True, "graphTooltip": 1, "refresh": "30s", "time": {"from": "now-3h", "to": "now"},
        "timezone": "", "fiscalYearStartMonth": 0, "weekStart": "", "links": [], "liveNow": False, "timepicker": {},
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "regex": "",
             "hide": 0, "includeAll": False, "multi": False, "refresh": 1, "options": [], "current": {},
             "skipUrlSync": False},
            *map(choice, VARIABLES),
        ]},
        "annotations": {"list": [{
            "name": "Restarts", "enable": True, "hide": False, "iconColor": "orange", "datasource": SOURCE,
            "expr": written_out("resets(<uptime_seconds>[RATE]) > 0"), "titleFormat": "Restart",
            "textFormat": "{{instance}}: memory was lost", "step": "60s", "useValueForTime": False,
        }]},
        "panels": laid_out(ROWS),
    }


def text():
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def main():
    if sys.argv[1:] == ["--write"]:
        with open(PATH, "w") as file:
            file.write(text())
    elif sys.argv[1:]:
        sys.exit("dashboard.py: the only option is --write")
    elif open(PATH).read() != text():
        sys.exit("dashboard.py: deploy/grafana/dashboard.json is not what the rows make: run it with --write")


if __name__ == "__main__":
    main()
