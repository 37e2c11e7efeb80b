"""The chart's values: each is used, each is in the schema, nothing else is read, and README.md has them all."""

import copy
import re
import shutil

import jsonschema
import yaml

import helmchart

# Where the schema leaves the rest to Kubernetes, Prometheus, KEDA or the engines, one key stands for all.
ANY_KEY = {"changed": "yes"}
TEXTS = ("changed", "/changed", "7Gi", "7s", "1.3", "rediss://changed:1/1", "sha256:" + "7" * 64)
# Helm's own name for the values of a chart above.
HELMS = {"global"}


def resolved(schema, node):
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rsplit("/", 1)[1]]
    return node


def children(schema, node):
    """The named keys of an object in the schema, or of the objects in a list, which is told by a name of `*`."""
    node = resolved(schema, node)
    if "properties" in node:
        return node["properties"]
    if "items" in node and "properties" in resolved(schema, node["items"]):
        return {"*": node["items"]}
    return {}


def leaves(schema, node=None, path=()):
    """Every value that can be set, as a path and its part of the schema."""
    below = children(schema, node or schema)
    for name, child in below.items():
        if not path and name in HELMS:
            continue
        yield from leaves(schema, child, (*path, name))
    if path and not below or path and path[-1] != "*" and "*" in below:
        yield path, resolved(schema, node)


def names_agree(source):
    """Whatever values.yaml has is in the schema, and the other way round; of lists and of `server`, what is in it is the
    schema's alone."""
    def walk(values, node, path):
        below = children(source.schema, node)
        if not below or "*" in below or path == ("server",):
            return
        known = set(below) - (HELMS if not path else set())
        place = ".".join(path) or "the top"
        assert set(values) == known, f"{place}: {sorted(set(values) ^ known)} is only in one of the two"
        for name, value in values.items():
            if isinstance(value, dict):
                walk(value, below[name], (*path, name))

    walk(source.values, source.schema, ())
    problems = [error.message for error in jsonschema.Draft7Validator(source.schema).iter_errors(source.values)]
    assert not problems, problems


def is_strict(source):
    """Every object of the schema that has named keys refuses others."""
    def walk(node, path):
        node = resolved(source.schema, node)
        if "properties" in node and path != "global":
            assert node.get("additionalProperties") is False, f"{path or 'the top'} takes unknown keys"
        for name, child in children(source.schema, node).items():
            walk(child, f"{path}.{name}".lstrip("."))

    walk(source.schema, "")


def places(values, path):
    """The path with numbers instead of `*`, once for each item of the lists on it."""
    if not path:
        return [()]
    name, rest = path[0], path[1:]
    if name == "*":
        items = values if isinstance(values, list) else []
        return [(number, *more) for number, item in enumerate(items) for more in places(item, rest)]
    below = values.get(name) if isinstance(values, dict) else None
    return [(name, *more) for more in places(below, rest)]


def at(values, path):
    """The value there; None where there is none."""
    for name in path:
        if isinstance(name, int):
            values = values[name]
        else:
            values = values.get(name) if isinstance(values, dict) else None
    return values


def changed(values, path, value):
    values = copy.deepcopy(values)
    place = values
    for name in path[:-1]:
        place = place[name] if isinstance(name, int) else place.setdefault(name, {})
    place[path[-1]] = value
    return values


def others(node, old):
    """Values of the same kind as the old one, and different."""
    kinds = node.get("anyOf") or [node]
    found = []
    for kind in kinds:
        named = kind.get("enum", [])
        types = kind.get("type", [])
        types = [types] if isinstance(types, str) else types
        found += named
        if "boolean" in types:
            found += [True, False]
        if "integer" in types:
            found += [7, 40, 31000]
        if "string" in types or "$ref" in kind:
            found += [*TEXTS, 31000]
        if "object" in types:
            found.append({**(old if isinstance(old, dict) else {}), **ANY_KEY})
        if "array" in types:
            found += [[], [ANY_KEY], ["changed"], *([word] for word in kind.get("items", {}).get("enum", []))]
    return [value for value in found if value != old or type(value) is not type(old)]


def matters(source, path, node, bases):
    """Whether any change of this value changes any object, under any of the matrix's values."""
    for values, whole, before in bases:
        for place in places(whole, path):
            for value in others(node, at(whole, place)):
                # Lists come as a whole in values, so they are changed in what Helm makes of values.
                trial = changed(whole if "*" in path else values, place, value)
                if source.accepts(trial) and differs(source, trial, before):
                    return True
    return False


