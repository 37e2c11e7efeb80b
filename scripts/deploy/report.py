"""One line a check, and the sum of them."""

import traceback


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, work):
        """Runs one check: `work` raises, or returns a remark for its line."""
        try:
            remark = work()
        except AssertionError as failure:
            self.fail(what, failure)
        except Exception as failure:
            if not str(failure):
                traceback.print_exc()
            self.fail(what, failure)
        else:
            self.passed += 1
            print(f"ok    {what}" + (f" ({remark})" if remark else ""), flush=True)

    def refuses(self, what, work):
        """A check that must fail: it tests the check itself."""
        def complain():
            try:
                work()
            except Exception:
                return
            raise AssertionError("nothing was noticed")
        self.check(what, complain)

    def fail(self, what, failure):
        self.failed += 1
        print(f"FAIL  {what}: {type(failure).__name__}: {str(failure)[:600]}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
