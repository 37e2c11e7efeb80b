"""The tables of the report, as lines of Markdown."""
import measured as m
import verdicts


def table(header, rows, left=1):
    """The first `left` columns are words, the others figures."""
    lines = [header, ["---"] * left + ["---:"] * (len(header) - left)] + rows
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines] + [""]


def number(value, decimals, unit=1):
    return "-" if value is None else f"{value / unit:.{decimals}f}"


def spread(result, name, decimals):
    found = result.spread(name) if result else None
    return found.text(decimals) if found else "-"


def promised(measured):
    rows = [list(verdict) for verdict in verdicts.all_verdicts(measured)]
    if not rows:
        return []
    met, undecided = (sum(row[2] == verdict for row in rows) for verdict in (verdicts.MET, verdicts.UNDECIDED))
    lines = [f"**{met} of {len(rows)} targets met, {undecided} undecided.**", ""] + table(["target", "measured", ""], rows, left=1)
    if any("*" in row[0] for row in rows):
        lines += [
            "\\* Two cores cannot hold two loops and a client. Each loop shares its core with a client of its own, and",
            "what a request costs is compared with two servers of one loop, which share nothing and count as two: the",
            "figure is twice their processor time over that of two loops of one server, round by round. About 2 means",
            "that sharing costs nothing that could be measured; more is noise, or what two servers pay for keeping the",
            "same values twice.", ""]
    return lines


def beside_memcached(measured):
    """A cell for each case: our speed over memcached's; bold where it is below 1, with a mark where that is undecided."""
    found = list(verdicts.beside_memcached(measured))
    if not found:
        return []
    columns = sorted({(depth, connections) for _, depth, _, connections, _ in found})
    cells = {(command, size, depth, connections): ratio for command, depth, size, connections, ratio in found}
    rows = []
    for command, size in dict.fromkeys((command, size) for command, _, size, _, _ in found):
        words = "EXIST" if command == "exist" else f"{verdicts.WORDS.get(command, command)}, {m.size_text(size)}"
        ratios = [cells.get((command, size, *column)) for column in columns]
        rows.append([words] + ["-" if ratio is None else marked(ratio) for ratio in ratios])
    met, missed = (sum(verdicts.judge(ratio, 1) == which for *_, ratio in found)
                   for which in (verdicts.MET, verdicts.MISSED))
    header = ["case"] + [f"{connections} conn., depth {depth}" for depth, connections in columns]
    return [
        f"At least memcached's figure at every size and depth: **{met} of {len(found)} met**, {missed} below it, in bold; the",
        "others, with a question mark, are undecided.",
        ""] + table(header, rows)


def marked(ratio):
    text = f"{ratio.median:.2f}"
    return {verdicts.MET: text, verdicts.MISSED: f"**{text}**"}.get(verdicts.judge(ratio, 1), f"{text} ?")


def bodies(measured, name):
    """Speed and cost of all targets, a line a case."""
    cases = measured.cases(name)
    labels = [label for label in m.TARGETS + (m.RESP, m.REFERENCE) if any(case.get(label) for case in cases)]
    rows = []
    for case in cases:
        results = [case.get(label) for label in labels]
        # The first target's spread over the rounds is enough to show how calm the machine was.
        speeds = [spread(results[0], "gib_s", 2)] + [number(one.median("gib_s"), 2) for one in results[1:]]
        costs = [number(one.median("server_s_per_gib"), 3) for one in results]
        busy = max(one.median("client_busy_pct") for one in results)
        others = max(one.median("others_busy_pct") or 0 for one in results)
        misses = sum(one.fields["misses"] for one in results)
        rows.append(
            [f"{m.size_text(case.size)} × {case.connections}"] + speeds + costs + [f"{busy:.0f}", f"{others:.0f}", misses])
    header = ["size × connections"] + [f"{label}, GiB/s" for label in labels]
    header += [f"{label}, s/GiB" for label in labels] + ["client %", "others %", "misses"]
    return table(header, rows)


