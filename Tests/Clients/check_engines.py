"""Whole engines: what one LMCacheEngine stores, another looks up and retrieves over its own connection."""

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

# For pressure: 4 MiB a chunk, 16 MiB a prompt, three times what the small server may hold.
PRESSURE_LAYERS, PRESSURE_HIDDEN, PRESSURE_CHUNKS, PRESSURE_PROMPTS = 8, 512, 4, 96


def prompt(seed, tokens):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 128_000, (tokens,), generator=generator).tolist()


def kv_for(engine, tokens, seed):
    return client.random_tensor(engine.kv_shape(len(tokens)), engine.about.kv_dtype, seed)


def assert_retrieves(engine, tokens, expected, hits=None):
    """Everything a lookup promises is there, and is what was stored."""
    found = engine.lookup(tokens)
    if hits is not None:
        assert found == hits, f"{engine.name} finds {found} of {hits} tokens"
    if found:
        retrieved, kv = engine.retrieve(tokens[:found])
        assert retrieved == found, f"{engine.name} looked up {found} tokens and retrieved {retrieved}"
        assert client.same_bytes(kv, expected[:, :, :found]), f"{engine.name} retrieved other bytes than were stored"
    return found


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


def pair(servers, what, layerwise=False, **about):
    made = client.metadata(f"compat/{NAME}/{what}", LAYERS, HIDDEN, **about)
    return client.engines(*(Engine(f"{what} {role}", servers.large, made, layerwise) for role in ("writer", "reader")))


@check("two engines: store, look up, retrieve, overwrite")
def plain(servers):
    with pair(servers, "plain") as (writer, reader):
        store_here_retrieve_there(writer, reader, 4 * CHUNK_TOKENS + 100)


@check("two engines: float16 and fp8 as uint8")
def other_dtypes(servers):
    for dtype in (torch.float16, torch.uint8):
        with pair(servers, str(dtype).split(".")[1], dtype=dtype) as (writer, reader):
            store_here_retrieve_there(writer, reader, 3 * CHUNK_TOKENS)


@check("two engines: MLA")
def mla(servers):
    with pair(servers, "mla", mla=True) as (writer, reader):
        store_here_retrieve_there(writer, reader, 4 * CHUNK_TOKENS)


@check("two engines: layerwise", **LAYERWISE)
def layerwise(servers):
    with pair(servers, "layerwise", layerwise=True) as (writer, reader):
        store_here_retrieve_there(writer, reader, 4 * CHUNK_TOKENS)


@check("two engines: layerwise MLA", **LAYERWISE)
def layerwise_mla(servers):
    with pair(servers, "layerwise mla", layerwise=True, mla=True) as (writer, reader):
        store_here_retrieve_there(writer, reader, 4 * CHUNK_TOKENS)


def ranks(servers, what, role, **about):
    model = f"compat/{NAME}/{what}"
    for rank in (0, 1):
        made = client.metadata(model, LAYERS, HIDDEN, world_size=2, rank=rank, **about)
        yield Engine(f"{what} {role} {rank}", servers.large, made)


@check("two engines of two ranks each: every rank gets back what its own rank stored", timeout_seconds=90)
def two_ranks(servers):
    tokens = prompt(5, 3 * CHUNK_TOKENS)
    with client.engines(*ranks(servers, "ranks", "writer"), *ranks(servers, "ranks", "reader")) as made:
        writers, readers = made[:2], made[2:]
        stored = [kv_for(writer, tokens, 10 + rank) for rank, writer in enumerate(writers)]
        writers[0].store(tokens, stored[0])
        assert readers[1].lookup(tokens) == 0, "rank 1 finds what only rank 0 stored"
        writers[1].store(tokens, stored[1])
        for reader, kv in zip(readers, stored):
            assert_retrieves(reader, tokens, kv, hits=len(tokens))


@check("two MLA engines of two ranks each: all read what rank 0 stored", timeout_seconds=90)
def two_mla_ranks(servers):
    tokens = prompt(6, 3 * CHUNK_TOKENS)
    writers, readers = (list(ranks(servers, "mla ranks", role, mla=True)) for role in ("writer", "reader"))
    with client.engines(*writers, *readers):
        kv = kv_for(writers[0], tokens, 20)
        for writer in writers:
            writer.store(tokens, kv)
        for reader in readers:
            assert_retrieves(reader, tokens, kv, hits=len(tokens))


@check("two engines under eviction: whatever a lookup finds is retrieved whole and equal", timeout_seconds=300)
def pressure(servers):
    about = client.metadata(f"compat/{NAME}/pressure", PRESSURE_LAYERS, PRESSURE_HIDDEN)
    prompts = [prompt(1000 + number, PRESSURE_CHUNKS * CHUNK_TOKENS) for number in range(PRESSURE_PROMPTS)]
    looked_up = found = whole = 0
    order = torch.Generator().manual_seed(7)
    with client.engines(*(Engine(f"pressure {role}", servers.small, about) for role in ("writer", "reader"))) as (
        writer,
        reader,
    ):
        for number, tokens in enumerate(prompts):
            writer.store(tokens, kv_for(writer, tokens, number))
            for again in torch.randint(0, number + 1, (2,), generator=order).tolist():
                hits = assert_retrieves(reader, prompts[again], kv_for(writer, prompts[again], again))
                looked_up, found, whole = looked_up + 1, found + (hits > 0), whole + (hits == len(tokens))
    assert found > 0, f"none of {looked_up} lookups found anything: nothing was kept"
    missed = looked_up - whole
    if servers.small_is_bounded:
        assert missed > 0, "every lookup hit: the server kept more than it may, or was never under pressure"
    return f"{looked_up} lookups: {whole} whole, {found - whole} in part, {looked_up - found} missed; every hit was equal"
