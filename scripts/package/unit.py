#!/usr/bin/env python3
"""The unit of the Debian package, made of the one in deploy/systemd, on standard output.

A package has a user of its own, whose files outlast a restart under the same number, and a configuration file.
"""

import pathlib
import sys

CONFIGURATION = "/etc/lmcache-server/lmcache-server.yaml"
CHANGES = [
    (
        "# The binary goes to /usr/local/bin/lmcache-server, this file to /etc/systemd/system/. Then:\n"
        "#   systemctl daemon-reload && systemctl enable --now lmcache-server\n"
        "# Settings: systemctl edit lmcache-server. Each option has a variable (see --help):"
        " Environment=LMCACHE_SERVER_PORT=65432\n",
        f"# Settings are in {CONFIGURATION}; `systemctl reload lmcache-server` after a change.\n"
        "# The limits below: systemctl edit lmcache-server\n",
    ),
    ("Documentation=https://github.com/LMCache/LMCache\n", "Documentation=man:lmcache-server(1)\n"),
    (
        "ExecStart=/usr/local/bin/lmcache-server\n",
        f"ExecStart=/usr/bin/lmcache-server --config {CONFIGURATION}\n",
    ),
    ("mount it at /var/cache/private/lmcache-server, which", "mount it at /var/cache/lmcache-server, which"),
    (
        "#Environment=LMCACHE_LOCAL_DISK=/var/cache/lmcache-server LMCACHE_MAX_LOCAL_DISK_SIZE=500GiB\n",
        "# The configuration file names it: disk: /var/cache/lmcache-server\n"
        "# A directory elsewhere has to belong to the user, and has to be named here as well:\n"
        "#ReadWritePaths=/srv/lmcache\n",
    ),
    ("DynamicUser=yes\n", "User=lmcache-server\n"),
]

text = pathlib.Path(sys.argv[1]).read_text()
for old, new in CHANGES:
    if text.count(old) != 1:
        sys.exit(f"unit.py: {sys.argv[1]} should have this once: {old}")
    text = text.replace(old, new)
print(text, end="")
