"""Runs each client version against a server of its own, as scripts/compat.sh asks.

Exit status 1 if anything failed, and the last line is 'N passed, N failed'.
"""

import argparse
import atexit
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tenants
from report import Report, run_client
from servers import Server, ServerFailed, free_port, is_healthy, is_listening

HERE = Path(__file__).resolve().parent
LARGE_MEMORY = "2GiB"
PEERS_VERSION = "0.3.6"  # the last that asks a lookup registry
SMALL_MEMORY = "512MiB"  # the checks under pressure store twice as much


def environment_for(version, home):
    """PYTHONPATH names the one client of this run; equal hash seeds let engines share keys."""
    fixed = {"PYTHONPATH": f"{home}/lmcache-{version}:{HERE}", "PYTHONHASHSEED": "0", "HF_HUB_OFFLINE": "1"}
    fixed["SSL_CERT_FILE"] = f"{secrets()}/ca.crt"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMCACHE_")}
    return kept | fixed | {"LMCACHE_TRACK_USAGE": "false", "LMCACHE_LOG_LEVEL": "WARNING"}


@functools.cache
def secrets():
    """A folder of certificates, users and a password for this run, for nobody else to read."""
    folder = tempfile.mkdtemp(prefix="secrets-")
    atexit.register(shutil.rmtree, folder)
    subprocess.run([str(HERE.parents[1] / "scripts" / "certificates.sh"), folder], check=True)
    Path(folder, "users.acl").write_text(tenants.users())
    Path(folder, "password").write_text(tenants.PASSWORD + "\n")
    return folder


class Ours:
    """Our server three times: one with room for everything, one that has to evict, one that asks who is there."""

    def __init__(self, program, version):
        peers = {}
        if version == PEERS_VERSION:
            peers = {name: f"127.0.0.1:{free_port()}" for name in ("lookup", "peer")}
        flags = [word for name, address in peers.items() for word in (f"--{name}", address)]
        folder, tls, guarded_tls = secrets(), free_port(), free_port()
        certificate = ["--tls-cert", f"{folder}/server.crt", "--tls-key", f"{folder}/server.key"]
        guards = ["--users", f"{folder}/users.acl", "--requirepass", f"{folder}/password"]
        flags = {
            "large": ["--memory", LARGE_MEMORY, *flags, "--tls-port", str(tls), *certificate],
            "small": ["--memory", SMALL_MEMORY],
            "guarded": ["--memory", SMALL_MEMORY, *guards, "--tls-port", str(guarded_tls), *certificate],
        }
        self.servers = {
            name: Server(lambda *address, more=more: [program, *more, *address], is_healthy)
            for name, more in flags.items()
        }
        large, small, guarded = (server.address for server in self.servers.values())
        self.addresses = {"large": large, "small": small, "resp": large, "tls": f"127.0.0.1:{tls}", **peers}
        self.addresses |= {"guarded": guarded, "guarded-tls": f"127.0.0.1:{guarded_tls}"}


class Reference:
    """LMCache's own server, which parses the keys, so that each client needs the one of its version; and a Redis."""

    def __init__(self, environment):
        theirs = [sys.executable, str(HERE / "reference_server.py")]
        self.servers = {
            name: Server(lambda *address: [*theirs, *address], is_listening, environment) for name in ("large", "small")
        }
        # Nothing is saved, so the folder stays empty.
        redis = ["redis-server", "--save", "", "--dir", tempfile.gettempdir()]
        self.redis = Server(lambda host, port: [*redis, "--bind", host, "--port", port], is_listening)
        resp = self.redis.address
        self.addresses = {name: server.address for name, server in self.servers.items()}
        self.addresses |= {"resp": resp, "lookup": resp}


def driver(options, addresses):
    command = [sys.executable, str(HERE / "driver.py"), "--only", options.only]
    command += [word for name, address in addresses.items() for word in (f"--{name}", address)]
    return command + (["--unbounded"] if options.reference else [])


def stop_servers(version, options, servers, report):
    for name, server in servers.items():
        what = f"the {name} server ends on SIGTERM with status 0"
        try:
            begin = time.monotonic()
            status = server.stop()
            seconds = time.monotonic() - begin
        except ServerFailed as failure:
            report.line(version, f"FAIL {what}: {failure}")
            continue
        if options.reference:
            report.line(version, f"n/a  {what}: LMCache's server handles no signal and leaves its port to the kernel")
        elif status == 0:
            report.line(version, f"PASS {what} ({seconds:.1f} s)")
        else:
            report.line(version, f"FAIL {what}: it ended with {status}\n{server.log_tail()}")


def run_version(version, options, report):
    environment = environment_for(version, options.home)
    try:
        target = Reference(environment) if options.reference else Ours(options.server, version)
    except ServerFailed as failure:
        report.line(version, f"FAIL the servers start: {failure}")
        return
    run_client(version, driver(options, target.addresses), environment, report)
    stop_servers(version, options, target.servers, report)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True, help="where the clients are, one folder lmcache-VERSION each")
    parser.add_argument("--versions", nargs="+", required=True)
    parser.add_argument("--only", default="", help="run the checks with this in their name")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="the lmcache-server to test")
    which.add_argument("--reference", action="store_true", help="test LMCache's own server instead")
    options = parser.parse_args()

    # At exit each server that still runs is killed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    for version in options.versions:
        run_version(version, options, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
