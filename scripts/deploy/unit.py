"""The systemd unit: its syntax, its hardening, and whether the server can run inside it."""

import pathlib
import re
import signal
import subprocess
import tempfile
import time

# Tenths, as systemd-analyze counts exposure. An Internet socket and the host's network are half of it.
EXPOSURE_MAX = 15


def run(*words):
    result = subprocess.run(words, capture_output=True, text=True)
    output = (result.stdout + result.stderr).strip()
    assert result.returncode == 0, output
    return output


def with_server(unit, server, directory):
    """A copy that names an existing program."""
    copy = pathlib.Path(directory) / unit.name
    text = unit.read_text()
    assert text.count("/usr/local/bin/lmcache-server\n") == 1
    copy.write_text(text.replace("ExecStart=/usr/local/bin/lmcache-server\n", f"ExecStart={server}\n"))
    return copy


def verify(unit, server):
    with tempfile.TemporaryDirectory() as directory:
        output = run("systemd-analyze", "verify", str(with_server(unit, server, directory)))
    assert not output, output


def exposure(unit, server):
    with tempfile.TemporaryDirectory() as directory:
        copy = with_server(unit, server, directory)
        output = run("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}", str(copy))
    return re.search(r"exposure level for \S+: ([0-9.]+)", output).group(0)


def outlasts_a_drain(unit, drain_seconds):
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.M).group(1)) > drain_seconds, "a drain takes longer"


def has_its_disk(unit):
    """The setting in the comment names the directory that the unit gives the server."""
    text = unit.read_text()
    own = re.search(r"^CacheDirectory=(\S+)$", text, re.M).group(1)
    named = re.search(r"^#Environment=LMCACHE_LOCAL_DISK=(\S+) LMCACHE_MAX_LOCAL_DISK_SIZE=\d+GiB$", text, re.M).group(1)
    assert named == f"/var/cache/{own}", f"{named} is not writable"


def expand(names):
    """The system calls of a list with groups in it."""
    calls = set()
    for name in names:
        if not name.startswith("@"):
            calls.add(name)
            continue
        lines = run("systemd-analyze", "syscall-filter", name).splitlines()[1:]
        calls |= expand([line.strip() for line in lines if line.strip() and "#" not in line])
    return calls


def allowed(unit):
    calls = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit.read_text(), re.M):
        if line.startswith("~"):
            calls -= expand(line[1:].split())
        else:
            calls |= expand(line.split())
    # What systemd itself needs to start a program is always allowed.
    return calls | expand(["@default"]) | {"execve"}


def trace(server, io, directory):
    """The system calls of a server with a disk that starts, answers, re-reads its limits and drains."""
    log, disk = pathlib.Path(directory) / "strace", pathlib.Path(directory) / "disk"
    disk.mkdir()
    command = ["strace", "-f", "-qq", "-o", str(log), server, "127.0.0.1", "0", "--io", io, "--memory", "64MiB"]
    command += ["--disk", str(disk), "--disk-size", "64MiB"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        run(server, "probe", "127.0.0.1", port_in(process.stderr))
        pid = int(log.read_text().split()[0])
        for number in (signal.SIGHUP, signal.SIGTERM):
            subprocess.run(["kill", f"-{number}", str(pid)], check=True)
            time.sleep(0.2)
        process.communicate(timeout=60)
        assert process.returncode == 0, process.returncode
    finally:
        process.kill()
    return set(re.findall(r"^\d+ +([a-z0-9_]+)\(", log.read_text(), re.M))


def port_in(log):
    """Of the line that says where it listens; lines about the disk may stand before it."""
    before = []
    for line in log:
        found = re.search(r"port=(\d+)", line)
        if found:
            return found.group(1)
        before.append(line)
    raise AssertionError(f"it does not listen: {before}")


def covers(unit, server, io):
    with tempfile.TemporaryDirectory() as directory:
        calls = trace(server, io, directory)
    assert ("io_uring_setup" if io == "uring" else "epoll_wait") in calls, sorted(calls)
    missing = calls - allowed(unit)
    assert not missing, f"the unit forbids {sorted(missing)}"
    return f"{len(calls)} calls"