def small(measured, names):
    rows = []
    for name, words in names:
        for case in measured.cases(name):
            many = len(measured.cases(name)) > 1
            what = words + (f", {case.connections} conn., depth {case.depth}" if many else "")
            for label, one in case.results.items():
                rows.append([
                    what, label, spread(one, "ops_s", 0), *(number(one.latency(p), 1) for p in ("p50", "p99", "p99_9")),
                    number(one.latency("max"), 0), number(one.median("server_us_per_op"), 2), spread(one, "gib_s", 2)
                    if one.median("gib_s") else "-", number(one.median("client_busy_pct"), 0),
                    number(one.median("others_busy_pct"), 0), one.fields["misses"]])
    return table(
        ["case", "target", "op/s (min–max)", "p50 µs", "p99 µs", "p99.9 µs", "max µs", "server µs/op", "GiB/s", "client %",
         "others %", "misses"], rows, left=2)


def chunks(measured):
    rows = []
    for name, words in (("exist", "EXIST, 8 connections, 16 deep"), ("get", "GET 4 KiB, 4 connections, 10 deep")):
        for label in (m.OURS, m.MEMCACHED):
            ratio = verdicts.chunks_ratio(measured, name, label)
            if ratio:
                rows.append([words, label, ratio.text(2)])
    header = ["case", "target", f"speed with {measured.facts['chunks']} chunks over speed with 2000 (min–max)"]
    return table(header, rows, left=2) if rows else []


def sessions(measured):
    rows = []
    for case in measured.cases("session"):
        for label, one in case.results.items():
            found = one.fields["session"]
            loading = found["loading_us"]
            rows.append([
                label, f"{found['usable_prefix_hit_ratio'] * 100:.1f} %", found["requests"], found["exists"], found["gets"],
                found["puts"], found["lost_after_exist"], number(loading["p50"], 1, 1000), number(loading["p99"], 1, 1000)])
    header = ["target", "usable prefix", "prompts", "EXIST", "GET", "PUT", "lost", "loading p50 ms", "p99 ms"]
    return table(header, rows) if rows else []


def registry(found):
    """Rates and memory an entry, beside Redis's."""
    if not found:
        return []
    rows = []
    for row in found["rates"]:
        what = f"{row['command']}, 50 connections, {row['pipeline']} deep"
        speeds = [m.Spread(row[name]).text(0) for name in (m.REGISTRY, m.REDIS)]
        rows.append([what, *speeds, verdicts.registry_ratio(row).text(2)])
    sizes = [found["bytes"][name] for name in (m.REGISTRY, m.REDIS)]
    words = f"bytes an entry, {found['entries'] // 1_000_000} million of them, keys of {found['key_bytes']:.0f}"
    rows.append([words, *(number(size, 1) for size in sizes), number(sizes[0] / sizes[1], 2)])
    return table(["commands a second (min–max)", "lookup registry", "Redis", "ratio (min–max)"], rows)


def loops(measured):
    """One store shared by two loops, and two stores of one loop each."""
    rows = []
    for command, words in verdicts.LOOPS.items():
        found = measured.loops[command]
        if found:
            costs = [m.Spread(found[name]).text(2) for name in ("two loops", "two servers")]
            rows.append([words, *costs, verdicts.sharing_ratio(found).text(2)])
    header = ["case", "two loops, server µs/op (min–max)", "two servers (min–max)", "two loops are (min–max)"]
    return table(header, rows) if rows else []


def client(found):
    """The speed of each client with the same server, and its processor time."""
    if not found:
        return []
    rows = []
    for row in found:
        what = f"{row['command'].upper()}, {m.size_text(row['size'])} × {row['connections']}"
        cells = [what, m.Spread(row["C client"]).text(0), client_time(row, "C client")]
        for name in ("lmcache-bench", "--drop"):
            ratio = verdicts.client_ratio(row, name)
            cells += [ratio.text(2) if ratio else "-", client_time(row, name)]
        rows.append(cells)
    heads = ["case", "C client, op/s (min–max)", "µs/op", "lmcache-bench, ratio", "µs/op", "with --drop, ratio", "µs/op"]
    return table(heads, rows)


def client_time(row, name):
    """The client's own processor time an operation."""
    taken = row["microseconds"][name]
    return m.Spread(taken).text(1) if taken else "-"
