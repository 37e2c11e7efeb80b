"""Tests of the report's verdicts: python3 -m unittest discover -s scripts/bench"""
import json
import pathlib
import tempfile
import unittest

import measured as m
import tables
import verdicts


def result(target, speeds, seconds=None, bytes_each=1 << 30):
    """Operations a second by round; a round is a second long."""
    rounds = [
        {"operations": speed, "seconds": 1.0, "bytes": bytes_each, "server_s": seconds and seconds[index], "misses": 0}
        for index, speed in enumerate(speeds)]
    return {"target": target, "rounds": rounds, "misses": 0}


def case(*results, size=1 << 20, connections=1):
    return {"size_bytes": size, "connections": connections, "depth": 1, "results": list(results)}


class Run(tempfile.TemporaryDirectory):
    """The files of run.sh."""

    def measured(self, faults="", **documents):
        work = pathlib.Path(self.name)
        for name, cases in documents.items():
            (work / f"{name.replace('_', '-')}.json").write_text(json.dumps({"cases": cases}))
        (work / "facts.txt").write_text("repeats=0\nidle=0\nchunks=0\nhost_congestion=bbr\n")
        (work / "faults.txt").write_text(faults)
        return m.Measured(work)


class JudgeTests(unittest.TestCase):
    def test_rounds_that_agree_decide(self):
        self.assertEqual(verdicts.judge(m.Spread([1.00, 1.02, 1.04]), 0.95), verdicts.MET)
        self.assertEqual(verdicts.judge(m.Spread([0.80, 0.82, 0.84]), 0.95), verdicts.MISSED)
        self.assertEqual(verdicts.judge(m.Spread([0.50, 0.52, 0.54]), 0.7, at_least=False), verdicts.MET)
        self.assertEqual(verdicts.judge(m.Spread([0.80, 0.82, 0.84]), 0.7, at_least=False), verdicts.MISSED)

    def test_rounds_further_apart_than_the_margin_do_not(self):
        for values in ([0.6, 0.7, 0.99, 1.2, 1.3], [0.4, 0.6, 0.9, 1.1, 1.2]):
            self.assertEqual(verdicts.judge(m.Spread(values), 0.95), verdicts.UNDECIDED)
            self.assertEqual(verdicts.judge(m.Spread(values), 0.95, at_least=False), verdicts.UNDECIDED)

    def test_one_disturbed_round_of_five_does_not_count(self):
        self.assertEqual(verdicts.judge(m.Spread([0.2, 1.10, 1.11, 1.12, 1.13]), 0.95), verdicts.MET)

    def test_a_number_decides(self):
        self.assertEqual(verdicts.judge(0.65, 0.65, at_least=False), verdicts.MET)
        self.assertEqual(verdicts.judge(1.9, 2), verdicts.MISSED)


class ReportTests(unittest.TestCase):
    def setUp(self):
        self.run_ = Run()
        self.addCleanup(self.run_.cleanup)

    def verdicts_of(self, **documents):
        return {what: judged for what, _, judged in verdicts.all_verdicts(self.run_.measured(**documents))}

    def test_ratios_are_taken_round_by_round(self):
        # Twice as fast in every round, while the machine slows down tenfold.
        found = self.verdicts_of(get=[case(result(m.OURS, [100, 50, 10]), result(m.C_LOOP, [50, 25, 5]))])
        self.assertEqual(found["GET, 1 MiB × 1: at least 0.95 of the C loop"], verdicts.MET)

    def test_the_hosts_own_setting_is_judged_by_itself(self):
        found = self.verdicts_of(
            get=[case(result(m.OURS, [10, 10, 10]), result(m.C_LOOP, [10, 10, 10]))],
            host_get=[case(result(m.OURS, [5, 5, 5]), result(m.C_LOOP, [10, 10, 10]))])
        self.assertEqual(found["GET, 1 MiB × 1: at least 0.95 of the C loop"], verdicts.MET)
        self.assertEqual(found["GET, 1 MiB × 1, the host's bbr: at least 0.95 of the C loop"], verdicts.MISSED)

    def test_churn_is_judged_by_its_processor_time(self):
        ours, redis = result(m.OURS, [1, 1, 1], [0.2, 0.2, 0.2]), result(m.REDIS, [9, 9, 9], [0.5, 0.5, 0.5])
        found = self.verdicts_of(churn_4MiB=[case(ours, redis, size=4 << 20)])
        self.assertEqual(found["Churn, 4 MiB × 1: at most Redis's processor time a GiB"], verdicts.MET)

    def test_a_server_without_a_process_has_no_cost(self):
        found = self.verdicts_of(churn_4MiB=[case(result(m.OURS, [1]), result(m.REDIS, [1]), size=4 << 20)])
        self.assertEqual(found, {})

    def test_the_undecided_are_counted(self):
        run = self.run_.measured(get=[
            case(result(m.OURS, [5, 10, 15]), result(m.C_LOOP, [10, 10, 10])),
            case(result(m.OURS, [20, 20, 20]), result(m.C_LOOP, [10, 10, 10]), connections=4)])
        self.assertIn("**1 of 2 targets met, 1 undecided.**", tables.promised(run))

    def test_faults_are_read(self):
        self.assertEqual(self.run_.measured("get: missed 1\nput: missed 2\n").faults, ["get: missed 1", "put: missed 2"])


if __name__ == "__main__":
    unittest.main()
