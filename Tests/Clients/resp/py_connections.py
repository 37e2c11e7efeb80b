"""Connections: many threads, idle ones, those that end badly, and a cluster's."""

import threading

import redis

from py_client import MIB, body, same, session

THREADS, ROUNDS = 16, 40


@session("sixteen threads write, ask and read through one pool")
def threads(connect):
    client = connect.redis()
    failures = []

    def work(thread):
        try:
            for number in range(ROUNDS):
                key, value = connect.name(f"{thread}/{number}"), body(thread * ROUNDS + number, 64 * 1024 + number)
                same(client.set(key, value), True)
                same(client.exists(key), 1)
                same(client.get(key), value)
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=[thread]) for thread in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


@session("a connection that ends in the middle of a SET leaves the old value")
def cut_off(connect):
    client = connect.redis()
    key = connect.name("k").encode()
    client.set(key, b"old")
    for sent in (0, 1, 100_000, MIB):
        connection = client.connection_pool.make_connection()
        connection.connect()
        head = b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n" % (len(key), key, 2 * MIB)
        connection._sock.sendall(head + bytes(sent))
        connection.disconnect()
        same(client.get(key), b"old", f"the value after {sent} bytes of a SET")
    same(client.set(key, b"new"), True)
    same(client.get(key), b"new")


@session("QUIT and RESET")
def endings(connect):
    run = connect.raw()
    same(run("CLIENT", "SETNAME", "tester"), b"OK")
    same(run("MULTI"), b"OK")
    same(run("CLIENT", "ID"), b"QUEUED")
    same(run("RESET"), b"RESET")
    assert b" name= " in run("CLIENT", "INFO"), "RESET left the name"
    same(run("PING"), b"PONG", "PING after a RESET in MULTI")
    connection = connect.redis().connection_pool.make_connection()
    connection.connect()
    connection.send_command("QUIT")
    same(connection.read_response(), b"OK")
    connection._sock.settimeout(60)
    same(connection._sock.recv(1), b"", "what follows the answer to QUIT")


@session("RedisCluster: one node with every slot")
def cluster(connect):
    host, port = connect.target.cluster.split(":")
    options = {"protocol": connect.protocol} if connect.protocol == 3 else {}
    if connect.target.tls:
        options["ssl"] = True
    client = redis.RedisCluster(host=host, port=int(port), **options)
    for number in range(50):
        key, value = connect.name(number), body(number, 1000 * number)
        same(client.set(key, value), True)
        same((client.exists(key), client.get(key)), (1, value))
    same(client.delete(*(connect.name(number) for number in range(50))), 50)
    same(len(client.get_primaries()), 1)
    same(client.cluster_info(target_nodes=client.get_primaries()[0])["cluster_state"], "ok")
