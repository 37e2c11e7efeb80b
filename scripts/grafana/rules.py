"""Reads deploy/grafana/alerts.yaml without a library: the little of YAML that it is written in, and nothing else.

scripts/grafana-test.sh compares what is read here with what Prometheus reads.
"""

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "..", "..", "deploy", "grafana", "alerts.yaml")
FIELDS = {"alert", "expr", "for"}
GROUPS = {"labels", "annotations"}


class NotUnderstood(Exception):
    pass


def indentation(line):
    return len(line) - len(line.lstrip(" "))


def value(text, lines, above):
    """What stands behind a name: plain or quoted on its line, or the block of lines below it."""
    if text not in ("|", ">-"):
        return text[1:-1] if text.startswith('"') and text.endswith('"') else text
    block = []
    while lines and (not lines[0].strip() or indentation(lines[0]) > above):
        block.append(lines.pop(0).strip())
    return " ".join(block)


def parse(text):
    """The rules in order, each with its fields; labels and annotations are dictionaries."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if [line.strip() for line in lines[:3]] != ["groups:", "- name: lmcache-server", "rules:"]:
        raise NotUnderstood("it begins otherwise")
    lines, rules, within = lines[3:], [], None
    while lines:
        line = lines.pop(0)
        match = re.fullmatch(r"( +)(- )?([a-z_]+):(?: (.*))?", line)
        if match is None:
            raise NotUnderstood(line)
        depth, name, rest = len(match[1]) + len(match[2] or ""), match[3], match[4]
        if match[2]:
            rules.append({"labels": {}, "annotations": {}})
        if name in GROUPS and rest is None and depth == 8:
            within = rules[-1][name]
        elif rest is not None and depth == 8 and name in FIELDS:
            rules[-1][name] = value(rest, lines, depth)
        elif rest is not None and depth == 10 and within is not None:
            within[name] = value(rest, lines, depth)
        else:
            raise NotUnderstood(line)
    return rules


def rules():
    with open(PATH) as file:
        return parse(file.read())
