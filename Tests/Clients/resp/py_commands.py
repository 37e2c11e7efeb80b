"""Requests about the server itself, and the errors of wrong requests."""

import time

from py_client import same, says, session
from targets import PASSWORD

NO_PASSWORD = {
    2: "Authentication required.",
    3: "HELLO must be called",  # how it goes on depends on the version
}
WRONG_PASSWORD = "invalid username-password pair or user is disabled."
NO_PASSWORD_SET = (
    "AUTH <password> called without any password configured for the default user. Are you sure your configuration is "
    "correct?"
)


@session("greeting: PING, ECHO, SELECT, TIME")
def greeting(connect):
    client = connect.redis()
    same(client.ping(), True)
    same(connect.raw()("PING", b"\x00\r\n"), b"\x00\r\n")
    same(client.echo("an echo"), b"an echo")
    same(connect.redis(db=3).ping(), True, "PING after SELECT 3")
    seconds, microseconds = client.time()
    assert abs(seconds + microseconds / 1e6 - time.time()) < 60, "TIME is not the time"


@session("CLIENT: ID, SETNAME, GETNAME, INFO, LIST, NO-EVICT")
def client_commands(connect):
    client, run = connect.redis(single_connection_client=True), connect.raw()
    number = client.client_id()
    assert 0 < number < run("CLIENT", "ID"), "a later connection has no greater id"
    same(run("CLIENT", "GETNAME"), None)
    same(run("CLIENT", "SETNAME", "other"), b"OK")
    same(run("CLIENT", "GETNAME"), b"other")
    same(client.client_setname("tester"), True)
    about = client.client_info()
    same((int(about["id"]), about["name"], int(about["db"])), (number, "tester", 0))
    same([entry["name"] for entry in client.client_list() if int(entry["id"]) == number], ["tester"])
    same(run("CLIENT", "NO-EVICT", "ON"), b"OK")


@session("HELLO tells who serves")
def hello(connect):
    run = connect.raw()
    answer = run("HELLO", connect.protocol)
    fields = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2]))
    fields = {as_text(name): as_text(value) for name, value in fields.items()}
    same(sorted(fields), ["id", "mode", "modules", "proto", "role", "server", "version"])
    same((fields["proto"], fields["role"], fields["mode"]), (connect.protocol, "master", "standalone"))
    same(fields["modules"], [])
    says("NOPROTO unsupported protocol version", run, "HELLO", 4)
    same(run("HELLO", connect.protocol, "SETNAME", "tester") == answer, True, "HELLO again is the same:")
    same(run("CLIENT", "GETNAME"), b"tester")


def as_text(value):
    return value.decode() if isinstance(value, bytes) else value


@session("INFO, CONFIG GET, COMMAND")
def introspection(connect):
    client = connect.redis()
    about = client.info()
    for field in ("redis_version", "tcp_port", "connected_clients", "used_memory", "total_commands_processed"):
        assert field in about, f"INFO has no {field}"
    same(client.info("replication")["role"], "master")
    assert "used_memory" not in client.info("server"), "INFO server tells of memory too"
    assert int(about["redis_version"].split(".")[0]) >= 6
    client.set(connect.name("one"), b"1")
    assert client.info("keyspace")["db0"]["keys"] >= 1
    maxmemory = client.config_get("maxmemory")
    same(sorted(maxmemory), ["maxmemory"])
    assert int(maxmemory["maxmemory"]) > 0
    assert {"maxmemory", "maxmemory-policy"} <= set(client.config_get("maxmemory*"))
    same(client.config_get("no-such-parameter"), {})
    assert client.command_count() > 20
    get, absent = connect.raw()("COMMAND", "INFO", "get", "no-such-command")
    same((get[:2], absent), ([b"get", 2], None))


@session("errors in Redis's words")
def errors(connect):
    client, run = connect.redis(), connect.raw()
    key = connect.name("k")
    says("unknown command 'NOSUCH', with args beginning with: 'a' 'b' ", run, "NOSUCH", "a", "b")
    says("wrong number of arguments for 'get' command", run, "GET")
    says("wrong number of arguments for 'get' command", run, "GET", "a", "b")
    says("wrong number of arguments for 'set' command", run, "SET", "a")
    says("wrong number of arguments for 'mset' command", run, "MSET", "a", "b", "c")
    says("syntax error", run, "SET", key, "v", "NONSENSE")
    says("syntax error", run, "SET", key, "v", "NX", "XX")
    says("syntax error", run, "SET", key, "v", "EX", 10, "PX", 10)
    says("syntax error", run, "SET", key, "v", "EX", 10, "KEEPTTL")
    says("value is not an integer or out of range", run, "SET", key, "v", "EX", "soon")
    says("invalid expire time in 'set' command", run, "SET", key, "v", "EX", 0)
    says("invalid expire time in 'setex' command", run, "SETEX", key, -1, "v")
    says("value is not an integer or out of range", run, "EXPIRE", key, "soon")
    says("invalid cursor", run, "SCAN", "here")
    says("syntax error", run, "SCAN", 0, "COUNT", 0)
    says("value is not an integer or out of range", run, "SCAN", 0, "COUNT", "many")
    says("unknown subcommand 'NOSUCH'. Try CLIENT HELP.", run, "CLIENT", "NOSUCH")
    says("DB index is out of range", run, "SELECT", 99999)
    same(client.exists(key), 0, "EXISTS after nothing but errors")
    same(run("PING"), b"PONG", "PING after errors")


@session("a password: needed, refused, accepted, in HELLO and AUTH")
def password(connect):
    locked = connect.target.locked
    says(NO_PASSWORD[connect.protocol], connect.redis(locked).ping, words=slice(4))
    says(WRONG_PASSWORD, connect.redis(locked, password="wrong").ping)
    says(WRONG_PASSWORD, connect.redis(locked, username="somebody", password=PASSWORD).ping)
    for user in (None, "default"):
        client = connect.redis(locked, username=user, password=PASSWORD)
        same(client.ping(), True)
        same(client.set(connect.name("k"), b"v"), True)
        same(client.get(connect.name("k")), b"v")
    says(NO_PASSWORD_SET, connect.raw(), "AUTH", "not needed")