def differs(source, values, before):
    try:
        return source.texts(values) != before
    except Exception:
        # A template refuses it, which is no use of it yet.
        return False


def all_matter(source, only=None):
    bases = []
    for values in helmchart.scenarios().values():
        bases.append((values, helmchart.merged(source.values, values), source.texts(values)))
    found = [(path, node) for path, node in leaves(source.schema) if only in (None, path)]
    unused = [".".join(path) for path, node in found if not matters(source, path, node, bases)]
    assert not unused, f"no template uses {unused}"
    return f"{len(found)} values"


def reads_only_its_values(source):
    """What templates name is in values.yaml; fields of what they range over are in the schema."""
    unknown = []
    for file in sorted((source.directory / "templates").iterdir()):
        text = re.sub(r"\{\{-? */\*.*?\*/ *-?\}\}", "", file.read_text(), flags=re.S)
        for found in re.findall(r"\.Values((?:\.\w+)+)", text):
            if not is_known(source.values, found.split(".")[1:]):
                unknown.append(f"{file.name}: .Values{found}")
        assert not re.search(r"\.Values[^.\w]", text.replace(".Values |", "")), f"{file.name} takes .Values as a whole"
        for name, place in re.findall(r"range \$(\w+) := \$?\.Values\.([\w.]+)", text):
            fields = children(source.schema, item_of(source.schema, place.split(".")))
            for field in re.findall(rf"\${name}\.(\w+)", text):
                if field not in fields:
                    unknown.append(f"{file.name}: {place}[].{field}")
    assert not unknown, unknown


def is_known(values, names):
    for name in names:
        if not isinstance(values, dict) or name not in values:
            return False
        values = values[name]
    return True


def item_of(schema, names):
    node = schema
    for name in names:
        node = children(schema, node)[name]
    return resolved(schema, node)["items"]


def a_value_that_nothing_uses(folder):
    """The check of the checks: a chart with one value too many."""
    values = folder / "values.yaml"
    values.write_text(values.read_text() + "\nnobody: here\n")
    schema = folder / "values.schema.json"
    schema.write_text(schema.read_text().replace('"properties": {', '"properties": {\n    "nobody": {"type": "string"},', 1))


def a_read_of_nothing(folder):
    (folder / "templates/wrong.yaml").write_text("{{- if .Values.service.nobody }}a: b{{ end }}\n")


def with_fault(directory, fault, check):
    """Runs a check on a copy of the chart with a fault in it."""
    copied = directory / fault.__name__
    shutil.copytree(helmchart.CHART, copied)
    fault(copied)
    source = helmchart.Source(copied)
    try:
        check(source)
    finally:
        source.close()


def readme_has_them_all(source, charts):
    text = (source.directory / "README.md").read_text()
    words = set(re.findall(r"`([^`\s]+)`", text))
    missing = []
    for path, _ in leaves(source.schema):
        name = ".".join(path).replace(".*", "[]")
        if name.startswith("server."):
            continue
        # A row may be about a value, or about all that is under it.
        parts = name.split(".")
        above = [".".join(parts[: length + 1]).removesuffix("[]") for length in range(len(parts))]
        if not {name, *above} & words:
            missing.append(name)
    assert not missing, f"README.md says nothing of {missing}"
    names = [word for word in words if re.fullmatch(r"[a-z]\w*(\.\w+(\[\])?)+", word)]
    stale = [name for name in names if name.split(".")[0] in source.values and not is_in(source.schema, name)]
    assert not stale, f"README.md speaks of {stale}, which are no values"
    old = set()
    for directory in charts:
        found = yaml.safe_load((directory / "values.yaml").read_text()).get("cacheserverSpec") or {}
        old |= {f"cacheserverSpec.{name}" for name in found}
        template = (directory / "templates/deployment-cache-server.yaml").read_text()
        old |= set(re.findall(r"\.Values\.(cacheserverSpec\.\w+)", template))
    gone = [name for name in sorted(old) if not any(word == name or word.startswith(name + ".") for word in words)]
    assert not gone, f"README.md does not say where {gone} went"
    return f"{len(old)} names of {len(charts)} production-stack charts have their place"


def is_in(schema, name):
    node = schema
    for part in name.replace("[]", ".*").split("."):
        below = children(schema, node)
        if part not in below:
            free = resolved(schema, node)
            return "properties" not in free or "additionalProperties" not in free
        node = below[part]
    return True
