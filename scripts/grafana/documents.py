"""Reads a built dashboard: its panels, wherever they are, and the queries in them."""

import re


def panels(document):
    """Every panel but the headings, those within closed rows too."""
    for panel in document["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def headings(document):
    return [panel for panel in document["panels"] if panel["type"] == "row"]


def queries(document):
    """Where a query is, and the query: of all panels, and of the marks on them."""
    for panel in panels(document):
        for target in panel["targets"]:
            legend = target["legendFormat"]
            yield f"panel {panel['id']}, {panel['title']}: {legend}", target["expr"]
    for mark in document["annotations"]["list"]:
        yield f"mark {mark['name']}", mark["expr"]


def variables(document):
    return {variable["name"]: variable for variable in document["templating"]["list"]}


def filled_in(query, values, span):
    """A query as Grafana asks it: values by variable, each a text, a list of texts, or all."""
    for name, value in values.items():
        query = re.sub(rf"\${name}\b|\${{{name}}}", lambda _: value if isinstance(value, str) else choice(value), query)
    return re.sub(r"\$__(rate_interval|range|interval)\b", span, query)


def choice(values):
    """Several values as one expression; Grafana writes each backslash twice, since it stands in a string."""
    escaped = [re.sub(r"([\\^$*+?.()|{}\[\]])", r"\\\\\1", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
