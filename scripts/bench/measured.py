"""The results of one run of scripts/bench.sh: a JSON document of lmcache-bench for each case."""
import json
import statistics

OURS, C_LOOP, MEMCACHED, REDIS = "lmcache-server", "C loop", "memcached", "Redis"
REFERENCE = "LMCache's server"
RESP = "lmcache-server, RESP"
REGISTRY = "lookup registry"
TARGETS = (OURS, C_LOOP, MEMCACHED, REDIS)


class Spread:
    """The median of a few numbers and their spread."""

    def __init__(self, values):
        self.median, self.least, self.most = statistics.median(values), min(values), max(values)
        # The spread of the middle half, so that one disturbed round does not count.
        low, _, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else (0, 0, 0)
        self.apart = high - low

    def text(self, decimals):
        return f"{self.median:.{decimals}f} ({self.least:.{decimals}f}–{self.most:.{decimals}f})"


class Result:
    """One target in one case."""

    def __init__(self, fields):
        self.fields = fields
        self.label = fields["target"]

    def median(self, name):
        """None if it was not measured."""
        return self.fields[name]["median"]

    def spread(self, name):
        field = self.fields[name]
        return None if field["median"] is None else Spread([field["min"], field["median"], field["max"]])

    def latency(self, name):
        return self.fields["latency_us"][name]

    @property
    def speeds(self):
        return [one["operations"] / one["seconds"] for one in self.fields["rounds"]]

    def costs(self, name):
        """Processor time of each round per GiB or operation, as `name` says; None if it was not measured."""
        unit, part = {"server_s_per_gib": ("bytes", 1 << 30), "server_us_per_op": ("operations", 1e6)}[name]
        return [
            one["server_s"] * part / one[unit] if one["server_s"] is not None and one[unit] else None
            for one in self.fields["rounds"]]


class Case:
    def __init__(self, fields):
        self.size, self.connections, self.depth = fields["size_bytes"], fields["connections"], fields["depth"]
        self.results = {result.label: result for result in map(Result, fields["results"])}

    def get(self, label):
        return self.results.get(label)

    def ratio(self, over, under):
        """Operations a second, round by round, so that a disturbance of a round hits both; None if one is missing."""
        over, under = self.get(over), self.get(under)
        if over is None or under is None:
            return None
        return Spread([a / b for a, b in zip(over.speeds, under.speeds) if b > 0] or [float("nan")])

    def cost_ratio(self, over, under, name):
        """The ratio of a cost, round by round; None if one is missing."""
        over, under = self.get(over), self.get(under)
        if over is None or under is None:
            return None
        pairs = zip(over.costs(name), under.costs(name))
        ratios = [a / b for a, b in pairs if a is not None and b]
        return Spread(ratios) if ratios else None


class Measured:
    def __init__(self, work):
        self.documents = {path.stem: json.loads(path.read_text()) for path in sorted(work.glob("*.json"))}
        # The results of registry.py, client.py, disk.py and loops.py, or None.
        self.registry, self.client, self.disk = (figures(work / f"{name}.figures") for name in ("registry", "client", "disk"))
        self.loops = {command: figures(work / f"loops-{command}.figures") for command in ("get", "exist")}
        faults = work / "faults.txt"
        self.faults = faults.read_text().splitlines() if faults.exists() else []
        facts = (work / "facts.txt").read_text().splitlines()
        self.facts = dict(line.split("=", 1) for line in facts)

    @property
    def is_empty(self):
        return not any((self.documents, self.registry, self.client, self.disk, *self.loops.values()))

    @property
    def environment(self):
        """The machine as lmcache-bench saw it; None without any document."""
        return next((document["environment"] for document in self.documents.values()), None)

    def cases(self, name):
        document = self.documents.get(name)
        return [Case(fields) for fields in document["cases"]] if document else []

    def case(self, name, size=None, connections=None, depth=None):
        """The first that fits, or None if this run left it out."""
        for one in self.cases(name):
            fits = zip((size, connections, depth), (one.size, one.connections, one.depth))
            if all(wanted is None or wanted == is_ for wanted, is_ in fits):
                return one
        return None


def figures(path):
    return json.loads(path.read_text()) if path.exists() else None


def size_text(count):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} B"
