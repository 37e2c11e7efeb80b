"""Checks what check.py concludes: python3 -m unittest discover -s scripts/grafana"""

import unittest

from verdicts import differing, has_data, seconds, without_data

RULE = {"alert": "A", "expr": "up", "for": "5m", "labels": {"severity": "info"}, "annotations": {"summary": "a"}}
READ = {"name": "A", "duration": 300, "labels": {"severity": "info"}, "annotations": {"summary": "a"}, "health": "ok"}


def answer(*values):
    return [{"metric": {}, "value": [0, value]} for value in values]


class VerdictTests(unittest.TestCase):
    def test_a_series_without_a_number_is_no_data(self):
        self.assertFalse(has_data(answer()))
        self.assertFalse(has_data(answer("NaN", "+Inf")))
        self.assertTrue(has_data(answer("NaN", "0")))

    def test_a_panel_without_data_is_named(self):
        answers = {"a": answer("1"), "b": answer("NaN")}
        self.assertEqual(without_data(answers.get, [("first", "a"), ("second", "b")]), ["second: b"])

    def test_times_are_read(self):
        self.assertEqual([seconds(text) for text in ("0s", "5m", "1h", "2d")], [0, 300, 3600, 172800])

    def test_rules_that_were_read_otherwise_are_named(self):
        self.assertEqual(differing([RULE], [READ]), [])
        self.assertEqual(differing([RULE], []), ["other names, or another order"])
        self.assertEqual(differing([RULE], [READ | {"duration": 60}]), ["A: another time"])
        self.assertEqual(differing([RULE], [READ | {"labels": {}}]), ["A: other labels or annotations"])
        self.assertEqual(differing([RULE], [READ | {"health": "err", "lastError": "why"}]), ["A: why"])


if __name__ == "__main__":
    unittest.main()
