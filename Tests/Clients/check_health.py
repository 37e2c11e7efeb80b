"""The health probe of the Kubernetes deployment: one HEALTH request, one reply read at once."""

import socket

import torch

import client
from checks import check
from lmcache.v1.memory_management import MemoryFormat
from lmcache.v1.protocol import ClientCommand, ClientMetaMessage, ServerMetaMessage, ServerReturnCode

PROBE_SECONDS = 5


@check("health probe", timeout_seconds=20)
def health_probe(servers):
    host, port = servers.large.split(":")
    nobody = client.key("", 0, dtype=torch.half, world_size=0)
    empty = torch.Size([0, 0, 0, 0])
    request = ClientMetaMessage(ClientCommand.HEALTH, nobody, 0, MemoryFormat(1), torch.float16, empty)
    with socket.create_connection((host, int(port)), timeout=PROBE_SECONDS) as connection:
        connection.sendall(request.serialize())
        reply = connection.recv(ServerMetaMessage.packlength())
    assert len(reply) == ServerMetaMessage.packlength(), f"the reply has {len(reply)} bytes"
    code = ServerMetaMessage.deserialize(reply).code
    assert code == ServerReturnCode.SUCCESS, f"the server answered {code}"
