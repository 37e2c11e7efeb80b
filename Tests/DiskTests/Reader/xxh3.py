"""XXH3 with 64 bits and a seed, by its specification: slow, and in need of nothing."""

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
P32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
P64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
MIX1, MIX2 = 0x165667919E3779F9, 0x9FB21C651E98DF25
M32, M64 = 2**32 - 1, 2**64 - 1
STRIPE, LANES = 64, 8


def u32(data, at):
    return int.from_bytes(data[at : at + 4], "little")


def u64(data, at):
    return int.from_bytes(data[at : at + 8], "little")


def swap64(number):
    return int.from_bytes(number.to_bytes(8, "little"), "big")


def rotate(number, bits):
    return (number << bits | number >> (64 - bits)) & M64


def fold(left, right):
    product = left * right
    return (product & M64) ^ (product >> 64)


def avalanche(h):
    h ^= h >> 37
    h = h * MIX1 & M64
    return h ^ h >> 32


def avalanche64(h):
    h ^= h >> 33
    h = h * P64[1] & M64
    h ^= h >> 29
    h = h * P64[2] & M64
    return h ^ h >> 32


def upto16(data, seed):
    count = len(data)
    if count > 8:
        low = u64(data, 0) ^ ((u64(SECRET, 24) ^ u64(SECRET, 32)) + seed & M64)
        high = u64(data, count - 8) ^ ((u64(SECRET, 40) ^ u64(SECRET, 48)) - seed & M64)
        return avalanche(count + swap64(low) + high + fold(low, high) & M64)
    if count >= 4:
        seed ^= int.from_bytes((seed & M32).to_bytes(4, "little"), "big") << 32
        both = u32(data, count - 4) + (u32(data, 0) << 32)
        h = both ^ ((u64(SECRET, 8) ^ u64(SECRET, 16)) - seed & M64)
        h ^= rotate(h, 49) ^ rotate(h, 24)
        h = h * MIX2 & M64
        h ^= (h >> 35) + count & M64
        h = h * MIX2 & M64
        return h ^ h >> 28
    if count > 0:
        word = data[0] << 16 | data[count >> 1] << 24 | data[count - 1] | count << 8
        return avalanche64(word ^ ((u32(SECRET, 0) ^ u32(SECRET, 4)) + seed & M64))
    return avalanche64(seed ^ u64(SECRET, 56) ^ u64(SECRET, 64))


def mix16(data, at, secret_at, seed):
    return fold(
        u64(data, at) ^ (u64(SECRET, secret_at) + seed & M64),
        u64(data, at + 8) ^ (u64(SECRET, secret_at + 8) - seed & M64),
    )


def upto240(data, seed):
    count = len(data)
    h = count * P64[0]
    if count <= 128:
        for step in range((count - 1) // 32, -1, -1):
            h += mix16(data, 16 * step, 32 * step, seed) + mix16(data, count - 16 * (step + 1), 32 * step + 16, seed)
        return avalanche(h & M64)
    for step in range(8):
        h += mix16(data, 16 * step, 16 * step, seed)
    h = avalanche(h & M64)
    for step in range(8, count // 16):
        h += mix16(data, 16 * step, 16 * (step - 8) + 3, seed)
    return avalanche(h + mix16(data, count - 16, 136 - 17, seed) & M64)


def accumulate(lanes, words, secret):
    for lane in range(LANES):
        keyed = words[lane] ^ secret[lane]
        lanes[lane ^ 1] += words[lane]
        lanes[lane] += (keyed & M32) * (keyed >> 32)
    for lane in range(LANES):
        lanes[lane] &= M64


def long(data, seed):
    secret = b"".join(
        (u64(SECRET, at) + (seed if at % 16 == 0 else -seed) & M64).to_bytes(8, "little") for at in range(0, 192, 8)
    )
    keys = [[u64(secret, at + 8 * lane) for lane in range(LANES)] for at in range(0, 129, 8)]
    lanes = [P32[2], P64[0], P64[1], P64[2], P64[3], P32[1], P64[4], P32[0]]

    def words(at):
        return [u64(data, at + 8 * lane) for lane in range(LANES)]

    for number, at in enumerate(range(0, len(data) - 1 - (len(data) - 1) % STRIPE, STRIPE)):
        accumulate(lanes, words(at), keys[number % 16])
        if number % 16 == 15:
            lanes = [((lane ^ lane >> 47 ^ key) * P32[0]) & M64 for lane, key in zip(lanes, keys[16])]
    accumulate(lanes, words(len(data) - STRIPE), [u64(secret, 121 + 8 * lane) for lane in range(LANES)])
    h = len(data) * P64[0]
    for pair in range(4):
        at = 11 + 16 * pair
        h += fold(lanes[2 * pair] ^ u64(secret, at), lanes[2 * pair + 1] ^ u64(secret, at + 8))
    return avalanche(h & M64)


def xxh3(data, seed):
    if len(data) <= 16:
        return upto16(data, seed)
    return upto240(data, seed) if len(data) <= 240 else long(data, seed)
