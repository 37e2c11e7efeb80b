"""Engines up to 0.3.6 among themselves: RedisLookupServer says who has a chunk, NaiveDistributedServer sends it."""

import asyncio
import multiprocessing
import time

import torch

import client
from check_engines import HIDDEN, LAYERS, NAME, assert_equal, kv_for, prompt
from check_remote_backend import KV, assert_held
from checks import Absent, check
from client import CHUNK_TOKENS, Engine
from environment import VERSION
from servers import free_port

LAST = (0, 3, 6)
TOKENS = 3 * CHUNK_TOKENS
REPLY_SECONDS = 30


def needs_registry(servers, also_ours=False):
    if VERSION > LAST:
        raise Absent("clients after 0.3.6 ask no registry")
    if also_ours and not servers.is_ours:
        raise Absent("it is about a peer that is a server of chunks too")


def settings(servers, **more):
    """An engine of its own port that shares what it keeps in its own memory."""
    peers = dict(enable_p2p=True, lookup_url=servers.lookup, distributed_url=f"127.0.0.1:{free_port()}")
    return {**peers, "local_cpu": True, **more}


def about(what):
    return client.metadata(f"compat/{NAME}/{what}", LAYERS, HIDDEN)


@check("RedisLookupServer: insert, look up, remove, one by one and many")
def registry(servers):
    needs_registry(servers)
    from lmcache.v1.lookup_server import RedisLookupServer

    urls = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    common = dict(enable_p2p=True, lookup_url=servers.lookup)
    here, there = (RedisLookupServer(client.config(distributed_url=url, **common)) for url in urls)
    keys = [client.key(f"compat/{NAME}/registry", number) for number in range(-50, 50)]
    address = [(host, int(port)) for host, port in (url.split(":") for url in urls)]
    assert here.lookup(keys[0]) is None, "somebody has a chunk that nobody inserted"
    here.insert(keys[0])
    assert there.lookup(keys[0]) == address[0]
    here.batched_insert(keys)
    there.batched_insert(keys[50:])
    assert [here.lookup(key) for key in keys] == [address[0]] * 50 + [address[1]] * 50, "the last that inserts has it"
    here.remove(keys[0])
    here.batched_remove(keys[1:10])
    assert [there.lookup(key) for key in keys] == [None] * 10 + [address[0]] * 40 + [address[1]] * 50


@check("the registry and the chunks do not touch: one key names both", timeout_seconds=120)
def apart(servers):
    needs_registry(servers, also_ours=True)
    from lmcache.v1.lookup_server import RedisLookupServer

    lookup = RedisLookupServer(client.config(enable_p2p=True, lookup_url=servers.lookup, distributed_url="127.0.0.1:1"))
    tensor = client.random_tensor((2, 4, 256, 128), torch.bfloat16, 1)
    for number, scheme in enumerate(("lm", "redis")):
        remote, key = client.Remote(servers.large, NAME, scheme), client.key(f"compat/{NAME}/apart", number)
        remote.put(key, tensor, KV)
        lookup.insert(key)
        assert_held(remote, key, tensor, KV, f"{scheme}: a chunk that an engine registered")
        lookup.remove(key)
        assert_held(remote, key, tensor, KV, f"{scheme}: a chunk that an engine dropped for itself")


@check("two engines hand chunks to each other, found in the registry", timeout_seconds=120)
def engines(servers):
    needs_registry(servers)
    tokens = prompt(1, TOKENS)
    # Engines of one process share one loop, which blocks while it asks a peer: the holder gets a process of its own.
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.get_context("fork").Process(target=hold, args=(servers, tokens, theirs), daemon=True)
    holder.start()
    assert ours.poll(REPLY_SECONDS), "the holder does not start"
    ours.recv()
    asker = Engine("peers asker", about("peers"), settings(servers))
    assert asker.lookup(tokens) == TOKENS, "the registry does not say who has the chunks"
    assert_equal(asker, tokens, kv_for(asker, tokens, 1))
    holder.kill()


def hold(servers, tokens, pipe):
    engine = Engine("peers holder", about("peers"), settings(servers))
    engine.engine.store(tokens, kvcaches=kv_for(engine, tokens, 1))
    pipe.send("stored")
    pipe.poll(None)


@check("an engine finds the server's own chunks in the registry and fetches them from its peer port")
def our_peer(servers):
    needs_registry(servers, also_ours=True)
    writer = Engine("peer writer", about("our peer"), client.remote("lm", servers.large))
    asker = Engine("peer asker", about("our peer"), settings(servers))
    tokens = prompt(2, TOKENS)
    kv = kv_for(writer, tokens, 2)
    assert asker.lookup(tokens) == 0, "hits before anything was stored"
    writer.store(tokens, kv)
    assert asker.lookup(tokens) == TOKENS, "the registry does not name the server's peer"
    assert_equal(asker, tokens, kv)


@check("an engine moves chunks to the server's peer port, whole pages or not, and lm:// reads them")
def moved_here(servers):
    needs_registry(servers, also_ours=True)
    reader = client.Remote(servers.large, NAME)
    engine = Engine("mover", about("moved"), settings(servers)).engine
    for number, shape in enumerate([(2, 8, 256, 512), (2, 4, 17, 125), (1, 1, 3, 5)]):
        keys = [client.key(f"compat/{NAME}/moved", 10 * number + chunk) for chunk in range(3)]
        tensors = [client.random_tensor(shape, torch.bfloat16, 10 * number + chunk) for chunk in range(3)]
        # A size that does not fill a page: one chunk a connection, because the next would be taken for its rest.
        groups = [range(3)] if tensors[0].nbytes % 4096 == 0 else [[chunk] for chunk in range(3)]
        for group in groups:
            sending = [held(engine, tensors[chunk]) for chunk in group]
            moving = engine.distributed_server.batched_issue_put([keys[c] for c in group], sending, servers.peer)
            moved = asyncio.run_coroutine_threadsafe(moving, engine.distributed_loop).result(REPLY_SECONDS)
            assert moved, f"the peer refused a chunk of shape {shape}"
        for key, tensor in zip(keys, tensors):
            wait_for(reader, key)
            assert_held(reader, key, tensor, KV, f"a chunk of shape {shape}")


def held(engine, tensor):
    memory = engine.storage_manager.allocate(tensor.shape, tensor.dtype, KV)
    memory.tensor.copy_(tensor)
    return memory


def wait_for(reader, key):
    """A move has no end marker; the server sees its end at the end of the connection at the latest."""
    deadline = time.monotonic() + REPLY_SECONDS
    while not reader.contains(key):
        assert time.monotonic() < deadline, "a moved chunk does not appear"
        time.sleep(0.05)
