"""What a dashboard is made of: rows of panels, each a few queries. Knows Grafana's JSON, and no metric."""

import dataclasses
import re

PREFIX = "lmcache_server_"
VARIABLES = ("job", "namespace", "pod", "instance")
CHOSEN = ", ".join(f'{name}=~"${name}"' for name in VARIABLES)
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
# A few queries are enough for one picture, and each has a letter.
LETTERS = "ABCDEFGH"


def written_out(query):
    """A query as Prometheus takes it: <name label="x"> is a family of the chosen servers, RATE the span of a rate."""
    def family(match):
        own = match[2].strip()
        return f"{PREFIX}{match[1]}{{{own + ', ' if own else ''}{CHOSEN}}}"

    return re.sub(r"<([a-z_]+)((?: [^<>]*)?)>", family, query).replace("RATE", "$__rate_interval")


@dataclasses.dataclass
class Panel:
    title: str
    unit: str
    description: str
    # Legend to query; the order is the one of the picture.
    queries: dict
    kind: str = "timeseries"
    width: int = 8
    height: int = 8
    # Said where nothing comes back, which is good news for some panels.
    nothing: str = ""
    # Values from which on a number turns orange and red; numbers alone are coloured.
    warns: tuple = ()
    # Of a table: columns by the label they show, in order.
    columns: dict = dataclasses.field(default_factory=dict)
    stacked: bool = False
    # Shares end at 1, which shows how far from all a line is.
    highest: float | None = None
    lowest: float | None = 0

    def json(self, number, place):
        shown = {
            "id": number, "type": self.kind, "title": self.title, "description": self.description, "datasource": SOURCE,
            "gridPos": place, "targets": [self.target(index) for index in range(len(self.queries))],
            "fieldConfig": {"defaults": self.defaults(), "overrides": []}, "options": self.options(),
        }
        if self.kind == "table":
            shown["transformations"] = self.arrangement()
        return shown

    def target(self, index):
        legend, query = list(self.queries.items())[index]
        once = self.kind in ("table", "bargauge")
        return {
            "refId": LETTERS[index], "datasource": SOURCE, "editorMode": "code", "expr": written_out(query),
            "legendFormat": legend, "instant": once, "range": not once,
            "format": "table" if self.kind == "table" else "time_series",
        }

    def defaults(self):
        colours = zip(("orange", "red"), self.warns)
        steps = [{"color": "green" if self.warns else "text", "value": None}]
        steps += [{"color": colour, "value": value} for colour, value in colours]
        found = {"unit": self.unit, "thresholds": {"mode": "absolute", "steps": steps}, "custom": self.custom()}
        # Lines and bars differ by colour; a number is plain until it warns.
        found["color"] = {"mode": "thresholds" if self.kind in ("stat", "table") else "palette-classic"}
        if self.kind in ("timeseries", "bargauge") and self.lowest is not None:
            found["min"] = self.lowest
        if self.highest is not None:
            found["max"] = self.highest
        if self.nothing:
            found["noValue"] = self.nothing
        return found

    def custom(self):
        if self.kind == "table":
            return {"align": "auto", "cellOptions": {"type": "auto"}}
        if self.kind != "timeseries":
            return {}
        return {
            "drawStyle": "line", "lineWidth": 1, "fillOpacity": 30 if self.stacked else 8, "showPoints": "never",
            "spanNulls": False, "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
        }

    def options(self):
        last = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        if self.kind == "stat":
            return {"reduceOptions": last, "colorMode": "value", "graphMode": "area", "textMode": "auto",
                    "justifyMode": "auto", "orientation": "auto"}
        if self.kind == "bargauge":
            return {"reduceOptions": last, "displayMode": "basic", "orientation": "horizontal", "showUnfilled": True}
        if self.kind == "table":
            return {"showHeader": True, "cellHeight": "sm"}
        legend = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
        if self.kind == "state-timeline":
            return {"legend": legend | {"showLegend": False}, "tooltip": {"mode": "single", "sort": "none"},
                    "showValue": "never", "mergeValues": True, "rowHeight": 0.8}
        return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}

    def arrangement(self):
        """Shows the columns that were asked for, in order, whatever other labels a series has."""
        order = {name: index for index, name in enumerate(self.columns)}
        return [
            {"id": "filterFieldsByName", "options": {"include": {"names": list(self.columns)}}},
            {"id": "organize", "options": {"excludeByName": {}, "indexByName": order, "renameByName": self.columns}},
        ]


@dataclasses.dataclass
class Row:
    title: str
    panels: list
    collapsed: bool = False


def laid_out(rows):
    """All rows as Grafana has them: those of a collapsed row are within it. Numbers and places follow the order."""
    found, number, top = [], 0, 0
    for row in rows:
        number += 1
        heading = {"id": number, "type": "row", "title": row.title, "collapsed": row.collapsed, "panels": [],
                   "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top}}
        found.append(heading)
        top, left, highest = top + 1, 0, 0
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                top, left, highest = top + highest, 0, 0
            number += 1
            place = {"h": panel.height, "w": panel.width, "x": left, "y": top}
            (heading["panels"] if row.collapsed else found).append(panel.json(number, place))
            left, highest = left + panel.width, max(highest, panel.height)
        top += highest
    return found
