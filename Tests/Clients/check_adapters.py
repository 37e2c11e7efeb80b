"""The adapters by which LMCache's multiprocess server keeps chunks elsewhere, `resp` and `valkey`, each by itself.

The multiprocess server itself needs engines that hand it memory of their GPUs. Its adapters do not, and nothing else of
it talks to our server.
"""

import importlib
import select
import time

import torch

import client
from checks import check
from environment import VERSION

RESP = dict(since=(0, 4, 4), absent_before="the resp adapter came with 0.4.4")
VALKEY = dict(since=(0, 5, 3), absent_before="the valkey adapter came with 0.5.3")
CHUNKS, CHUNK_SHAPE = 24, (2, 8, 256, 512)  # 4 MiB each, in bfloat16
ANSWER_SECONDS = 60


class Adapter:
    """An adapter as the multiprocess server drives it: tasks are submitted, and descriptors say when one is done."""

    def __init__(self, kind, **settings):
        from lmcache.v1.distributed.l2_adapters import create_l2_adapter

        module = importlib.import_module(f"lmcache.v1.distributed.l2_adapters.{kind}_l2_adapter")
        made = getattr(module, f"{'RESP' if kind == 'resp' else 'Valkey'}L2AdapterConfig").from_dict(settings)
        self._adapter = create_l2_adapter(made)
        self.delete, self.close = self._adapter.delete, self._adapter.close

    def store(self, keys, objects):
        task = self._adapter.submit_store_task(keys, objects)
        descriptor = self._adapter.get_store_event_fd()
        result = self._result(descriptor, lambda: self._adapter.pop_completed_store_tasks().get(task))
        assert result.is_successful(), "a store failed"

    def lookup(self, keys):
        layouts = [{}] if VERSION >= (0, 5, 6) else []
        task = self._adapter.submit_lookup_and_lock_task(keys, *layouts)
        descriptor = self._adapter.get_lookup_and_lock_event_fd()
        return bits(self._result(descriptor, lambda: self._adapter.query_lookup_and_lock_result(task)), keys)

    def load(self, keys, objects):
        task = self._adapter.submit_load_task(keys, objects)
        found = self._result(self._adapter.get_load_event_fd(), lambda: self._adapter.query_load_result(task))
        self._adapter.submit_unlock(keys)
        return bits(found, keys)

    def _result(self, descriptor, result):
        deadline = time.monotonic() + ANSWER_SECONDS
        while (found := result()) is None:
            assert time.monotonic() < deadline, "the adapter never finished a task"
            select.select([descriptor], [], [], 1)
        return found


def bits(bitmap, keys):
    return [bitmap.test(index) for index in range(len(keys))]


def key(model, number, salt=""):
    from lmcache.v1.distributed.api import ObjectKey

    return ObjectKey(bytes([number]) * 32, model, 0x02000000 | number % 2, cache_salt=salt)


def allocator():
    """Plain memory behind the objects that the multiprocess server would have in its own."""
    if VERSION >= (0, 5):
        from lmcache.v1.memory_allocators.ad_hoc_memory_allocator import AdHocMemoryAllocator
    else:
        from lmcache.v1.memory_management import AdHocMemoryAllocator
    return AdHocMemoryAllocator("cpu")


def chunk(seed=None, shape=CHUNK_SHAPE):
    memory = allocator().allocate(torch.Size(shape), torch.bfloat16)
    memory.tensor.copy_(torch.zeros(shape) if seed is None else client.random_tensor(shape, torch.bfloat16, seed))
    return memory


def keeps_chunks(writer, reader, model):
    keys = [key(model, number, "tenant" if number % 3 == 0 else "") for number in range(CHUNKS)]
    stored = [chunk(number) for number in range(CHUNKS)]
    assert not any(reader.lookup(keys)), "found before anything was stored"
    writer.store(keys, stored)
    # Missing keys stand among stored ones, to show which bit belongs to which key.
    asked = [one for number, stored_key in enumerate(keys) for one in (stored_key, key(model, 100 + number))]
    assert reader.lookup(asked) == [True, False] * CHUNKS, "the lookup finds others than were stored"
    assert_loads(reader, keys, stored)

    writer.store(keys[:4], stored[4:8])
    assert_loads(reader, keys, stored[4:8] + stored[4:])
    writer.delete(keys[::2])
    assert reader.lookup(keys) == [False, True] * (CHUNKS // 2), "the wrong ones were deleted"
    assert_loads(reader, keys[1::2], (stored[4:8] + stored[4:])[1::2])
    for adapter in (writer, reader):
        adapter.close()


def assert_loads(reader, keys, stored):
    loaded = [chunk() for _ in keys]
    assert all(reader.lookup(keys)), "not all that was stored is found"
    assert all(reader.load(keys, loaded)), "a chunk was found and not loaded"
    for number, (one, other) in enumerate(zip(loaded, stored)):
        assert client.same_bytes(one.tensor, other.tensor), f"chunk {number} came back with other bytes"


@check("the resp adapter of the multiprocess server: stores, lookups, loads, deletes", timeout_seconds=180, **RESP)
def resp_adapter(servers):
    host, port = servers.resp.rsplit(":", 1)
    writer, reader = (Adapter("resp", host=host, port=int(port)) for _ in range(2))
    keeps_chunks(writer, reader, "compat/resp-adapter")


@check("the valkey adapter of the multiprocess server, as a cluster too", timeout_seconds=240, **VALKEY)
def valkey_adapter(servers):
    for settings in ({}, {"cluster_mode": True}, {"key_prefix": "tenant", "ttl_seconds": 600}):
        writer, reader = (Adapter("valkey", startup_nodes=servers.resp, **settings) for _ in range(2))
        keeps_chunks(writer, reader, f"compat/valkey-adapter-{len(settings)}")
