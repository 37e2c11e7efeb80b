"""What the disk costs those who do not need it, and what it spares those who asked before they fetch. For disk.py."""
import threading
import time

from disk_stand import GIB, MIB, SIZES, Engine, Server, keep_on_disk, key

HOT, BACKLOG, SMALL = 1_000_000, 2_000_000, 3_000_000  # first keys, behind those on disk


def ask_for_all(keys, end):
    """Look-ups, whose values are brought up; nobody fetches them, so that loops of connections have little to do with it."""
    with Engine() as engine:
        for number in range(keys):
            engine.exists(key(number))
            if end.wait(0.002):
                return


def cost_of_hits(stand, server, seconds):
    """Processor seconds a GiB of the loop that serves them."""
    before = server.serving_seconds()
    result = stand.bench(
        "hits", "get", "--no-fill", "--size", "4MiB", "--keys", 16, "--first-key", HOT, "--seconds", seconds)
    return (server.serving_seconds() - before) / (result["rounds"][0]["bytes"] / GIB)


def hits(stand, scale):
    """Hits alone, and beside a device that reads and writes as fast as it can: what one round costs over the other."""
    found = {"alone": [], "beside": [], "read": [], "written": []}
    total, backlog = scale.bytes // 2, scale.bytes
    for _ in range(scale.rounds):
        keys = keep_on_disk(stand, "4MiB", total)
        # A short lease: what nobody fetches makes room for the next.
        with Server(stand, total + backlog + 2 * GIB, 4 * scale.bytes, lease=1) as server:
            stand.fill("4MiB", 16, "--first-key", HOT)
            server.wait_written(16)
            found["alone"].append(cost_of_hits(stand, server, scale.hits_seconds))
            # They wait in memory, and are written from a second after they came.
            stand.fill("4MiB", backlog // SIZES["4MiB"], "--first-key", BACKLOG)
            server.wait_written(16 + 1)
            end = threading.Event()
            asking = threading.Thread(target=ask_for_all, args=(keys, end))
            before, began = server.metrics(), time.monotonic()
            asking.start()
            found["beside"].append(cost_of_hits(stand, server, scale.hits_seconds))
            after, took = server.metrics(), time.monotonic() - began
            end.set()
            asking.join()
            note_moved(stand, "hits", found, before, after, took)
    return found


def note_moved(stand, what, found, before, after, seconds):
    """How fast the device was meanwhile: it was to read and to write."""
    for name in ("read", "written"):
        moved = after[f"disk_{name}_bytes_total"] - before[f"disk_{name}_bytes_total"]
        found[name].append(moved / seconds / GIB)
        if not moved:
            stand.faults.append(f"{what}: nothing was {name} meanwhile")


def exist(stand, scale):
    """Look-ups on a connection of their own, alone and beside cold GETs and PUTs that are written."""
    keys = keep_on_disk(stand, "32MiB", scale.bytes)
    found = {"alone": [], "beside": [], "read": [], "written": []}
    seconds = scale.exist_seconds
    # A client that has to wait for its core measures itself.
    first = ("chrt", "-f", "1") if stand.may_be_first() else ()
    asks = ["--no-fill", "--keys", 1024, "--first-key", SMALL, "--seconds", seconds]
    # The client looks up what it has stored; the store is not to be full of promises.
    with Server(stand, GIB, 3 * scale.bytes, lease=1) as server:
        stand.bench("storing", "fill", "--size", "4KiB", "--keys", 1024, "--first-key", SMALL)
        for _ in range(scale.rounds):
            alone = stand.end_bench(stand.begin_bench("exist", *asks, before=first), "EXIST alone")
            # Twice as long as is measured, so that all of it is beside them. So few keys that of their segments most is soon dead.
            span = ["--no-fill", "--seconds", 2 * seconds]
            before, began = server.metrics(), time.monotonic()
            gets = stand.begin_bench("get", *span, "--size", "32MiB", "--keys", keys, "--connections", 4)
            puts = stand.begin_bench("put", *span, "--size", "4MiB", "--keys", 64, "--first-key", BACKLOG, "--rate", 40)
            time.sleep(seconds / 2)
            beside = stand.end_bench(stand.begin_bench("exist", *asks, before=first), "EXIST beside")
            after, took = server.metrics(), time.monotonic() - began
            stand.end_bench(gets, "cold GETs beside EXIST")
            stand.end_bench(puts, "PUTs beside EXIST")
            for name, result in (("alone", alone), ("beside", beside)):
                found[name].append({p: result["latency_us"][p] for p in ("p50", "p99", "max")})
            note_moved(stand, "EXIST", found, before, after, took)
    return found


def single(stand, scale):
    """EXIST, 50 ms later GET of 32 MiB; then, as long after it, the same again from memory."""
    found = {"asked": [], "hit": [], "unasked": []}
    keys = keep_on_disk(stand, "32MiB", min(scale.bytes, 2 * scale.singles * 32 * MIB))

    def fetch(engine, number, name):
        time.sleep(0.05)
        began = time.monotonic()
        if engine.get(key(number)) is None:
            stand.faults.append(f"single GET: value {number} was missed")
        found[name].append(time.monotonic() - began)

    with Server(stand, 4 * GIB, 2 * scale.bytes) as server, Engine() as engine:
        for number in range(keys // 2):
            engine.exists(key(number))
            fetch(engine, number, "asked")
            fetch(engine, number, "hit")
            fetch(engine, keys // 2 + number, "unasked")
        read = server.metrics()["disk_read_chunks_total"]
        if read != keys // 2 * 2:
            stand.faults.append(f"single GET: {read:.0f} values came from the disk, not {keys // 2 * 2}")
    return found
