"""PUT, EXIST and GET as RemoteBackend sends them: the classes every engine has between itself and the socket."""

import statistics
import time

import torch

import client
from checks import check
from environment import VERSION
from lmcache.v1.memory_management import MemoryFormat

KV, MLA, LAYER = MemoryFormat.KV_2LTD, MemoryFormat.KV_MLA_FMT, MemoryFormat.KV_T2D
MODEL = "compat/" + ".".join(map(str, VERSION))

OBJECTS = [
    ("16 elements", KV, (2, 1, 1, 8), torch.bfloat16),
    ("15 odd bytes", KV, (1, 1, 3, 5), torch.uint8),
    ("float16", KV, (2, 4, 256, 128), torch.float16),
    ("bfloat16", KV, (2, 4, 256, 128), torch.bfloat16),
    ("float32", KV, (2, 4, 256, 128), torch.float32),
    ("float64", KV, (2, 4, 256, 128), torch.float64),
    ("uint8, as fp8 caches of vLLM", KV, (2, 4, 256, 128), torch.uint8),
    ("float8 e4m3fn", KV, (2, 4, 256, 128), torch.float8_e4m3fn),
    ("float8 e5m2", KV, (2, 4, 256, 128), torch.float8_e5m2),
    ("partial chunk of 17 tokens", KV, (2, 32, 17, 1024), torch.bfloat16),
    ("10 MiB, a rank of Llama 3 70B on 8", KV, (2, 80, 256, 128), torch.bfloat16),
    ("17 MiB, DeepSeek V3", MLA, (1, 61, 256, 576), torch.bfloat16),
    ("32 MiB, Llama 3 8B", KV, (2, 32, 256, 1024), torch.bfloat16),
]
if VERSION >= (0, 4, 4):  # older clients refuse to send shapes that do not have four dimensions
    OBJECTS += [
        ("one layer", LAYER, (256, 2, 1024), torch.bfloat16),
        ("one MLA layer", MLA, (256, 576), torch.bfloat16),
    ]


def assert_held(remote, key, tensor, fmt, what):
    assert remote.contains(key), f"{what}: EXIST says no after PUT"
    answer = remote.get(key)
    assert answer is not None, f"{what}: GET misses after EXIST said yes"
    assert answer[1] == fmt, f"{what}: format {fmt} came back as {answer[1]}"
    assert client.same_bytes(answer[0], tensor), f"{what}: other bytes came back"


@check("RemoteBackend: shapes, dtypes and sizes up to 32 MiB come back byte for byte", timeout_seconds=240)
def every_object(servers):
    return keeps_every_object(client.Remote(servers.large, MODEL), f"{MODEL}/objects")


def keeps_every_object(remote, model):
    kept = {}
    for seed, (what, fmt, shape, dtype) in enumerate(OBJECTS):
        key, tensor = client.key(model, seed + 1, dtype), client.random_tensor(shape, dtype, seed)
        remote.put(key, tensor, fmt)
        assert_held(remote, key, tensor, fmt, what)
        kept[key] = (tensor, fmt, what)
    for key, (tensor, fmt, what) in kept.items():
        assert_held(remote, key, tensor, fmt, f"{what}, read again")
    return f"{len(OBJECTS)} objects"


@check("RemoteBackend: hashes of every sign and width are keys of their own")
def every_hash(servers):
    remote = client.Remote(servers.large, MODEL)
    # Python's hash() gives negative ones, SHA-256 gives 256 bits.
    hashes = [0, 1, -1, 0x7FFFFFFFFFFFFFFF, -0x1C2F, -0x7FFFFFFFFFFFFFFF, (1 << 64) - 1, (1 << 256) - 1]
    tensors = [client.random_tensor((2, 1, 4, 8), torch.bfloat16, seed) for seed in range(len(hashes))]
    keys = [client.key(f"{MODEL}/hashes", chunk_hash) for chunk_hash in hashes]
    for key, tensor in zip(keys, tensors):
        remote.put(key, tensor, KV)
    for key, tensor in zip(keys, tensors):
        assert_held(remote, key, tensor, KV, key.to_string())


@check("RemoteBackend: what was never stored is a miss, and the connection goes on")
def miss(servers):
    remote = client.Remote(servers.large, MODEL)
    absent, present = client.key(f"{MODEL}/miss", 1), client.key(f"{MODEL}/miss", 2)
    tensor = client.random_tensor((2, 4, 256, 128), torch.bfloat16, 1)
    for _ in range(3):
        assert not remote.contains(absent), "EXIST says yes to a key that was never stored"
        assert remote.get(absent) is None, "GET answers a key that was never stored"
        remote.put(present, tensor, KV)
        assert_held(remote, present, tensor, KV, "the key beside it")


@check("RemoteBackend: a second PUT replaces bytes, shape and dtype")
def overwrite(servers):
    remote, reader = (client.Remote(servers.large, MODEL) for _ in range(2))
    key = client.key(f"{MODEL}/overwrite", 1)
    versions = [
        ("first", KV, (2, 4, 256, 128), torch.bfloat16),
        ("other bytes", KV, (2, 4, 256, 128), torch.bfloat16),
        ("larger", KV, (2, 32, 256, 1024), torch.bfloat16),
        ("smaller", KV, (2, 4, 17, 128), torch.bfloat16),
        ("other dtype and format", MLA, (1, 4, 256, 576), torch.float16),
    ]
    for seed, (what, fmt, shape, dtype) in enumerate(versions):
        tensor = client.random_tensor(shape, dtype, 100 + seed)
        remote.put(key, tensor, fmt)
        assert_held(remote, key, tensor, fmt, what)
        assert_held(reader, key, tensor, fmt, f"{what}, over another connection")


@check("RemoteBackend: small PUT, then EXIST")
def small_round_trips(servers):
    """Reports the client's delay by Nagle and delayed ACKs: some 40 ms a round unless the server prevents it."""
    remote = client.Remote(servers.large, MODEL)
    tensor = client.random_tensor((2, 1, 16, 64), torch.bfloat16, 1)
    seconds = []
    for number in range(50):
        key = client.key(f"{MODEL}/small", number + 1)
        begin = time.perf_counter()
        remote.put(key, tensor, KV)
        assert remote.contains(key), "EXIST says no after PUT"
        seconds.append(time.perf_counter() - begin)
    return f"median {statistics.median(seconds) * 1000:.2f} ms, worst {max(seconds) * 1000:.2f} ms"
