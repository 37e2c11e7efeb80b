"""Checks deploy/grafana/alerts.yaml without a network: python3 -m unittest discover -s scripts/grafana"""

import re
import unittest

import cases
import metrics_page
import pages
import promtool
import rules
from panels import PREFIX

SEVERITIES = {"critical", "warning", "info"}
OF_THE_SCRAPE = {"job", "instance", "namespace", "pod"}
FUNCTIONS = {"histogram_quantile", "last_over_time"}
# What others export: Prometheus itself, and the kubelet.
FOREIGN = {"up", "container_memory_working_set_bytes", "container_spec_memory_limit_bytes"}


class RulesTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = rules.rules()
        cls.families = metrics_page.families()
        cls.series = metrics_page.series(cls.families)

    def test_names_are_there_once(self):
        names = [rule["alert"] for rule in self.rules]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(names), 20)
        for name in names:
            self.assertRegex(name, "^LMCacheServer[A-Z]")

    def test_each_says_what_is_wrong_and_where_to_read_on(self):
        anchors = pages.anchors("docs/OPERATING.md")
        for rule in self.rules:
            with self.subTest(rule["alert"]):
                self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"})
                self.assertIn(rule["labels"]["severity"], SEVERITIES)
                page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
                self.assertEqual(page, "docs/OPERATING.md")
                self.assertIn(anchor, anchors)
                self.assertTrue(rule["annotations"]["description"].endswith("."))

    def test_the_runbook_has_each_by_name(self):
        named = set(re.findall(r"LMCacheServer\w+", pages.text("docs/OPERATING.md")))
        self.assertEqual(named, {rule["alert"] for rule in self.rules})

    def test_every_series_and_label_is_one_of_the_page(self):
        for rule in self.rules:
            with self.subTest(rule["alert"]):
                labels, found = set(OF_THE_SCRAPE), list(metrics_page.selectors(rule["expr"]))
                for name, matched in found:
                    self.assertIn(name, self.series)
                    self.assertLessEqual(matched, self.series[name], name)
                    labels |= self.series[name]
                for group in re.findall(r"(?:by|on|without|ignoring) \(([^)]*)\)", rule["expr"]):
                    self.assertLessEqual({label.strip() for label in group.split(",")}, labels)
                used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
                self.assertLessEqual(used, labels)
                bare = re.sub(r"{[^}]*}|\b(by|on|without|ignoring) \([^)]*\)", "", rule["expr"])
                words = set(re.findall(r"\bup\b|\b[a-z]+_[a-z_]+\b", bare)) - FUNCTIONS
                self.assertEqual({word for word in words if not word.startswith(PREFIX)} - FOREIGN, set())

    def test_counters_are_asked_for_as_rates(self):
        for rule in self.rules:
            bare = re.sub(r"(rate|increase|last_over_time)\([^()]*\)", "", rule["expr"])
            for name, _ in metrics_page.selectors(bare):
                self.assertEqual(self.families[name][0], "gauge", rule["alert"])

    def test_each_has_cases_in_which_it_fires_and_in_which_it_does_not(self):
        names = {rule["alert"] for rule in self.rules}
        self.assertEqual({case.alert for case in cases.CASES if case.fires}, names)
        self.assertEqual({case.alert for case in cases.CASES if case.quiet}, names)

    def test_texts_are_filled_in(self):
        rule = {"annotations": {"summary": "{{ $labels.path }}{{ $labels.no }}: {{ $value | humanize }} {{ $value }}"}}
        self.assertEqual(promtool.texts(rule, {"path": "/a"}, "7"), {"summary": "/a: 7 7"})


class ReaderTests(unittest.TestCase):
    HEAD = "groups:\n  - name: lmcache-server\n    rules:\n"

    def test_a_rule_is_read(self):
        text = self.HEAD + (
            "      # A comment.\n      - alert: A\n        expr: |\n          up == 0\n            and up\n"
            "        for: 5m\n        labels:\n          severity: info\n        annotations:\n"
            "          summary: \"a: {{ $value }}\"\n          description: >-\n            one\n            two\n")
        self.assertEqual(rules.parse(text), [{
            "alert": "A", "expr": "up == 0 and up", "for": "5m", "labels": {"severity": "info"},
            "annotations": {"summary": "a: {{ $value }}", "description": "one two"}}])

    def test_what_it_does_not_know_is_refused(self):
        named = self.HEAD + "      - alert: A\n"
        for text in ("rules:\n", self.HEAD + "      - record: a\n", named + "        labels: {a: b}\n",
                     named + "        keep_firing_for: 5m\n", named + "        expr: up\n          == 0\n"):
            with self.assertRaises(rules.NotUnderstood):
                rules.parse(text)


if __name__ == "__main__":
    unittest.main()
