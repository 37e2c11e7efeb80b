"""Lets an LMCache client start on a machine without a GPU. Import this before lmcache.

Clients from 0.3.15 on start on a CPU unchanged. 0.3.6 needs CUDA at import and for its streams; it gets stand-ins for
these and keeps every class that talks to the network.
"""

import contextlib
import ctypes
import mmap
import os
import sys
import types
from importlib.metadata import version

# The engines of a cluster share keys only if Python hashes alike in all of them; nothing here may call home.
os.environ.setdefault("LMCACHE_TRACK_USAGE", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("LMCACHE_LOG_LEVEL", "WARNING")

VERSION = tuple(int(part) for part in version("lmcache").split(".")[:3])


class _PinnedMemory:
    """The host memory functions of lmcache.c_ops, without pinning."""

    def __init__(self):
        self._mappings = {}

    def allocate(self, size, _node):
        mapping = mmap.mmap(-1, size)
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
        self._mappings[address] = mapping
        return address

    def free(self, address, _size=None):
        # Not freed: tensors may still use it, and the process ends soon.
        pass


class _NullStream:
    def synchronize(self):
        pass

    def wait_stream(self, _other):
        pass


def _stand_in_for_cuda():
    import torch

    memory = _PinnedMemory()
    operations = types.ModuleType("lmcache.c_ops")
    operations.alloc_pinned_ptr = operations.alloc_pinned_numa_ptr = memory.allocate
    operations.free_pinned_ptr = operations.free_pinned_numa_ptr = memory.free
    operations.get_gpu_pci_bus_id = lambda _device: ""
    sys.modules["lmcache.c_ops"] = operations

    torch.cuda.Stream = _NullStream
    torch.cuda.stream = lambda _stream: contextlib.nullcontext()
    torch.cuda.synchronize = lambda: None
    torch.cuda.current_device = lambda: 0


if VERSION < (0, 3, 15):
    _stand_in_for_cuda()
