"""Whole engines: what one LMCacheEngine stores, another looks up and retrieves over its own connection."""

import time
import urllib.request

import torch

import client
from checks import check
from client import CHUNK_TOKENS, Engine
from environment import VERSION

NAME = ".".join(map(str, VERSION))
LAYERS, HIDDEN = 8, 512
LAYERWISE = dict(
    since=(0, 4, 4), absent_before="clients before 0.4.4 refuse three-dimensional shapes over lm:// themselves"
)

# For pressure: 4 MiB a chunk, 16 MiB a prompt, twice what the small server may hold.
PRESSURE_LAYERS, PRESSURE_HIDDEN, PRESSURE_CHUNKS, PRESSURE_PROMPTS = 8, 512, 4, 64
LEASES_END_SECONDS, LEASED_METRIC = 60, "lmcache_server_leased_bytes"
PROMISE_PROMPTS = 48  # half as much again as the small server may hold
PROMISE_SECONDS = 15  # the server's lease is 30 s by default, and a retrieve takes time too


def prompt(seed, tokens):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 128_000, (tokens,), generator=generator).tolist()


def kv_for(engine, tokens, seed):
    return client.random_tensor(engine.kv_shape(len(tokens)), engine.about.kv_dtype, seed)


def assert_retrieves(engine, tokens, expected, hits):
    """Exactly the first `hits` tokens are found, and these are retrieved."""
    found = engine.lookup(tokens)
    assert found == hits, f"{engine.name} finds {found} of {hits} tokens"
    assert_equal(engine, tokens[:found], expected)


def assert_equal(engine, tokens, expected):
    """All the tokens, which a lookup has found, are retrieved with the bytes that were stored."""
    retrieved, kv = engine.retrieve(tokens)
    assert retrieved == len(tokens), f"{engine.name} looked up {len(tokens)} tokens and retrieved {retrieved}"
    stored = expected[:, :, :retrieved]
    assert client.same_bytes(kv, stored), f"{engine.name} retrieved other bytes than were stored"


def store_here_retrieve_there(writer, reader, whole_tokens):
    tokens = prompt(1, whole_tokens)
    kv = kv_for(writer, tokens, 1)
    assert reader.lookup(tokens) == 0, "hits before anything was stored"
    writer.store(tokens, kv)
    assert_retrieves(reader, tokens, kv, hits=whole_tokens)
    assert_retrieves(writer, tokens, kv, hits=whole_tokens)

    longer = tokens[: 2 * CHUNK_TOKENS] + prompt(2, CHUNK_TOKENS)
    assert_retrieves(reader, longer, kv, hits=2 * CHUNK_TOKENS)
    assert reader.lookup(prompt(3, CHUNK_TOKENS)) == 0, "hits for a prompt that nobody stored"

    replaced = kv_for(writer, tokens, 4)
    if not writer.layerwise:  # a layerwise engine stores no chunk that is there already
        writer.store(tokens, replaced)
        assert_retrieves(reader, tokens, replaced, hits=whole_tokens)


def pair(server, what, layers=LAYERS, hidden=HIDDEN, layerwise=False, schemes=("lm", "lm"), **about):
    """An engine that writes and one that reads, each by its own scheme."""
    made = client.metadata(f"compat/{NAME}/{what}", layers, hidden, **about)
    roles = zip(("writer", "reader"), schemes)
    return [Engine(f"{what} {role}", made, client.remote(scheme, server), layerwise) for role, scheme in roles]


@check("two engines: store, look up, retrieve, overwrite")
def plain(servers):
    store_here_retrieve_there(*pair(servers.large, "plain"), 4 * CHUNK_TOKENS + 100)


@check("two engines: float16 and fp8 as uint8")
def other_dtypes(servers):
    for name, dtype in {"float16": torch.float16, "fp8": torch.uint8}.items():
        store_here_retrieve_there(*pair(servers.large, name, dtype=dtype), 3 * CHUNK_TOKENS)


@check("two engines: MLA")
def mla(servers):
    store_here_retrieve_there(*pair(servers.large, "mla", mla=True), 4 * CHUNK_TOKENS)


@check("two engines: layerwise", **LAYERWISE)
def layerwise(servers):
    store_here_retrieve_there(*pair(servers.large, "layerwise", layerwise=True), 4 * CHUNK_TOKENS)


@check("two engines: layerwise MLA", **LAYERWISE)
def layerwise_mla(servers):
    store_here_retrieve_there(*pair(servers.large, "layerwise mla", layerwise=True, mla=True), 4 * CHUNK_TOKENS)


def two_ranks_of(server, what, role, **about):
    for rank in (0, 1):
        made = client.metadata(f"compat/{NAME}/{what}", LAYERS, HIDDEN, world_size=2, rank=rank, **about)
        yield Engine(f"{what} {role} {rank}", made, client.remote("lm", server))


