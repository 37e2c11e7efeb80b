"""The parts of LMCache the checks drive, under names that do not change from version to version."""

import asyncio
import json
import os
import threading
import time

from environment import VERSION

import torch
from lmcache.utils import CacheEngineKey
from lmcache.v1.cache_engine import LMCacheEngineBuilder
from lmcache.v1.config import LMCacheEngineConfig
from lmcache.v1.storage_backend.local_cpu_backend import LocalCPUBackend
from lmcache.v1.storage_backend.remote_backend import RemoteBackend

from cpu_connector import CPUConnector, LayerwiseCPUConnector

CHUNK_TOKENS = 256
HOST_BUFFER_GIB = 1.0
FLUSH_SECONDS = 30


def config(**settings):
    """A configuration as an engine in a cluster gets it: from LMCACHE_* variables."""
    settings = {
        "remote_serde": "naive",
        "chunk_size": CHUNK_TOKENS,
        "local_cpu": False,  # a hit in the engine's own memory would prove nothing about the server
        "max_local_cpu_size": HOST_BUFFER_GIB,
        "save_unfull_chunk": True,
        **settings,
    }
    names = {f"LMCACHE_{name.upper()}": value for name, value in settings.items()}
    text = {name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in names.items()}
    os.environ.update(text)
    try:
        return LMCacheEngineConfig.from_env()
    finally:
        for name in text:
            del os.environ[name]


def remote(scheme, server):
    """The settings of a client that keeps its chunks at `server`, as `scheme` has it."""
    settings = {"remote_url": f"{scheme}://{server}"}
    if scheme == "resp":
        mend_native_lookups()
    if scheme == "resp" or (scheme == "valkey" and VERSION >= (0, 4, 3)):
        # A chunk is one value here, without its shape: all have the same.
        settings |= {"save_unfull_chunk": False, "extra_config": {"save_chunk_meta": False}}
    return settings


def metadata(model, layers, hidden, dtype=torch.bfloat16, *, mla=False, world_size=1, rank=0):
    shape = (layers, 1 if mla else 2, CHUNK_TOKENS, 1, hidden)
    common = dict(model_name=model, world_size=world_size, worker_id=rank, kv_dtype=dtype, kv_shape=shape, use_mla=mla)
    if VERSION < (0, 3, 15):
        from lmcache.config import LMCacheEngineMetadata

        return LMCacheEngineMetadata(fmt="vllm", **common)
    from lmcache.v1.metadata import LMCacheMetadata

    return LMCacheMetadata(local_world_size=world_size, local_worker_id=rank, chunk_size=CHUNK_TOKENS, **common)


def key(model, chunk_hash, dtype=torch.bfloat16, world_size=1):
    common = dict(model_name=model, world_size=world_size, worker_id=0, chunk_hash=chunk_hash)
    if VERSION < (0, 3, 15):
        return CacheEngineKey(fmt="vllm", **common)
    return CacheEngineKey(dtype=dtype, **common)


def random_tensor(shape, dtype, seed):
    """Every bit pattern occurs, NaN included: a server moves bytes, not numbers."""
    generator = torch.Generator().manual_seed(seed)
    elements = torch.Size(shape).numel()
    data = torch.randint(0, 256, (elements * dtype.itemsize,), dtype=torch.uint8, generator=generator)
    return data.view(dtype).reshape(shape)


def same_bytes(a, b):
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return torch.equal(a.contiguous().view(torch.uint8), b.contiguous().view(torch.uint8))


class Remote:
    """A RemoteBackend with its event loop and its host buffer, as an engine would build them."""

    def __init__(self, server, model, scheme="lm"):
        settings = config(**remote(scheme, server))
        about = metadata(model, layers=4, hidden=128)
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        if VERSION < (0, 3, 15):
            from lmcache.v1.memory_management import MixedMemoryAllocator

            allocator = MixedMemoryAllocator(int(HOST_BUFFER_GIB * 1024**3))
            self.host = LocalCPUBackend(settings, allocator, dst_device="cpu")
        else:
            self.host = LocalCPUBackend(settings, about, dst_device="cpu")
        self.backend = RemoteBackend(settings, about, self.loop, self.host, dst_device="cpu")

    def put(self, key, tensor, fmt):
        memory = self.host.allocate(tensor.shape, tensor.dtype, fmt)
        memory.tensor.copy_(tensor)
        self.backend.submit_put_task(key, memory).result(FLUSH_SECONDS)

    def contains(self, key):
        return self.backend.contains(key)

    def get(self, key):
        """The tensor and its format, or None for a miss."""
        memory = self.backend.get_blocking(key)
        if memory is None:
            return None
        answer = memory.tensor.clone(), memory.get_memory_format()
        memory.ref_count_down()
        return answer


