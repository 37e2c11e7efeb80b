"""One store behind all schemes: chunks that go in by one and come out by another, or must not."""

import random

import torch

import client
from check_engines import assert_retrieves, kv_for, pair, prompt, store_here_retrieve_there
from checks import Absent, check
from client import CHUNK_TOKENS
from environment import VERSION

FULL = 4 * CHUNK_TOKENS
SOAK_PROMPTS, SOAK_STEPS = 6, 120
# A chunk stored by resp:// has bytes and no shape, so it is a miss to the other schemes.
SEEN_BY = {"lm": {"lm", "redis", "resp"}, "redis": {"lm", "redis", "resp"}, "resp": {"resp"}}


def needs_ours(servers):
    if not servers.is_ours:
        raise Absent("it takes one server that speaks both lm and RESP")


def schemes_here():
    return ["lm", "redis", "resp"] if VERSION >= (0, 3, 15) else ["lm", "redis"]


@check("one engine by lm://, the other by redis://, both ways; MLA too", timeout_seconds=240)
def lm_and_redis(servers):
    needs_ours(servers)
    for schemes in (("lm", "redis"), ("redis", "lm")):
        what = " to ".join(schemes)
        store_here_retrieve_there(*pair(servers.large, what, schemes=schemes), FULL + 100)
        store_here_retrieve_there(*pair(servers.large, f"{what} mla", schemes=schemes, mla=True), FULL)


@check("one engine by lm:// or redis://, the other reads by resp://", timeout_seconds=240)
def to_native(servers):
    needs_ours(servers)
    if VERSION < (0, 3, 15):
        raise Absent("resp:// came with 0.3.15")
    for scheme in ("lm", "redis"):
        engines = pair(servers.large, f"{scheme} to resp", schemes=(scheme, "resp"))
        store_here_retrieve_there(*engines, FULL)


@check("what resp:// stored is a miss to lm:// and redis://, and what replaces it is seen again", timeout_seconds=240)
def from_native(servers):
    needs_ours(servers)
    if VERSION < (0, 3, 15):
        raise Absent("resp:// came with 0.3.15")
    for scheme in ("lm", "redis"):
        native, other = pair(servers.large, f"resp to {scheme}", schemes=("resp", scheme))
        tokens = prompt(1, FULL)
        first, second, third = (kv_for(native, tokens, seed) for seed in range(3))
        native.store(tokens, first)
        assert_retrieves(native, tokens, first, hits=FULL)
        assert other.lookup(tokens) == 0, f"{scheme} finds a chunk whose shape nobody knows"
        other.store(tokens, second)
        assert_retrieves(other, tokens, second, hits=FULL)
        assert_retrieves(native, tokens, second, hits=FULL)
        native.store(tokens, third)
        assert_retrieves(native, tokens, third, hits=FULL)
        assert other.lookup(tokens) == 0, f"{scheme} finds the chunk that resp:// has replaced"


@check("soak: engines of every scheme at random over the same prompts", timeout_seconds=300)
def soak(servers):
    needs_ours(servers)
    schemes = schemes_here()
    engines = dict(zip(schemes, pair_of_all(servers.large, schemes)))
    order = random.Random(7)
    prompts = [prompt(200 + number, 2 * CHUNK_TOKENS) for number in range(SOAK_PROMPTS)]
    base = kv_for(engines["lm"], prompts[0], 1)
    held = {}
    reads = hidden = 0
    for step in range(SOAK_STEPS):
        number, scheme = order.randrange(SOAK_PROMPTS), order.choice(schemes)
        tokens, engine = prompts[number], engines[scheme]
        if order.random() < 0.4:
            kv = (base.view(torch.int64) ^ step).view(base.dtype)
            engine.store(tokens, kv)
            held[number] = (scheme, kv)
            continue
        writer, kv = held.get(number, (None, None))
        if writer and scheme in SEEN_BY[writer]:
            assert_retrieves(engine, tokens, kv, hits=len(tokens))
            reads += 1
        else:
            assert engine.lookup(tokens) == 0, f"step {step}: {scheme} finds what {writer} stored"
            hidden += 1
    return f"{reads} read, {hidden} rightly missed, with {', '.join(schemes)}"


def pair_of_all(server, schemes):
    made = client.metadata(f"compat/{'.'.join(map(str, VERSION))}/soak", layers=8, hidden=512)
    return [client.Engine(f"soak {scheme}", made, client.remote(scheme, server)) for scheme in schemes]
