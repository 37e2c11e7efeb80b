"""What KEDA's query answers, asked of Prometheus's own promtool."""

import json
import subprocess
import tempfile

import helmchart
import objects

OURS = f'namespace="{helmchart.NAMESPACE}",service="{helmchart.NAME}-lmcache-server-headless"'
MISSED, LOOKUPS = "lmcache_server_chunk_evict_reuse_gap_seconds_count", "lmcache_server_lookups_total"


def series(missed, lookups, labels=OURS):
    """Of one pod, over half an hour: what each grows by in a minute."""
    return [
        {"series": f'{MISSED}{{{labels},pod="a"}}', "values": f"0+{missed}x30"},
        {"series": f'{LOOKUPS}{{{labels},pod="a",outcome="hit"}}', "values": f"0+{lookups}x30"},
        {"series": f'{LOOKUPS}{{{labels},pod="a",outcome="miss"}}', "values": f"0+{lookups}x30"},
    ]


CASES = [
    ("half of the look-ups", series(60, 60), 0.5),
    ("look-ups, and nothing that had to go", series(0, 60), 0),
    ("nobody asks", series(0, 0), 0),
    ("nothing is scraped", [], 0),
    ("another server's are not counted", series(60, 60, 'namespace="other",service="other"'), 0),
]


def answers():
    """A number in every case: nobody can count replicas by NaN, and no answer at all is an error or 0 by KEDA's settings."""
    values = {"keda": {"enabled": True}, "metrics": {"serviceMonitor": {"enabled": True}}}
    scaled = objects.of_kind(helmchart.ours().items(values), "ScaledObject")
    query = scaled["spec"]["triggers"][0]["metadata"]["query"]
    tests = [
        {"name": name, "interval": "1m", "input_series": given, "promql_expr_test": [
            {"expr": query, "eval_time": "30m", "exp_samples": [{"labels": "{}", "value": expected}]}]}
        for name, given, expected in CASES
    ]  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump({"tests": tests}, file)  # which is YAML as well
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return f"{len(CASES)} cases"
