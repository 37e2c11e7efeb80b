"""The type of a check, and the list of checks that run inside a client."""

import importlib
from dataclasses import dataclass
from typing import Callable

class Absent(Exception):
    """Raised, with the reason, by a check that this client or this server does not support."""


@dataclass(frozen=True)
class Servers:
    """host:port of a server with room for everything, and of one that must evict (unless it is unbounded)."""

    large: str
    small: str
    small_is_bounded: bool
    resp: str  # what speaks RESP: the large server itself, unless it is LMCache's own
    lookup: str  # the registry of engines up to 0.3.6, and the peer that they are told of; empty if there is none
    peer: str
    guarded: str = ""  # a server that knows the users of tenants.py, and its door of TLS
    guarded_tls: str = ""
    tls: str = ""  # the door of the large server that speaks TLS, for whom SSL_CERT_FILE vouches

    @property
    def is_ours(self):
        return self.resp == self.large


@dataclass(frozen=True)
class Check:
    name: str
    run: Callable  # takes Servers; raises on failure; may return a note for the report
    timeout_seconds: int
    since: tuple
    absent_before: str  # why clients older than `since` cannot do this


_checks = []


def check(name, timeout_seconds=120, since=(), absent_before=""):
    def register(function):
        _checks.append(Check(name, function, timeout_seconds, since, absent_before))
        return function

    return register


def all_checks(modules):
    for module in modules:
        importlib.import_module(module)
    return list(_checks)
