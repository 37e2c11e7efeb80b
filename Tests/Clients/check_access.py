"""Engines with credentials in their URL, as docs/OPERATING.md gives them."""

import client
from check_engines import HIDDEN, LAYERS, NAME, assert_retrieves, kv_for, prompt, store_here_retrieve_there
from checks import Absent, check
from client import CHUNK_TOKENS, Engine
from tenants import PASSWORD, TENANTS, model

TOKENS = 2 * CHUNK_TOKENS


@check("redis://USER:PASSWORD@: two tenants, none finds, reads or replaces what the other stored", timeout_seconds=240)
def tenants(servers):
    tokens, stored = prompt(1, TOKENS), {}
    for tenant in TENANTS:
        writer = engine_of(tenant, "writer", servers.guarded, model(tenant))
        stored[tenant] = kv_for(writer, tokens, seed=len(stored))
        writer.store(tokens, stored[tenant])
    for owner, stranger in zip(TENANTS, reversed(TENANTS)):
        thief = engine_of(stranger, "thief", servers.guarded, model(owner))
        refused(lambda: thief.store(tokens, kv_for(thief, tokens, seed=100)))
        assert not refused(lambda: thief.lookup(tokens)), f"{stranger} finds what {owner} stored"
        assert not refused(lambda: thief.retrieve(tokens)[0]), f"{stranger} reads what {owner} stored"
        reader = engine_of(owner, "reader", servers.guarded, model(owner))
        assert_retrieves(reader, tokens, stored[owner], hits=TOKENS)


@check("rediss://:PASSWORD@: two engines store, look up, retrieve, overwrite, by TLS", timeout_seconds=180)
def password_by_tls(servers):
    about = client.metadata(f"compat/{NAME}/password", LAYERS, HIDDEN)
    settings = client.remote("rediss", f":{PASSWORD}@{guarded(servers.guarded_tls)}")
    writer, reader = (Engine(f"password {role}", about, settings) for role in ("writer", "reader"))
    store_here_retrieve_there(writer, reader, TOKENS)


def engine_of(tenant, role, server, model):
    settings = client.remote("redis", f"{tenant}:{TENANTS[tenant]}@{guarded(server)}")
    return Engine(f"{tenant} {role}", client.metadata(model, LAYERS, HIDDEN), settings)


def refused(action):
    """What came of it; nothing where a client lets the server's refusal through."""
    try:
        return action()
    except Exception as refusal:  # each version has its own
        assert "permission" in str(refusal).lower(), f"the server refuses nothing: {refusal!r}"
        return None


def guarded(address):
    if not address:
        raise Absent("the server under test knows no users")
    return address
