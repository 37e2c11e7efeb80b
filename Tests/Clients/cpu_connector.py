"""Connectors that move chunks between the client's host buffer and a tensor [kv, layer, token, hidden] on the CPU.

They replace an engine's GPU connector. The layerwise one is a subclass only because the client checks its type; nothing
of its parent runs.
"""

import torch

from environment import VERSION

from lmcache.v1.memory_management import MemoryFormat

if VERSION < (0, 3, 15):
    from lmcache.v1.gpu_connector import GPUConnectorInterface, VLLMPagedMemLayerwiseGPUConnector
else:
    from lmcache.v1.gpu_connector.gpu_connectors import GPUConnectorInterface, VLLMPagedMemLayerwiseGPUConnector


class CPUConnector(GPUConnectorInterface):
    def __init__(self, about):
        self.layers, self.kv, _, heads, head_size = about.kv_shape
        self.hidden = heads * head_size
        self.mla = about.use_mla

    def get_shape(self, num_tokens):
        return torch.Size([self.kv, self.layers, num_tokens, self.hidden])

    def from_gpu(self, memory_obj, start, end, kvcaches, **_):
        memory_obj.tensor.copy_(kvcaches[:, :, start:end])
        if self.mla:
            memory_obj.metadata.fmt = MemoryFormat.KV_MLA_FMT

    def to_gpu(self, memory_obj, start, end, kvcaches, **_):
        kvcaches[:, :, start:end].copy_(memory_obj.tensor)

    def batched_from_gpu(self, memory_objs, starts, ends, **kwargs):
        for memory, start, end in zip(memory_objs, starts, ends):
            self.from_gpu(memory, start, end, **kwargs)

    def batched_to_gpu(self, memory_objs, starts, ends, **kwargs):
        for memory, start, end in zip(memory_objs, starts, ends):
            self.to_gpu(memory, start, end, **kwargs)


class LayerwiseCPUConnector(VLLMPagedMemLayerwiseGPUConnector):
    """A chunk of one layer is [token, 2, hidden], or [token, hidden] for MLA."""

    def __init__(self, about):
        self.layers, self.kv, _, heads, head_size = about.kv_shape
        self.hidden = heads * head_size
        self.mla = about.use_mla

    def get_shape(self, num_tokens):
        return torch.Size([num_tokens, self.hidden] if self.mla else [num_tokens, self.kv, self.hidden])

    def _layer(self, kvcaches, layer, start, end):
        part = kvcaches[:, layer, start:end]
        return part[0] if self.mla else part.transpose(0, 1)

    def batched_from_gpu(self, memory_objs, starts, ends, kvcaches, **_):
        """One step to begin, one a layer."""
        yield
        for layer, of_layer in enumerate(memory_objs):
            for memory, start, end in zip(of_layer, starts, ends):
                memory.tensor.copy_(self._layer(kvcaches, layer, start, end))
            yield

    def batched_to_gpu(self, starts, ends, kvcaches, **_):
        """One step to begin, one a layer that is sent the layer's chunks, one to end."""
        for layer in range(self.layers):
            of_layer = yield
            for memory, start, end in zip(of_layer, starts, ends, strict=True):
                self._layer(kvcaches, layer, start, end).copy_(memory.tensor)
        yield
        yield
