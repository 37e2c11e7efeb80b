"""Clients that keep their chunks by RESP: redis://, resp:// and valkey://, each with the client's own connector."""

import torch

import client
from check_engines import (
    HIDDEN,
    LAYERS,
    LAYERWISE,
    NAME,
    assert_retrieves,
    kv_for,
    pair,
    prompt,
    store_here_retrieve_there,
)
from check_remote_backend import KV, MODEL, assert_held, keeps_every_object
from checks import Absent, check
from client import CHUNK_TOKENS

NATIVE = dict(since=(0, 3, 15), absent_before="resp:// came with 0.3.15")
VALKEY = dict(since=(0, 3, 9), absent_before="valkey:// came with 0.3.9")
FULL = 4 * CHUNK_TOKENS  # resp:// and today's valkey:// keep whole chunks alone


@check("redis://: shapes, dtypes and sizes up to 32 MiB come back byte for byte", timeout_seconds=240)
def redis_objects(servers):
    return keeps_every_object(client.Remote(servers.resp, MODEL, "redis"), f"{MODEL}/redis objects")


@check("redis://: a miss, and a second PUT that replaces bytes, shape and dtype")
def redis_overwrite(servers):
    remote, reader = (client.Remote(servers.resp, MODEL, "redis") for _ in range(2))
    key = client.key(f"{MODEL}/redis overwrite", 1)
    assert not reader.contains(key) and reader.get(key) is None, "a chunk that nobody stored"
    for seed, shape in enumerate([(2, 4, 256, 128), (2, 4, 256, 128), (2, 32, 256, 1024), (2, 4, 17, 128)]):
        tensor = client.random_tensor(shape, torch.bfloat16, seed)
        remote.put(key, tensor, KV)
        assert_held(remote, key, tensor, KV, f"version {seed}")
        assert_held(reader, key, tensor, KV, f"version {seed}, over another connection")


@check("redis://: two engines store, look up, retrieve, overwrite; MLA too", timeout_seconds=180)
def redis_engines(servers):
    schemes = ("redis", "redis")
    store_here_retrieve_there(*pair(servers.resp, "redis", schemes=schemes), FULL + 100)
    store_here_retrieve_there(*pair(servers.resp, "redis mla", schemes=schemes, mla=True), FULL)


@check("redis://: two layerwise engines", **LAYERWISE)
def redis_layerwise(servers):
    engines = pair(servers.resp, "redis layerwise", schemes=("redis", "redis"), layerwise=True)
    store_here_retrieve_there(*engines, FULL)


@check("resp://, the native client: two engines store, look up, retrieve, overwrite", timeout_seconds=180, **NATIVE)
def native_engines(servers):
    store_here_retrieve_there(*pair(servers.resp, "resp", schemes=("resp", "resp")), FULL)


@check("resp://: 32 prompts, 512 MiB in chunks of 4 MiB", timeout_seconds=240, **NATIVE)
def native_load(servers):
    writer, reader = pair(servers.resp, "resp load", hidden=512, schemes=("resp", "resp"))
    prompts = [prompt(100 + number, FULL) for number in range(32)]
    base = kv_for(writer, prompts[0], 1)
    stored = [(base.view(torch.int64) ^ number).view(base.dtype) for number in range(len(prompts))]
    for tokens, kv in zip(prompts, stored):
        writer.store(tokens, kv)
    for tokens, kv in zip(prompts, stored):
        assert_retrieves(reader, tokens, kv, hits=FULL)


@check("valkey://: two engines store, look up, retrieve, overwrite", timeout_seconds=180, **VALKEY)
def valkey_engines(servers):
    store_here_retrieve_there(*pair(servers.resp, "valkey", schemes=("valkey", "valkey")), FULL)


@check("rediss://: shapes, dtypes and sizes up to 32 MiB come back byte for byte, by TLS", timeout_seconds=240)
def rediss_objects(servers):
    return keeps_every_object(client.Remote(secure(servers), MODEL, "rediss"), f"{MODEL}/rediss objects")


@check("rediss://: two engines store, look up, retrieve, overwrite, by TLS", timeout_seconds=180)
def rediss_engines(servers):
    engines = pair(secure(servers), "rediss", schemes=("rediss", "rediss"))
    store_here_retrieve_there(*engines, FULL + 100)


def secure(servers):
    if not servers.tls:
        raise Absent("the server under test has no door of TLS")
    return servers.tls


@check("redis://: two ranks, each gets back what its own rank stored", timeout_seconds=180)
def redis_ranks(servers):
    tokens = prompt(5, 2 * CHUNK_TOKENS)
    for rank in (0, 1):
        made = client.metadata(f"compat/{NAME}/redis ranks", LAYERS, HIDDEN, world_size=2, rank=rank)
        engines = [client.Engine(f"{role} {rank}", made, client.remote("redis", servers.resp)) for role in ("w", "r")]
        kv = kv_for(engines[0], tokens, 10 + rank)
        assert engines[1].lookup(tokens) == 0, f"rank {rank} finds what another rank stored"
        engines[0].store(tokens, kv)
        assert_retrieves(engines[1], tokens, kv, hits=len(tokens))
