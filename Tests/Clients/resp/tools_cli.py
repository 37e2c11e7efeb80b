"""redis-cli, which is hiredis: what a person types and what scripts pipe into it."""

import functools
import json
import random
import subprocess

from checks import Absent, check
from targets import PASSWORD

CLI_SECONDS = 120
MIB = 1 << 20


def cli(tls, address, *arguments, stdin=b""):
    host, port = address.split(":")
    command = ["redis-cli", *(["--tls"] if tls else []), "-h", host, "-p", port, *arguments]
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=CLI_SECONDS)
    return done.stdout


def session(name, **limits):
    def register(function):
        @check(f"redis-cli: {name}", **limits)
        def run(target):
            return function(target, functools.partial(cli, target.tls, target.open))

        return function

    return register


def prints(answer, expected, what):
    assert answer == expected, f"{what} prints {answer[:300]!r}, not {expected[:300]!r}"


SCRIPT = [
    ("PING", "PONG"),
    ("ping hello", '"hello"'),
    ("SET cli/a 1", "OK"),
    ("GET cli/a", '"1"'),
    ('SET "cli/with space" "a\\r\\n\\x00z"', "OK"),
    ('GET "cli/with space"', '"a\\r\\n\\x00z"'),
    ("GET cli/absent", "(nil)"),
    ("EXISTS cli/a cli/absent cli/a", "(integer) 2"),
    ("SET cli/a 2 NX", "(nil)"),
    ("MGET cli/a cli/absent", '1) "1"\n2) (nil)'),
    ("STRLEN cli/a", "(integer) 1"),
    ("TYPE cli/a", "string"),
    ("TTL cli/a", "(integer) -1"),
    ("GET", "(error) ERR wrong number of arguments for 'get' command"),
    ("MULTI", "OK"),
    ("GET cli/a", "QUEUED"),
    ("EXEC", '1) "1"'),
    ("DEL cli/a", "(integer) 1"),
]


@session("a conversation, over RESP2 and RESP3")
def conversation(_, run):
    for protocol in ("-2", "-3"):
        for line, expected in SCRIPT:
            if line in ("MULTI", "EXEC") or expected == "QUEUED":
                continue  # each line here is a connection of its own
            answer = run(protocol, "--no-raw", stdin=line.encode() + b"\n").decode()
            assert answer.rstrip("\n") == expected.rstrip("\n"), f"{protocol} {line} prints {answer!r}"
        lines = "\n".join(line for line, _ in SCRIPT)
        answer = run(protocol, "--no-raw", stdin=lines.encode()).decode()
        prints(answer.split("\n"), "\n".join(f"{expected}" for _, expected in SCRIPT).split("\n") + [""], protocol)


@session("values of any size through -x, out raw")
def files(_, run):
    for size in (0, 1, 4096, MIB + 1, 32 * MIB):
        value = random.Random(size).randbytes(size)
        prints(run("-x", "SET", f"cli/file/{size}", stdin=value), b"OK\n", "SET -x")
        prints(run("GET", f"cli/file/{size}"), value + b"\n", f"GET of {size} bytes")


@session("--pipe, the mass insertion")
def mass_insertion(_, run):
    commands = b"".join(
        b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(key), key, len(value), value)
        for key, value in ((b"cli/pipe/%d" % number, b"v" * number) for number in range(5000))
    )
    answer = run("--pipe", stdin=commands)
    assert b"errors: 0, replies: 5000" in answer, answer
    prints(run("STRLEN", "cli/pipe/4999"), b"4999\n", "STRLEN")
    answer = run("--pipe", stdin=b"*1\r\n$6\r\nNOSUCH\r\n*1\r\n$4\r\nPING\r\n")
    assert b"errors: 1, replies: 2" in answer, answer


@session("--scan, --bigkeys, --csv, --json, -r, -n, INFO")
def tools(_, run):
    for number in range(20):
        run("SET", f"cli/scan/{number}", "v" * (number + 1))
    found = sorted(run("--scan", "--pattern", "cli/scan/*").decode().split())
    assert found == sorted(f"cli/scan/{number}" for number in range(20)), found
    answer = run("--bigkeys").decode()
    assert "Biggest string found" in answer and "ERR" not in answer, answer
    prints(run("--csv", "MGET", "cli/scan/0", "cli/absent"), b'"v",NULL\n', "--csv")
    assert json.loads(run("--json", "MGET", "cli/scan/0", "cli/scan/1")) == ["v", "vv"]
    prints(run("-r", "3", "EXISTS", "cli/scan/0"), b"1\n1\n1\n", "-r 3")
    prints(run("-n", "5", "PING"), b"PONG\n", "-n 5")
    assert b"role:master\r" in run("INFO", "replication")


@session("a password, by -a, by --user, wrong, and not at all")
def password(target, _):
    run = functools.partial(cli, target.tls, target.locked)
    prints(run("PING"), b"NOAUTH Authentication required.\n\n", "PING without a password")
    prints(run("--no-auth-warning", "-a", PASSWORD, "PING"), b"PONG\n", "PING with -a")
    for protocol in ("-2", "-3"):
        prints(run(protocol, "--no-auth-warning", "--user", "default", "--pass", PASSWORD, "PING"), b"PONG\n", "--user")
    answer = run("--no-auth-warning", "-a", "wrong", "PING")
    assert b"WRONGPASS invalid username-password pair or user is disabled." in answer, answer


@session("lines as nc sends them, without RESP")
def inline(target, _):
    import socket

    if target.tls:
        raise Absent("nc speaks no TLS")
    host, port = target.open.split(":")
    said = {
        b"PING\r\n": b"+PONG\r\n",
        b"ping\n": b"+PONG\r\n",
        b"SET cli/inline \"a b\\x41\"\r\n": b"+OK\r\n",
        b"GET cli/inline\r\n": b"$4\r\na bA\r\n",
        b"GET 'cli/inline'\n": b"$4\r\na bA\r\n",
        b"\r\nEXISTS cli/inline cli/absent\r\n": b":1\r\n",
        b"DEL cli/inline\r\nDEL cli/inline\r\n": b":1\r\n:0\r\n",
    }
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        for line, expected in said.items():
            connection.sendall(line)
            answer = b""
            while len(answer) < len(expected):
                part = connection.recv(1000)
                assert part, f"{line!r}: the server closed the connection"
                answer += part
            prints(answer, expected, line)
