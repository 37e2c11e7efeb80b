"""Runs every check inside the one LMCache that PYTHONPATH names, and prints a line for each.

Importing LMCache takes seconds, so it happens once; each check then runs in a fork of its own and can hang, crash or
leave threads behind without touching the next.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback

import checks
from environment import VERSION

POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 1500


def run_in_fork(check, servers):
    """Returns (passed, note)."""
    with tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as note:
        child = os.fork()
        if child == 0:
            os._exit(run_here(check, servers, log, note))
        status = wait_until(child, time.monotonic() + check.timeout_seconds)
        if status == 0:
            return True, tail(note)
        reason = f"still running after {check.timeout_seconds} s" if status is None else f"ended with status {status}"
        return False, f"{reason}\n{tail(log)}"


def run_here(check, servers, log, note):
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    try:
        note.write((check.run(servers) or "").encode())
        note.flush()
        return 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def wait_until(child, deadline):
    """The child's exit status, or None if it had to be killed."""
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(POLL_SECONDS)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def tail(file):
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - LOG_TAIL_BYTES))
    return file.read().decode(errors="replace").strip()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", required=True, help="host:port of a server with room for everything")
    parser.add_argument("--small", required=True, help="host:port of a server that has to evict")
    parser.add_argument("--unbounded", action="store_true", help="the small server is not small after all")
    parser.add_argument("--only", default="", help="run the checks with this in their name")
    options = parser.parse_args()
    servers = checks.Servers(options.large, options.small, not options.unbounded)

    failed = False
    for check in checks.all_checks():
        if options.only not in check.name:
            continue
        if VERSION < check.since:
            print(f"n/a  {check.name}: {check.absent_before}", flush=True)
            continue
        begin = time.monotonic()
        passed, note = run_in_fork(check, servers)
        failed |= not passed
        seconds = time.monotonic() - begin
        print(f"{'PASS' if passed else 'FAIL'} {check.name} ({seconds:.1f} s){': ' + note if note else ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
