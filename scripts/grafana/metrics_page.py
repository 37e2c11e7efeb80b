"""What docs/METRICS.md says that there is: families, their kinds and labels."""

import re

import pages
from panels import PREFIX

KINDS = ("counter", "gauge", "histogram")


def families():
    """Kind and labels by name."""
    found = {}
    for line in pages.text("docs/METRICS.md").split("\n"):
        cells = [cell.strip() for cell in line.split("|")]
        if line.startswith("| `") and cells[2] in KINDS:
            found[cells[1].strip("`")] = (cells[2], set(re.findall(r"`([a-z_]+)`", cells[3])))
    return found


def series(families):
    """Labels by the name of a series, of which a histogram has three."""
    found = {}
    for name, (kind, labels) in families.items():
        if kind == "histogram":
            found |= {f"{name}_{part}": labels for part in ("sum", "count")} | {f"{name}_bucket": labels | {"le"}}
        else:
            found[name] = labels
    return found


def selectors(query):
    """Name, with the labels that are matched, of each series of ours in a query."""
    for name, labels in re.findall(rf"\b{PREFIX}([a-z0-9_]+)(?:{{([^}}]*)}})?", query):
        yield name, set(re.findall(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"', labels))
