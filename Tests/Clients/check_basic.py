"""LMCache's own check of a remote: `python -m lmcache.v1.basic_check --mode test_remote`."""

import os
import re
import subprocess
import sys

from checks import check

TOOL_SECONDS = 150
PHASES = 5  # absent keys, PUT, EXIST, GET answered, GET answered with the right content


@check(
    "basic_check --mode test_remote",
    timeout_seconds=TOOL_SECONDS + 15,
    since=(0, 3, 9),
    absent_before="the tool is not in this wheel; it came with 0.3.9",
)
def basic_check(servers):
    environment = dict(os.environ, LMCACHE_REMOTE_URL=f"lm://{servers.large}", LMCACHE_MAX_LOCAL_CPU_SIZE="1")
    command = [sys.executable, "-m", "lmcache.v1.basic_check", "--mode", "test_remote"]
    tool = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=TOOL_SECONDS)
    # It exits 0 even when it could not connect: its report is what counts.
    report = f"\n{tool.stdout}{tool.stderr}"
    assert tool.returncode == 0, f"exit status {tool.returncode}{report}"
    validations = re.findall(r"Validation[^:]*: (\d+)/(\d+) passed", tool.stdout)
    assert len(validations) == PHASES, f"{len(validations)} of {PHASES} phases reported{report}"
    assert all(passed == tried for passed, tried in validations), f"not everything passed{report}"