def mend_native_lookups():
    """resp:// of 0.3.15 to 0.5.6 loses an answer that comes before it has noted who waits for it.

    Its loop's thread then drops the answer, and the lookup waits for ever, of a real Redis too. Here a lookup is asked
    on that thread, as the client's own asynchronous lookups are; the bytes on the wire are the same.
    """
    import importlib

    path = "resp_client" if VERSION < (0, 4) else "native_clients.resp_client"
    native = importlib.import_module(f"lmcache.v1.storage_backend.{path}").RESPClient

    def lookup(self, keys):
        return asyncio.run_coroutine_threadsafe(self.batch_exists(keys), self.loop).result()

    native.batch_exists_sync = lookup


class Batches:
    """Watches the batches that a RemoteBackend puts; its own `put_tasks` knows of single chunks alone."""

    def __init__(self, backend):
        self._backend, self._begun, self._ended = backend, 0, []
        self._submit, self._end = backend.batched_submit_put_task, backend.batched_put_callback
        backend.batched_submit_put_task, backend.batched_put_callback = self._submitted, self._done

    def _submitted(self, *arguments, **options):
        self._begun += self._backend.connection.support_batched_put()
        return self._submit(*arguments, **options)

    def _done(self, future, keys):
        self._end(future, keys)
        self._ended.append(future)

    def all_stored(self):
        """False while one is under way; raises the error of one that failed."""
        for future in self._ended:
            future.result()
        return len(self._ended) >= self._begun


class Engine:
    """An LMCacheEngine whose device memory is a plain tensor on the CPU. It lives as long as the check's process."""

    def __init__(self, name, about, settings, layerwise=False):
        # save_only_first_rank moves MLA chunks between ranks over the GPU; without it each rank asks the server.
        extra = {"save_only_first_rank": False, **settings.get("extra_config", {})}
        settings = config(**{**settings, "use_layerwise": layerwise, "extra_config": extra})
        connector = (LayerwiseCPUConnector if layerwise else CPUConnector)(about)
        self.about, self.name, self.layerwise = about, name, layerwise
        self.engine = LMCacheEngineBuilder.get_or_create(
            name, settings, about, connector, lambda tensor, rank: None, lambda value, rank: value
        )
        self.engine.post_init(kvcaches=None)
        self._remote = self.engine.storage_manager.storage_backends.get("RemoteBackend")
        self._batches = Batches(self._remote) if self._remote else None

    def kv_shape(self, tokens):
        layers, kv, _, heads, head_size = self.about.kv_shape
        return (kv, layers, tokens, heads * head_size)

    def store(self, tokens, kv):
        if self.layerwise:
            for _ in self.engine.store_layer(tokens, kvcaches=kv):
                pass
        else:
            self.engine.store(tokens, kvcaches=kv)
        self._flush()

    def lookup(self, tokens):
        return self.engine.lookup(tokens)

    def retrieve(self, tokens):
        """How many tokens came back, and the device memory they came back into."""
        kv = torch.zeros(self.kv_shape(len(tokens)), dtype=self.about.kv_dtype)
        if self.layerwise:
            *_, mask = self.engine.retrieve_layer(tokens, kvcaches=kv)
        else:
            mask = self.engine.retrieve(tokens, kvcaches=kv)
        return int(mask.sum()), kv

    def _flush(self):
        """Waits until the server has read what was stored: the answer to any later request on the connection says so.

        The request asks for a chunk that was never stored, so it gives no reason to keep anything.
        """
        deadline = time.monotonic() + FLUSH_SECONDS
        while self._remote.put_tasks or not self._batches.all_stored():
            assert time.monotonic() < deadline, "the client did not finish sending its chunks"
            time.sleep(0.001)
        assert self.engine.lookup([1 << 30] * CHUNK_TOKENS) == 0, "a chunk that nobody stored is there"

