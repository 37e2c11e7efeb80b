"""What the answers of a Prometheus are worth: who asks has no data, which rules it read otherwise."""

import math
import re


def has_data(answer):
    """A series without a number shows nothing: shares of nothing are none."""
    return any(math.isfinite(float(series["value"][1])) for series in answer)


def without_data(ask, queries):
    """The places whose query brings nothing back."""
    return [f"{place}: {query}" for place, query in queries if not has_data(ask(query))]


def seconds(text):
    """5m, 1h: as rules have them."""
    number, unit = re.fullmatch(r"(\d+)([smhd])", text).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


def differing(ours, theirs):
    """Rules that Prometheus read otherwise than rules.py, or could not work out."""
    found = []
    if [rule["alert"] for rule in ours] != [rule["name"] for rule in theirs]:
        return ["other names, or another order"]
    for mine, read in zip(ours, theirs):
        name = mine["alert"]
        if mine["labels"] != read["labels"] or mine["annotations"] != read["annotations"]:
            found.append(f"{name}: other labels or annotations")
        if seconds(mine.get("for", "0s")) != read["duration"]:
            found.append(f"{name}: another time")
        if read["health"] == "err":
            found.append(f"{name}: {read.get('lastError')}")
    return found
