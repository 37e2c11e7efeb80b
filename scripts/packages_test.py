"""Installing packages starts no service, and leaves nothing behind that would keep others from starting theirs."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().with_name("packages.sh")
PROGRAMS = {
    "id": "echo 0",
    "dpkg-query": '[ "${*: -1}" = there ] && echo install ok installed',
    # What a package asks before it starts what it brings.
    "apt-get": '{ echo "$*"; "$POLICY_RC_D" prometheus start; echo "answer $?"; } >> "$SAID"; exit ${APT_STATUS:-0}',
}


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, text in PROGRAMS.items():
            self.program(name, text)
        self.policy, self.said = self.folder / "policy-rc.d", self.folder / "said"

    def program(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    def install(self, *packages, **more):
        environment = os.environ | {
            "PATH": f"{self.folder}:{os.environ['PATH']}", "POLICY_RC_D": str(self.policy), "SAID": str(self.said), **more}
        done = subprocess.run([SCRIPT, *packages], env=environment, capture_output=True, text=True, timeout=60)
        return done.returncode, self.said.read_text() if self.said.exists() else ""

    def test_no_service_starts(self):
        status, said = self.install("there", "prometheus")
        self.assertEqual(status, 0)
        self.assertEqual(said, "install -y --no-install-recommends prometheus\nanswer 101\n")
        self.assertFalse(self.policy.exists(), "it is left behind")

    def test_what_is_there_is_not_installed(self):
        self.assertEqual(self.install("there"), (0, ""))

    def test_nothing_stays_when_it_fails(self):
        status, said = self.install("prometheus", APT_STATUS="100")
        self.assertEqual(status, 2)
        self.assertEqual(said.count("answer 101"), 2)
        self.assertFalse(self.policy.exists(), "it is left behind")

    def test_a_policy_of_the_machine_stays_as_it_is(self):
        self.program("policy-rc.d", "exit 104")
        before = self.policy.read_text()
        status, said = self.install("prometheus")
        self.assertEqual(status, 0)
        self.assertIn("answer 104\n", said)
        self.assertEqual(self.policy.read_text(), before)


if __name__ == "__main__":
    unittest.main()
