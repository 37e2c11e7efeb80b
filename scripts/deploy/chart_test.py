"""What can be said of our chart without Helm, Kubernetes' schemas or anything else that is not Python's own."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/lmcache-server"


class ChartTests(unittest.TestCase):
    def setUp(self):
        self.schema = json.loads((CHART / "values.schema.json").read_text())
        self.templates = {file.name: file.read_text() for file in (CHART / "templates").iterdir()}

    def known(self, names):
        """Whether the schema has a value of this name, or leaves open what is below a part of it."""
        node = self.schema
        for name in names:
            if "properties" not in node:
                return False
            if name not in node["properties"]:
                return False
            node = node["properties"][name]
        return True

    def test_templates_read_what_the_schema_has(self):
        for file, text in self.templates.items():
            for found in re.findall(r"\.Values((?:\.\w+)+)", text):
                with self.subTest(file=file, value=found):
                    self.assertTrue(self.known(found.split(".")[1:]))

    def test_every_value_of_the_schema_is_read(self):
        text = "".join(self.templates.values())
        for name in set(self.schema["properties"]) - {"global"}:
            with self.subTest(value=name):
                self.assertRegex(text, rf"\.Values\.{name}\b")

    def test_every_included_template_is_defined(self):
        text = "".join(self.templates.values())
        defined = re.findall(r'define "([^"]+)"', text)
        self.assertEqual(len(defined), len(set(defined)))
        self.assertEqual(set(re.findall(r'include "([^"]+)"', text)), set(defined))

    def test_the_alerts_are_a_copy(self):
        original, copy = ROOT / "deploy/grafana/alerts.yaml", CHART / "files/alerts.yaml"
        self.assertEqual(copy.read_bytes(), original.read_bytes(), f"cp {original} {copy}")

    def test_the_version_is_the_program_s(self):
        number = re.search(r'number = "([^"]+)"', (ROOT / "Sources/Setup/Options/Version.swift").read_text()).group(1)
        chart = (CHART / "Chart.yaml").read_text()
        self.assertEqual(re.search(r'^appVersion: "(.+)"$', chart, re.M).group(1), number)

    def test_the_readme_says_what_the_pod_asks_for(self):
        readme = (ROOT / "README.md").read_text()
        block = re.search(r"^resources:\n((?:  .*\n)+)", (CHART / "values.yaml").read_text(), re.M).group(1)
        asked, part = {}, None
        for name, value in re.findall(r'^ +(\w+):(?: "?(\w+)"?)?$', block, re.M):
            part = part if value else name
            if value:
                asked[f"resources.{part}.{name}"] = value
        cpus, memory = re.search(r"asks for (\d+) CPUs and (\w+) of memory", readme).groups()
        self.assertEqual(asked, {f"resources.{part}.{name}": value for part in ("requests", "limits")
                                 for name, value in (("cpu", cpus), ("memory", memory))})  # fmt: skip
        # What makes it small leaves nothing as it was.
        small = dict(word.split("=") for word in re.search(r"--set (resources\S+)`", readme).group(1).split(","))
        self.assertEqual(small.keys(), asked.keys())
        self.assertFalse(small.items() & asked.items())

    def test_the_port_is_the_program_s(self):
        port = re.search(r"^containerPort: (\d+)$", (CHART / "values.yaml").read_text(), re.M).group(1)
        self.assertIn(f"EXPOSE {port}\n", (ROOT / "Dockerfile").read_text())


if __name__ == "__main__":
    unittest.main()