@check("two engines of two ranks each: every rank gets back what its own rank stored", timeout_seconds=240)
def two_ranks(servers):
    tokens = prompt(5, 3 * CHUNK_TOKENS)
    writers, readers = (list(two_ranks_of(servers.large, "ranks", role)) for role in ("writer", "reader"))
    stored = [kv_for(writer, tokens, 10 + rank) for rank, writer in enumerate(writers)]
    writers[0].store(tokens, stored[0])
    assert readers[1].lookup(tokens) == 0, "rank 1 finds what only rank 0 stored"
    writers[1].store(tokens, stored[1])
    for reader, kv in zip(readers, stored):
        assert_retrieves(reader, tokens, kv, hits=len(tokens))


@check("two MLA engines of two ranks each: all read what rank 0 stored", timeout_seconds=240)
def two_mla_ranks(servers):
    tokens = prompt(6, 3 * CHUNK_TOKENS)
    writers, readers = (list(two_ranks_of(servers.large, "mla ranks", role, mla=True)) for role in ("writer", "reader"))
    kv = kv_for(writers[0], tokens, 20)
    for writer in writers:
        writer.store(tokens, kv)
    for reader in readers:
        assert_retrieves(reader, tokens, kv, hits=len(tokens))


def pressure_pair(servers, what, **more):
    return pair(servers.small, what, PRESSURE_LAYERS, PRESSURE_HIDDEN, **more)


def pressure_prompt(number):
    return prompt(1000 + number, PRESSURE_CHUNKS * CHUNK_TOKENS)


def pressure_kv(base, number):
    """Differs from every other prompt's in every word, and costs less than new random bytes."""
    return (base.view(torch.int64) ^ number).view(base.dtype)


# Runs before the other checks under pressure: their leases would leave it less room.
@check("two engines: what a lookup found outlives more new chunks than the server can hold", timeout_seconds=240)
def promise(servers):
    writer, reader = pressure_pair(servers, "promise")
    tokens = pressure_prompt(0)
    kv = kv_for(writer, tokens, 1)
    writer.store(tokens, kv)
    assert reader.lookup(tokens) == len(tokens), "a prompt just stored is not found whole"
    begin = time.monotonic()
    stored = 0
    while stored < PROMISE_PROMPTS and time.monotonic() < begin + PROMISE_SECONDS:
        stored += 1
        writer.store(pressure_prompt(stored), kv)
    seconds = time.monotonic() - begin
    assert_equal(reader, tokens, kv)
    return f"{stored * kv.nbytes >> 20} MiB and {seconds:.0f} s later"


def wait_until_nothing_is_promised(address):
    """Waits for the leases of an earlier check's lookups, which leave this one less room or none."""
    deadline = time.monotonic() + LEASES_END_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as page:
                leased = [line for line in page.read().decode().splitlines() if line.startswith(LEASED_METRIC)]
        except OSError:
            return  # A server without metrics promises nothing.
        if not leased or leased[0].split()[1] == "0":
            return
        time.sleep(1)


def evict_and_count(servers, writer, reader):
    """Between each lookup and its retrieve another prompt is stored, as on any busy server."""
    wait_until_nothing_is_promised(servers.small)
    order = torch.Generator().manual_seed(7)
    tokens_of = [pressure_prompt(number) for number in range(PRESSURE_PROMPTS)]
    base = kv_for(writer, tokens_of[0], 1)
    whole = in_part = missed = 0
    for number, tokens in enumerate(tokens_of):
        chosen = torch.randint(0, number, (2,), generator=order).tolist() if number else []
        found = {again: reader.lookup(tokens_of[again]) for again in chosen}
        writer.store(tokens, pressure_kv(base, number))
        for again, hits in found.items():
            if hits:
                assert_equal(reader, tokens_of[again][:hits], pressure_kv(base, again))
            whole += hits == len(tokens)
            in_part += 0 < hits < len(tokens)
            missed += hits == 0
    assert whole + in_part, f"none of {missed} lookups found anything: nothing was kept"
    if servers.small_is_bounded:
        assert in_part + missed, f"all {whole} lookups hit: the server kept more than it may"
    return f"lookups: {whole} whole, {in_part} in part, {missed} missed; every hit was retrieved and equal"


@check("two engines under eviction: whatever a lookup finds is retrieved whole and equal", timeout_seconds=600)
def pressure(servers):
    return evict_and_count(servers, *pressure_pair(servers, "pressure"))


@check("two layerwise engines under eviction: the same, layer by layer", timeout_seconds=600, **LAYERWISE)
def layerwise_pressure(servers):
    return evict_and_count(servers, *pressure_pair(servers, "layerwise pressure", layerwise=True))
