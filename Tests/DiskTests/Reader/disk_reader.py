"""Reads a device by docs/DISK-FORMAT.md alone: it shares no code with the server."""

import os
import struct

from xxh3 import xxh3

BLOCK, PIECE, M64 = 4096, 256 * 1024, 2**64 - 1
GOLDEN_RATIO = 0x9E3779B97F4A7C15


class Damaged(Exception):
    pass


def is_intact(blocks, seed):
    return struct.unpack_from("<Q", blocks)[0] == xxh3(blocks[8:], seed)


def seed(life, segment, place):
    return life * GOLDEN_RATIO & M64 ^ segment << 32 ^ place


def blocks_of(count):
    return (count + BLOCK - 1) // BLOCK


def pieces_of(count):
    return (count + PIECE - 1) // PIECE


class Device:
    def __init__(self, folder):
        self.folder = folder
        headers = []
        data = self.read("device", 0, 2)
        for block in (data[:BLOCK], data[BLOCK:]):
            magic, version, high, low, count, epoch, blocks = struct.unpack_from("<8x4sIQQQQI", block)
            if magic == b"LMCD" and version == 1 and is_intact(block, 0):
                headers.append((count, epoch, blocks, (high, low)))
        if not headers:
            raise Damaged("no header")
        self.count, self.epoch, self.segment_blocks, self.id = max(headers)
        self.segments = sorted(self.find_segments(), key=lambda segment: -segment.life)

    def read(self, name, block, count):
        with open(os.path.join(self.folder, name), "rb") as file:
            file.seek(block * BLOCK)
            return file.read(count * BLOCK)

    def find_segments(self):
        for name in os.listdir(self.folder):
            if name.startswith("segment-"):
                segment = Segment(self, name)
                if segment.counts:
                    yield segment

    def records(self):
        """All of them, the ones first that hide others: each with its state."""
        names = set()
        for segment in self.segments:
            for record in reversed(segment.records()):
                name = (record["key"], record["kind"])
                dead = record["block"] // 2 in segment.graves
                record["state"] = "dead" if dead else "replaced" if name in names else "living"
                names.add(name)
                yield record


class Segment:
    def __init__(self, device, name):
        self.device, self.name, self.number = device, name, int(name[len("segment-") :])
        head = self.read(0, 1)
        magic, version, high, low, number, self.blocks, self.life, epoch = struct.unpack_from("<8x4sIQQIIQQ", head)
        self.counts = (
            magic == b"LMCS" and version == 1 and number == self.number and is_intact(head, number)
            and (high, low) == device.id and epoch == device.epoch and self.read_graves()
        )  # fmt: skip

    def read(self, block, count):
        return self.device.read(self.name, block, count)

    def read_graves(self):
        """False where a later life has begun than the header says."""
        self.graves = set()
        pages = (self.blocks // 2 + 32575) // 32576
        self.first = (2 + 2 * pages) // 2 * 2
        for place in range(2 * pages):
            block = self.read(1 + place, 1)
            magic, page, life = struct.unpack_from("<8x4sIQ", block)
            if magic != b"LMCG" or page != place % pages or not is_intact(block, self.number):
                continue
            if life > self.life:
                return False
            if life == self.life:
                bits = int.from_bytes(block[24:], "little")
                self.graves |= {page * 32576 + bit for bit in range(32576) if bits >> bit & 1}
        return True

    def records(self):
        index = self.read_index()
        return self.scan() if index is None else index

    def read_index(self):
        place = struct.unpack("<Q", self.read(self.blocks - 1, 1)[-8:])[0]
        if not self.first <= place < self.blocks:
            return None
        data = self.read(place, self.blocks - place)
        magic, blocks, count = struct.unpack_from("<8x4sII", data)
        if magic != b"LMCI" or blocks != self.blocks - place or not is_intact(data, seed(self.life, self.number, 2**32 - 1)):
            return None
        records, at = [], 24
        for _ in range(count):
            sequence, block, value_bytes, deadline, kind, tag, key_bytes, annotation_bytes, *meta = struct.unpack_from(
                "<QIIQBBHHxx7i", data, at
            )
            at += 60
            key, annotation = data[at : at + key_bytes], data[at + key_bytes : at + key_bytes + annotation_bytes]
            at += key_bytes + annotation_bytes
            records.append(self.record(block, sequence, kind, tag, deadline, meta, key, annotation, value_bytes))
        return records

    def scan(self):
        records, block = [], self.first
        while block < self.blocks:
            found = self.header(block)
            if found is None or block + found[1] > self.blocks:
                break
            records.append(found[0])
            block += found[1]
        return records

    def header(self, block):
        """The record that begins there, how many blocks it takes, where its value begins, its pieces' checksums."""
        magic, count = struct.unpack_from("<8x4sH", self.read(block, 1))
        if magic != b"LMCR" or block + count > self.blocks:
            return None
        data = self.read(block, count)
        if not is_intact(data, seed(self.life, self.number, block)):
            return None
        kind, tag, sequence, place, value_bytes, deadline, key_bytes, annotation_bytes, *meta = struct.unpack_from(
            "<14xBBQIIQHH7i", data
        )
        if place != block:
            return None
        end = 72 + key_bytes + annotation_bytes
        key, annotation = data[72 : 72 + key_bytes], data[72 + key_bytes : end]
        sums = struct.unpack_from(f"<{pieces_of(value_bytes)}Q", data, end)
        taken = (count + blocks_of(value_bytes) + 1) // 2 * 2
        record = self.record(block, sequence, kind, tag, deadline, meta, key, annotation, value_bytes)
        return record, taken, block + count, sums

    def record(self, block, sequence, kind, tag, deadline, meta, key, annotation, value_bytes):
        return {
            "segment": self.number, "block": block, "sequence": sequence, "kind": kind, "tag": tag,
            "deadline": deadline, "meta": list(meta), "key": key.decode(), "annotation": annotation.decode(),
            "valueBytes": value_bytes,
        }  # fmt: skip

    def value(self, record):
        found = self.header(record["block"])
        if found is None:
            raise Damaged("its header")
        value = self.read(found[2], blocks_of(record["valueBytes"]))[: record["valueBytes"]]
        for number, expected in enumerate(found[3]):
            piece = value[number * PIECE : (number + 1) * PIECE]
            if xxh3(piece, piece_seed(record["sequence"], number)) != expected:
                raise Damaged(f"its piece {number}")
        return value


def piece_seed(sequence, number):
    return sequence * GOLDEN_RATIO & M64 ^ number
