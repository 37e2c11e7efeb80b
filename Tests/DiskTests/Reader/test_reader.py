"""The document about the format says enough to read what the server writes."""

import json
import os
import unittest

from disk_reader import Damaged, Device, piece_seed
from xxh3 import xxh3

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "Golden")


def made_up(sequence, count):
    return bytes((index * 31 + sequence) & 255 for index in range(count))


class ReaderTests(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(GOLDEN, "contents.json")) as file:
            self.contents = json.load(file)

    def test_records(self):
        device = Device(GOLDEN)
        self.assertEqual((device.count, device.epoch), (6, 2))
        self.assertEqual(list(device.records()), self.contents["records"])

    def test_values(self):
        device = Device(GOLDEN)
        segments = {segment.number: segment for segment in device.segments}
        for record in device.records():
            segment = segments[record["segment"]]
            if record["key"] == "unfinished":
                with self.assertRaises(Damaged):
                    segment.value(record)
            else:
                self.assertEqual(segment.value(record), made_up(record["sequence"], record["valueBytes"]))

    def test_sums(self):
        for expected in self.contents["sums"]:
            value = made_up(expected["sequence"], expected["bytes"])
            found = xxh3(value, piece_seed(expected["sequence"], expected["piece"]))
            self.assertEqual(f"{found:x}", expected["sum"])


if __name__ == "__main__":
    unittest.main()
