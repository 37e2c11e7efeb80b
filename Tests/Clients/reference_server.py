"""LMCache's own lmcache_server, also where it would not start without a GPU. Arguments: host port."""

import environment  # noqa: F401

from lmcache.v1.server.__main__ import main

main()
