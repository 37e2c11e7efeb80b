"""Checks deploy/grafana/dashboard.json without a network: python3 -m unittest discover -s scripts/grafana"""

import json
import re
import unittest

import dashboard
import documents
import metrics_page
from panels import COLUMNS, VARIABLES

# As Grafana names them: shares, bytes of 1024s, seconds, events and requests a second.
UNITS = {"none", "short", "percentunit", "bytes", "binBps", "s", "cps", "reqps"}
KINDS = {"timeseries", "stat", "bargauge", "table", "state-timeline"}
# Names of colours are of a palette that has one for dark and one for light.
COLOURS = {"green", "orange", "red", "text"}
# What a scrape adds to every series.
OF_THE_SCRAPE = {"job", "instance", "namespace", "pod"}
# Of no use as a picture: what the log says at the start.
NOT_SHOWN = {"congestion_info"}
# What Grafana fills in by itself.
BUILT_IN = {"__rate_interval", "__range", "datasource"}


def cells(panel):
    """What a panel covers of the grid."""
    place = panel["gridPos"]
    columns = range(place["x"], place["x"] + place["w"])
    return {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}


class DashboardTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(dashboard.PATH) as file:
            cls.text = file.read()
        cls.document = json.loads(cls.text)
        cls.families = metrics_page.families()
        cls.series = metrics_page.series(cls.families)

    def test_it_is_what_the_rows_make(self):
        self.assertEqual(self.text, dashboard.text(), "run scripts/grafana/dashboard.py --write")

    def test_numbers_are_there_once(self):
        numbers = [panel["id"] for panel in [*documents.panels(self.document), *documents.headings(self.document)]]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertGreater(len(numbers), 60)

    def test_panels_of_a_row_differ_by_title_and_do_not_cover_each_other(self):
        for row in dashboard.ROWS:
            titles = [panel.title for panel in row.panels]
            self.assertEqual(len(titles), len(set(titles)), row.title)
        closed = [heading["panels"] for heading in documents.headings(self.document) if heading["collapsed"]]
        for group in [[panel for panel in self.document["panels"] if panel["type"] != "row"], *closed]:
            taken = set()
            for panel in group:
                self.assertFalse(taken & cells(panel), panel["title"])
                self.assertLess(max(x for x, _ in cells(panel)), COLUMNS, panel["title"])
                taken |= cells(panel)

    def test_every_panel_says_what_it_is_in_which_unit(self):
        for panel in documents.panels(self.document):
            with self.subTest(panel["title"]):
                self.assertGreater(len(panel["description"]), 10)
                self.assertTrue(panel["description"].endswith("."))
                self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
                self.assertIn(panel["type"], KINDS)
                self.assertTrue(panel["targets"] and all(target["legendFormat"] for target in panel["targets"]))
                references = [target["refId"] for target in panel["targets"]]
                self.assertEqual(len(references), len(set(references)))

    def test_every_series_and_label_is_one_of_the_page(self):
        for place, query in documents.queries(self.document):
            with self.subTest(place):
                found = list(metrics_page.selectors(query))
                self.assertTrue(found, "it asks for nothing of ours")
                labels = set(OF_THE_SCRAPE)
                for name, matched in found:
                    self.assertIn(name, self.series)
                    self.assertLessEqual(matched, self.series[name] | OF_THE_SCRAPE, name)
                    self.assertLessEqual(set(VARIABLES), matched, f"{name} is not of the chosen servers")
                    labels |= self.series[name]
                for group in re.findall(r"(?:by|on|group_left) \(([^)]*)\)", query):
                    self.assertLessEqual({label.strip() for label in group.split(",")}, labels)

    def test_legends_name_labels_that_the_query_leaves(self):
        for panel in documents.panels(self.document):
            for target in panel["targets"]:
                kept = {label.strip() for group in re.findall(r"by \(([^)]*)\)", target["expr"])
                        for label in group.split(",")}
                used = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                self.assertLessEqual(used, kept, panel["title"])

    def test_columns_of_tables_are_labels_that_the_query_leaves(self):
        for panel in documents.panels(self.document):
            if panel["type"] == "table":
                query = panel["targets"][0]["expr"]
                kept = {label.strip() for group in re.findall(r"(?:by|group_left) \(([^)]*)\)", query)
                        for label in group.split(",")}
                columns = set(panel["transformations"][0]["options"]["include"]["names"])
                self.assertLessEqual(columns - {"Value"} - OF_THE_SCRAPE, kept, panel["title"])
                self.assertIn("Value", columns)

    def test_counters_are_asked_for_as_rates(self):
        # A table of those who never did a thing asks for all that they ever did.
        since_the_start = {"client_puts_total", "client_read_by_others_total", "client_lookups_total",
                           "client_hits_total", "disk_found_chunks_total", "disk_recovery_seconds_total"}
        for place, query in documents.queries(self.document):
            bare = re.sub(r"(rate|increase)\([^()]*\)", "", query)
            for name, _ in metrics_page.selectors(bare):
                kind = self.families.get(name, ("histogram", None))[0]
                self.assertTrue(kind == "gauge" or name in since_the_start, f"{place}: {name} is a {kind}")

    def test_no_variable_is_unknown_or_unused(self):
        known = documents.variables(self.document)
        used = set(re.findall(r"\$\{?(\w+)", self.text))
        self.assertEqual(used - BUILT_IN - {"__all"}, set(VARIABLES))
        self.assertEqual(set(known), set(VARIABLES) | {"datasource"})
        for name in VARIABLES:
            for earlier in re.findall(r"\$(\w+)", known[name]["definition"]):
                self.assertIn(earlier, VARIABLES[: VARIABLES.index(name)])

    def test_the_source_of_data_is_always_the_chosen_one(self):
        uids = set(re.findall(r'"uid": "([^"]+)"', self.text))
        self.assertEqual(uids, {"${datasource}", self.document["uid"]})

    def test_colours_suit_dark_and_light(self):
        self.assertFalse(re.search(r"#[0-9a-fA-F]{3,8}\b|rgb", self.text))
        self.assertNotIn("style", self.document)
        self.assertLessEqual(set(re.findall(r'"color": "([^"]+)"', self.text)), COLOURS)

    def test_every_family_of_the_page_is_shown(self):
        shown = {name for _, query in documents.queries(self.document) for name, _ in metrics_page.selectors(query)}
        shown = {re.sub("_(bucket|sum|count)$", "", name) if name not in self.families else name for name in shown}
        self.assertEqual(set(self.families) - shown, NOT_SHOWN)

    def test_it_fits_where_it_is_put(self):
        # A ConfigMap holds a mebibyte.
        self.assertLess(len(self.text), 512 << 10)


class FillingInTests(unittest.TestCase):
    def test_values_are_put_in_as_grafana_does(self):
        query = 'rate(a{job=~"$job", instance=~"$instance"}[$__rate_interval])'
        filled = documents.filled_in(query, {"job": ".*", "instance": ["h.a:1", "b"]}, "1m")
        self.assertEqual(filled, 'rate(a{job=~".*", instance=~"(h\\\\.a:1|b)"}[1m])')

    def test_selectors_are_read(self):
        query = 'sum(rate(lmcache_server_a_total{x="1", y=~"2,}"}[5m])) / lmcache_server_b'
        self.assertEqual(list(metrics_page.selectors('lmcache_server_a{x="1", y!~"2"} / lmcache_server_b')),
                         [("a", {"x", "y"}), ("b", set())])
        self.assertEqual([name for name, _ in metrics_page.selectors(query)], ["a_total", "b"])


if __name__ == "__main__":
    unittest.main()
