"""Tests of the report of hits.sh: python3 -m unittest discover -s scripts/bench"""
import json
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as xml

import curves
import hits_load
import hits_report


class CurveTests(unittest.TestCase):
    def test_a_line_a_server(self):
        svg = curves.curves("a & b", "", "", [("one", [(1000, 0.1), (3000, 0.3)]), ("two", [(1000, 0.1), (3000, 0.3)])])
        tree = xml.fromstring(svg.encode())
        names = [element.tag.split("}")[1] for element in tree.iter()]
        self.assertEqual(names.count("polyline"), 2)
        labels = {element.text: float(element.get("y")) for element in tree.iter() if element.text in ("one", "two")}
        self.assertGreaterEqual(abs(labels["one"] - labels["two"]), curves.LABEL_APART)

    def test_one_room_and_nothing_found(self):
        xml.fromstring(curves.curves("", "", "", [("one", [(1000, 0)])]).encode())

    def test_ticks_are_few(self):
        for most in (0.004, 0.07, 0.33, 0.5, 0.95, 1):
            self.assertTrue(3 <= most / curves.step(most) <= 6.0001, most)

    def test_labels_keep_their_order(self):
        self.assertEqual(curves.apart([50, 52, 20], 10), [42, 52, 20])


class LoadTests(unittest.TestCase):
    def test_the_clock_takes_as_long_as_the_record(self):
        requests = [{"timestamp": 0, "hash_ids": [0] * 50}, {"timestamp": 4000, "hash_ids": [0] * 50}]
        self.assertEqual(hits_load.clock_factor(requests), round(4 / (100 * hits_load.SECONDS_A_BLOCK)))
        self.assertEqual(hits_load.clock_factor(requests[:1]), 1)


class ReportTests(unittest.TestCase):
    def measured(self, work, found):
        """Two servers of one room, and what they found."""
        rows = []
        for server, share in found.items():
            broken = "0" if server in ("returns", "lru") else "-"
            rows.append(f"chat\t1000\t{server}\tfast\t300\t995\t{broken}")
            session = {"usable_prefix_hit_ratio": share, "lost_after_exist": 2, "exists": 9}
            result = {"session": session, "errors": 1}
            (work / f"chat-1000-{server}-fast.json").write_text(json.dumps({"cases": [{"results": [result]}]}))
        (work / "runs.tsv").write_text("\n".join(rows) + "\n")
        (work / "loads.tsv").write_text("chat\tmade-up\t10\t9000\t300\t8000\n")
        (work / "orders.tsv").write_text("chat\t\t1000\tlru\t.0400\t0\nchat\t\t1000\treturns\t.0700\t0\n")
        (work / "facts.txt").write_text("quick=yes\nseconds=60\nprompts=10\n")
        return hits_report.Measured(work)

    def test_the_most_is_bold(self):
        with tempfile.TemporaryDirectory() as folder:
            measured = self.measured(pathlib.Path(folder), {"returns": 0.07, "lru": 0.04, "redis": 0.0312, "memcached": 0.07})
            table = hits_report.found_table(measured.of("chat"))
            self.assertEqual(table[2], "| 1,000 | **7.00** | 4.00 | 3.12 | **7.00** |")
            self.assertEqual([round(off, 3) for off in measured.room_spread()], [-0.5, -0.5])
            self.assertEqual(hits_report.orders_table(measured, measured.loads[0])[2], "| one prompt after the other | 4.00, **7.00** |")
            self.assertIn("| chat | Redis, allkeys-lru | 2 | - | 1 |", hits_report.loss_table(measured))
            output = pathlib.Path(folder) / "out" / "HITS.md"
            output.parent.mkdir()
            self.assertIn("A quick run", hits_report.report(measured, output))
            self.assertTrue((output.parent / "performance" / "hits-chat.svg").exists())


if __name__ == "__main__":
    unittest.main()
