"""A line for each check."""

import contextlib
import time


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def check(self, what):
        """The block gets a list for additions to the line."""
        notes = []
        try:
            yield notes
        except Exception as failure:
            self.failed += 1
            print(f"FAIL {what}: {str(failure) or repr(failure)}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {what}" + (f" ({'; '.join(notes)})" if notes else ""), flush=True)

    def group(self, title, run, *arguments):
        """A group that breaks off is one failure; the next group still runs."""
        print(f"\n{title}", flush=True)
        try:
            run(self, *arguments)
        except Exception as failure:
            with self.check("the group runs to its end"):
                raise failure

    def close(self):
        print(f"\n{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def require(condition, complaint):
    if not condition:
        raise AssertionError(complaint)


def seconds(elapsed):
    return f"{elapsed:.1f} s"


def mebibytes(count):
    return f"{count / 2**20:.1f} MiB"


class Clock:
    def __init__(self):
        self.began = time.monotonic()

    def elapsed(self):
        return time.monotonic() - self.began
