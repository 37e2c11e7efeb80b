"""Runs each check in a fork, so that it can hang, crash or leave threads behind without touching the next."""

import faulthandler
import os
import signal
import sys
import tempfile
import time
import traceback

from checks import Absent

ABSENT = 77
VERDICTS = {0: "PASS", ABSENT: "n/a "}
POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 1500


def run_checks(checks, only, version, servers):
    """Prints a line a check, and returns the exit status."""
    failed = False
    for check in checks:
        if only not in check.name:
            continue
        if version < check.since:
            print(f"n/a  {check.name}: {check.absent_before}", flush=True)
            continue
        begin = time.monotonic()
        verdict, note = run_in_fork(check, servers)
        failed |= verdict == "FAIL"
        seconds = time.monotonic() - begin
        print(f"{verdict} {check.name} ({seconds:.1f} s){': ' + note if note else ''}", flush=True)
    return 1 if failed else 0


def run_in_fork(check, servers):
    """Returns PASS, FAIL or n/a, and a note."""
    with tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as note:
        child = os.fork()
        if child == 0:
            os._exit(run_here(check, servers, log, note))
        status = wait_until(child, time.monotonic() + check.timeout_seconds)
        if status in VERDICTS:
            return VERDICTS[status], tail(note)
        reason = f"still running after {check.timeout_seconds} s" if status is None else f"ended with status {status}"
        return "FAIL", f"{reason}\n{tail(log)}"


def run_here(check, servers, log, note):
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    # A check that hangs tells where, a moment before it is ended.
    faulthandler.dump_traceback_later(max(1, check.timeout_seconds - 2), file=sys.__stderr__)
    try:
        note.write((check.run(servers) or "").encode())
        note.flush()
        return 0
    except Absent as why:
        note.write(str(why).encode())
        note.flush()
        return ABSENT
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
