"""Tests of the report of disk.py: python3 -m unittest discover -s scripts/bench"""
import copy
import unittest

import disk_report
from verdicts import MET, MISSED, UNDECIDED


def start(listening, loaded):
    return [{"listening": listening, "loaded": loaded}] * 3


def talk(found):
    return [{"found": found, "lost": 0, "puts": 100, "loading": 30.0}] * 3


def late(p99):
    return [{"p50": 20, "p99": p99, "max": 9000}] * 3


WHOLE = {
    "device": "/dev/vda", "filesystem": "ext4", "scheduler": "none", "quick": "no", "rounds": 3, "bytes": 3 << 30,
    "memory": 1 << 30, "faults": [],
    "cold": [{"size": "4MiB", "fio": [1, 2, 1], "uring": [0.95, 1.9, 0.95], "epoll": [0.7, 1.4, 0.7]}],
    "write": [{"size": "4MiB", "first": {"ours": [1, 1, 1], "fio": [1, 1, 1]}, "steady": {"ours": [1, 2, 3], "fio": [2, 2, 2]}}],
    "hits": {"alone": [0.1, 0.1, 0.1], "beside": [0.11, 0.11, 0.11], "read": [1, 1, 1], "written": [1, 1, 1]},
    "exist": {"alone": late(60), "beside": late(900), "read": [1, 1, 1], "written": [1, 1, 1]},
    "single": {"asked": [0.01] * 3, "hit": [0.0095] * 3, "unasked": [0.03] * 3},
    "restart": {"records": 100000, "files": 9, "rows": {
        "indexes": start(0.01, 0.2), "kill -9": start(0.01, 0.3), "no indexes": start(0.3, 6.0)}},
    "session": {"memory": 1 << 30, "rate": 2, "rows": {
        "paced": {"all in memory": talk(0.8), "without a disk": talk(0.5), "with a disk": talk(0.79)},
        "as fast as possible": {"all in memory": talk(0.8), "without a disk": talk(0.4), "with a disk": talk(0.4)}}},
}


class DiskTests(unittest.TestCase):
    def judgements(self, figures):
        return {what: verdict for what, _, verdict in disk_report.verdicts(figures)}

    def test_every_target_is_judged(self):
        found = self.judgements(WHOLE)
        self.assertEqual(found["Cold GET of 4MiB, 4 connections, uring: at least 0.9 of fio's read"], MET)
        self.assertEqual(found["Cold GET of 4MiB, 4 connections, epoll: at least 0.8 of fio's read"], MISSED)
        self.assertEqual(found["Write-back of 4MiB, first pass: at least 0.9 of fio's write"], MET)
        self.assertEqual(found["Write-back of 4MiB, segments used again: at least 0.9 of fio's write"], UNDECIDED)
        self.assertEqual(found["EXIST beside cold GETs and writes: p99 below 2 ms"], MET)
        self.assertEqual(found["EXIST, 50 ms later GET of 32 MiB: at least 0.9 of a memory hit"], MET)
        chunks = "Restart with 100 000 chunks of 16 KiB"
        self.assertEqual(found[f"{chunks}, after SIGTERM: knows them within 1 s"], MET)
        self.assertEqual(found[f"{chunks}, without index blocks: listens within 200 ms"], MISSED)
        self.assertEqual(found[f"{chunks}, without index blocks: knows them within 5 s"], MISSED)
        session = "Session that needs three times the memory, at 2 prompts a second"
        self.assertEqual(found[f"{session}: at least 0.95 of the usable prefix"], MET)
        self.assertEqual(len(found), 13)

    def test_hits_that_cost_more_are_seen(self):
        figures = copy.deepcopy(WHOLE)
        figures["hits"]["beside"] = [0.13, 0.13, 0.13]
        found = self.judgements(figures)
        self.assertEqual(found["Memory hits beside reads and writes: at most 1.25 of their processor time alone"], MISSED)

    def test_a_later_fetch_is_the_slower_one(self):
        figures = copy.deepcopy(WHOLE)
        figures["single"]["asked"] = [0.02, 0.02, 0.02]
        self.assertEqual(self.judgements(figures)["EXIST, 50 ms later GET of 32 MiB: at least 0.9 of a memory hit"], MISSED)

    def test_a_part_alone_makes_a_page(self):
        parts = ("cold", "write", "hits", "exist", "single", "restart", "session")
        for part in parts:
            figures = {name: value for name, value in WHOLE.items() if name == part or name not in parts}
            self.assertTrue(any(line.startswith("| ") for line in disk_report.lines(figures)), part)

    def test_rounds_without_a_figure_do_not_count(self):
        figures = copy.deepcopy(WHOLE)
        what = "Write-back of 4MiB, first pass: at least 0.9 of fio's write"
        figures["write"][0]["first"]["ours"] = [None, 1, 1]
        self.assertEqual(self.judgements(figures)[what], MET)
        figures["write"][0]["first"]["ours"] = [None] * 3
        self.assertEqual(self.judgements(figures)[what], UNDECIDED)
        self.assertTrue(any("3 rounds of writing were left out" in line for line in disk_report.lines(figures)))

    def test_faults_are_told(self):
        lines = disk_report.lines(WHOLE | {"faults": ["cold GET: missed 3, failed 0"]})
        self.assertIn("- cold GET: missed 3, failed 0", lines)


if __name__ == "__main__":
    unittest.main()
