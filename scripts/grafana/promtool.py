"""Has promtool test the rules by the cases of cases.py: promtool.py; ends with 0 when all is as they say."""

import json
import os
import re
import subprocess
import sys
import tempfile

import cases
import rules


def texts(rule, labels, shown):
    """A rule's annotations as they arrive: with labels filled in, and with the value as the case says it is shown."""
    def filled(text):
        text = re.sub(r"{{ \$labels\.(\w+) }}", lambda match: labels.get(match[1], ""), text)
        return re.sub(r"{{ \$value(?: \| \w+)? }}", lambda _: shown, text)

    return {name: filled(text) for name, text in rule["annotations"].items()}


def test(case, by_name):
    """A case as promtool takes it."""
    rule = by_name[case.alert]
    labels = (cases.HERE if case.here else {}) | case.labels | rule["labels"]
    alert = {"exp_labels": labels, "exp_annotations": texts(rule, labels, case.shown)}
    asked = [(minute, []) for minute in case.quiet] + [(minute, [alert]) for minute in case.fires]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case.samples.items()],
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": case.alert, "exp_alerts": alerts} for minute, alerts in asked],
    }


def document():
    by_name = {rule["alert"]: rule for rule in rules.rules()}
    return {"rule_files": [os.path.abspath(rules.PATH)], "evaluation_interval": "1m",
            "tests": [test(case, by_name) for case in cases.CASES]}


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(document(), file)  # which is YAML as well
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"grafana-test: promtool test rules: {done.stdout}{done.stderr}")
    print(f"promtool test rules: {len(cases.CASES)} cases of {len(rules.rules())} rules are as they should be")


if __name__ == "__main__":
    main()
