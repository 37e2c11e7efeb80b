"""The targets, and whether they were met. Each verdict is (what, measured, judgement)."""
from measured import C_LOOP, MEMCACHED, OURS, REDIS, REGISTRY, RESP, Spread, size_text

MIB = 1 << 20
WORDS = {"get": "GET", "put": "PUT, warm"}
RESP_SET = "SET by RESP"
MET, MISSED, UNDECIDED = "met", "**missed**", "undecided"
LOOPS = {"get": "GET 32 MiB, 4 connections a loop", "exist": "EXIST, 4 connections a loop, 16 deep"}


def judge(found, bound, at_least=True):
    """Undecided if the rounds are spread wider than their median's distance from the bound. `found` may be one number."""
    middle = found.median if isinstance(found, Spread) else found
    if middle != middle:
        return UNDECIDED
    if isinstance(found, Spread) and found.apart > abs(middle - bound):
        return UNDECIDED
    return MET if (middle >= bound if at_least else middle <= bound) else MISSED


def at_least(what, ratio, bound):
    return what, ratio.text(2), judge(ratio, bound)


def at_most(what, ratio, bound):
    return what, ratio.text(2), judge(ratio, bound, at_least=False)


def all_verdicts(measured):
    yield from bodies_beside_the_c_loop(measured)
    yield from large_bodies_beside_redis(measured)
    yield from large_bodies_beside_memcached(measured)
    yield from small_requests(measured)
    yield from churn(measured)
    yield from scale(measured)
    yield from by_resp(measured)
    yield from by_the_registry(measured.registry)
    yield from by_the_client(measured.client)


def bodies_beside_the_c_loop(measured):
    here = measured.facts.get("host_congestion")
    for prefix, under in (("", ""), ("host-", f", the host's {here}")):
        for command, words in WORDS.items():
            for size in (MIB, 4 * MIB, 32 * MIB):
                for connections in (1, 4):
                    case = measured.case(prefix + command, size, connections)
                    ratio = case and case.ratio(OURS, C_LOOP)
                    if ratio:
                        what = f"{words}, {size_text(size)} × {connections}{under}: at least 0.95 of the C loop"
                        yield at_least(what, ratio, 0.95)


def large_bodies_beside_redis(measured):
    for command, words in WORDS.items():
        for connections in (1, 4):
            case = measured.case(command, 32 * MIB, connections)
            if not case:
                continue
            what = f"{words}, 32 MiB × {connections}"
            ratio = case.ratio(OURS, REDIS)
            if command == "get" and ratio:
                yield at_least(f"{what}: at least twice Redis", ratio, 2)
            cost = case.cost_ratio(OURS, REDIS, "server_s_per_gib")
            if cost:
                yield at_most(f"{what}: at most 0.7 of Redis's processor time a GiB", cost, 0.7)


def large_bodies_beside_memcached(measured):
    for command, words in WORDS.items():
        for case in measured.cases(command):
            ratio = case.ratio(OURS, MEMCACHED) if case.size == 32 * MIB else None
            if ratio:
                what = f"{words}, 32 MiB × {case.connections}: at least 1.15 of memcached"
                yield at_least(what, ratio, 1.15)


def small_requests(measured):
    for name, how in (("exist", "client sleeps"), ("exist-spin", "client polls")):
        case = measured.case(name, connections=1, depth=1)
        cost = case and case.cost_ratio(OURS, REDIS, "server_us_per_op")
        if cost:
            yield at_most(f"EXIST, one at a time, {how}: less processor time than Redis", cost, 1)
    case = measured.case("exist", connections=8, depth=16)
    if case and case.get(OURS):
        speed = Spread(case.get(OURS).speeds)
        text = f"{speed.median:,.0f}".replace(",", " ")
        yield "EXIST, 8 connections, 16 deep: at least 1 000 000 a second", text, judge(speed, 1e6)
    for bulk in ("get", "put"):
        case = measured.case(f"beside-{bulk}")
        if case and case.get(OURS):
            late = case.get(OURS).latency("p99") / 1000
            yield f"EXIST beside 4 × {bulk.upper()} 32 MiB: p99 below 2 ms", f"{late:.2f} ms", judge(late, 2, at_least=False)


def churn(measured):
    """Lent memory is replaced before its next use, and that must not cost more than lending saves."""
    for size in ("4MiB", "32MiB"):
        for case in measured.cases(f"churn-{size}"):
            cost = case.cost_ratio(OURS, REDIS, "server_s_per_gib")
            if cost:
                what = f"Churn, {size_text(case.size)} × {case.connections}"
                yield at_most(f"{what}: at most Redis's processor time a GiB", cost, 1)


