"""Checks what documents say of deploy/grafana: python3 -m unittest discover -s scripts/grafana"""

import os
import re
import subprocess
import unittest

import dashboard
import pages
import rules

OPERATING, DEPLOY, METRICS = "docs/OPERATING.md", "deploy/README.md", "docs/METRICS.md"


class DocumentTests(unittest.TestCase):
    def test_the_table_of_rows_is_the_dashboard(self):
        rows = re.findall(r"^\| ([A-Z][^|]*) \|", pages.section(OPERATING, "The dashboard"), re.MULTILINE)
        self.assertEqual(rows, [row.title for row in dashboard.ROWS])

    def test_links_lead_somewhere(self):
        for path, title in ((OPERATING, "The dashboard"), (DEPLOY, "Dashboard and alerts")):
            found = pages.links(path, title)
            self.assertTrue(found)
            for page, anchor in found:
                target = os.path.normpath(os.path.join(os.path.dirname(path), page)) if page else path
                self.assertTrue(os.path.exists(os.path.join(pages.ROOT, target)), target)
                if anchor:
                    self.assertIn(anchor, pages.anchors(target), target)

    def test_places_are_named_as_they_are_linked(self):
        self.assertLessEqual({"tls", "seccomp-and-io_uring", "memory-and-limits"}, pages.anchors(OPERATING))
        self.assertNotIn("no-such-place", pages.anchors(OPERATING))

    def test_the_command_for_the_operator_makes_a_rule_of_the_file(self):
        command = pages.command(DEPLOY, "{ printf").replace("kubectl apply -f -", "cat")
        done = subprocess.run(["bash", "-euc", command], cwd=pages.ROOT, capture_output=True, text=True, check=True)
        head, spec = done.stdout.split("\nspec:\n")
        self.assertEqual(head.split("\n")[:2], ["apiVersion: monitoring.coreos.com/v1", "kind: PrometheusRule"])
        self.assertTrue(all(line.startswith("  ") for line in spec.split("\n") if line))
        self.assertEqual(rules.parse(re.sub("^  ", "", spec, flags=re.MULTILINE)), rules.rules())

    def test_the_command_for_runbooks_reaches_each(self):
        command = re.search("`(sed [^`]+)`", pages.text(DEPLOY)).group(1)
        text = pages.text("deploy/grafana/alerts.yaml")
        done = subprocess.run(["bash", "-euc", command], input=text, capture_output=True, text=True, check=True)
        self.assertEqual(len(rules.parse(done.stdout)), len(rules.rules()))
        for rule in rules.parse(done.stdout):
            self.assertRegex(rule["annotations"]["runbook_url"], "^https://YOUR.WIKI/docs/OPERATING.md#")


if __name__ == "__main__":
    unittest.main()
