"""Runs the checks of one client in its own process group, and counts the results."""

import contextlib
import os
import signal
import subprocess
import threading

CLIENT_SECONDS = 3600


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def line(self, client, text):
        print(f"[{client}] {text}" if text[:4] in ("PASS", "FAIL", "n/a ") else text, flush=True)
        self.passed += text.startswith("PASS ")
        self.failed += text.startswith("FAIL ")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def run_client(client, command, environment, report):
    """`client` is the name its lines bear."""
    # A group of its own, so that nothing it forked outlives it.
    process = subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    watchdog = threading.Timer(CLIENT_SECONDS, kill_group, [process])
    watchdog.start()
    failed_before = report.failed
    try:
        for text in process.stdout:
            report.line(client, text.rstrip())
        status = process.wait()
    finally:
        watchdog.cancel()
        kill_group(process)
    # A client that cannot be imported reports it by its exit status alone.
    if status != 0 and report.failed == failed_before:
        report.line(client, f"FAIL the checks ran to their end: the client ended with status {status}")


def kill_group(leader):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