def scale(measured):
    idle = measured.facts["idle"]
    for name, words in (("idle-exist", "EXIST"), ("idle-get", "GET 1 MiB")):
        case = measured.case(name)
        if case:
            small, large = case.results
            ratio = case.ratio(large, small)
            what = f"{words}, 64 busy connections: beside {idle} idle ones at least 0.85 of without"
            yield at_least(what, ratio, 0.85)
    for name, words in (("exist", "EXIST, 8 connections, 16 deep"), ("get", "GET 4 KiB, 4 connections, 10 deep")):
        ratio = chunks_ratio(measured, name, OURS)
        if ratio:
            what = f"{words}: with {measured.facts['chunks']} chunks at least 0.85 of with 2000"
            yield at_least(what, ratio, 0.85)
    for command, words in LOOPS.items():
        found = measured.loops[command]
        if found:
            ratio = sharing_ratio(found)
            yield at_least(f"{words}: two loops at least 1.7 of one *", ratio, 1.7)


def by_resp(measured):
    for command, words in (("get", "GET"), ("put", "SET")):
        for case in measured.cases(f"resp-{command}"):
            what = f"RESP {words}, {size_text(case.size)} × {case.connections}"
            beside_lm = case.ratio(RESP, OURS)
            if beside_lm:
                yield at_least(f"{what}: at least 0.9 of lm", beside_lm, 0.9)
            beside_redis = case.ratio(RESP, REDIS)
            if command == "get" and case.size == 32 * MIB and beside_redis:
                yield at_least(f"{what}: at least twice Redis", beside_redis, 2)


def by_the_registry(found):
    if not found:
        return
    for row in found["rates"]:
        ratio = registry_ratio(row)
        yield at_least(f"Registry {row['command']}, {row['pipeline']} deep: at least Redis", ratio, 1)
    ours, theirs = found["bytes"][REGISTRY], found["bytes"][REDIS]
    millions = f"{found['entries'] // 1_000_000} million entries"
    share = ours / theirs
    yield f"Registry, {millions}: at most 0.65 of Redis's memory", f"{share:.2f}", judge(share, 0.65, at_least=False)
    beyond = ours - found["key_bytes"]
    yield f"Registry, {millions}: at most 80 bytes each beyond the key", f"{beyond:.1f}", judge(beyond, 80, at_least=False)


def by_the_client(found):
    """A client that the server waits for measures itself."""
    for row in found or []:
        ratio = client_ratio(row, "--drop") or client_ratio(row, "lmcache-bench")
        what = f"{row['command'].upper()}, {size_text(row['size'])} × {row['connections']}"
        yield at_least(f"The client, {what}: more than a C client with a thread a connection", ratio, 1)


def client_ratio(row, name):
    pairs = [(one, other) for one, other in zip(row[name], row["C client"]) if other > 0]
    return Spread([one / other for one, other in pairs]) if pairs else None


def sharing_ratio(found):
    """The gain of two loops: two that share nothing count as two, and a longer time for the same work is less."""
    return Spread([2 * apart / shared for shared, apart in zip(found["two loops"], found["two servers"])])


def registry_ratio(row):
    return Spread([one / other for one, other in zip(row[REGISTRY], row[REDIS])])


def chunks_ratio(measured, name, label):
    """Many chunks against few, turn by turn; None if this run left it out."""
    ratios = []
    for turn in range(1, int(measured.facts["repeats"]) + 1):
        few, many = (measured.case(f"chunks-{name}-{amount}-{turn}") for amount in ("few", "many"))
        if few and many and few.get(label) and many.get(label):
            ratios.append(many.get(label).median("ops_s") / few.get(label).median("ops_s"))
    return Spread(ratios) if ratios else None


def beside_memcached(measured):
    """(command, depth, size, connections, ratio) of every case that memcached was in."""
    for name in ("get", "put", "get-deep", "put-deep", "exist"):
        for case in measured.cases(name):
            ratio = case.ratio(OURS, MEMCACHED)
            if ratio:
                yield name.split("-")[0], case.depth, case.size, case.connections, ratio
    for case in measured.cases("resp-small"):
        ratio = case.ratio(RESP, MEMCACHED)
        if ratio:
            yield RESP_SET, case.depth, case.size, case.connections, ratio
