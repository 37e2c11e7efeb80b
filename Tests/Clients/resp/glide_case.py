"""What the sync and the async session of valkey-glide have in common."""

import random

MIB = 1 << 20
SIZES = [0, 1, 4096, 65537, MIB, 8 * MIB]
VALUES = {size: random.Random(size).randbytes(size) for size in SIZES}
ABSENT = "glide/absent"
REQUEST_MILLISECONDS = 30_000


def same(answer, expected, what):
    assert answer == expected, f"{what}: {str(answer)[:200]}, not {str(expected)[:200]}"
