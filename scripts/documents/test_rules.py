"""Each command of the documents is typed by a walk, by another test, or is known to need what no test has."""

import os
import re
import unittest

import commands
import rules


class RuleTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.walked = {(walk.document, command) for walk in rules.WALKS for command in typed(walk)}
        cls.rest = [found for found in commands.everything() if found not in cls.walked]

    def test_what_begins_a_command_is_seen(self):
        text = """
    { printf 'a: b\\n'; cat file; } | \\
        kubectl apply -f -
    sed 's/a/b/' file
    source <(lmcache-server completions bash)
    python3 -m http.server
    {"a": 1}
    sed: no such file
"""
        found = commands.blocks("page", text)[0].commands()
        self.assertEqual([command.split()[0] for command in found], ["{", "sed", "source", "python3"])
        self.assertTrue(found[0].endswith("-f -"))
        prose = "By `sed 's/a/b/'`, `source <(a)`, `{ cat a; }`; `sed`, `{name: a}` are names."
        self.assertEqual(len(commands.inline("page", prose)), 3)

    def test_every_command_is_accounted_for(self):
        for document, command in self.rest:
            with self.subTest(document=document, command=command):
                self.assertTrue(
                    any(re.match(rule[0], command) for rule in rules.RULES),
                    "add it to scripts/documents/rules.py: what types it, or why nobody can")

    def test_every_rule_is_needed(self):
        for rule in rules.RULES:
            with self.subTest(rule=rule[0]):
                self.assertTrue(any(re.match(rule[0], command) for _, command in self.rest))

    def test_every_walk_has_commands(self):
        for walk in rules.WALKS:
            with self.subTest(document=walk.document, heading=walk.heading):
                self.assertTrue(walk_blocks(walk))
                text = "\n".join("\n".join(block.lines) for block in walk_blocks(walk))
                for word in (*walk.without, *(walk.means if walk.means is not rules.SHORT else ())):
                    self.assertIn(word, text)

    def test_what_is_said_to_be_tested_is(self):
        for rule in rules.RULES:
            if len(rule) == 3:
                with self.subTest(rule=rule[0]):
                    # A rule's own words are no evidence of it.
                    self.assertFalse(rule[1].startswith("scripts/documents/"), rule[1])
                    self.assertTrue(rule[2] in commands.read(rule[1]), f"{rule[1]} has no {rule[2]}")

    def test_what_is_said_to_be_walked_is(self):
        for rule in rules.RULES:
            if isinstance(rule[1], rules.Typed):
                walks = [walk for walk in rules.WALKS
                         if (walk.document, walk.heading) == (rule[1].document, rule[1].heading)]
                self.assertEqual(len(walks), 1, rule[1])
                for match in filter(None, (re.match(rule[0], command) for _, command in self.rest)):
                    with self.subTest(command=match.string):
                        self.assertTrue(any(f"{command} ".startswith(f"{match.group(1)} ") for command in typed(walks[0])))


def typed(walk):
    """The commands of a walk."""
    return [command for block in walk_blocks(walk) for command in block.commands() if not command.startswith(walk.without)]


def walk_blocks(walk):
    found = commands.blocks(walk.document, commands.read(walk.document))
    return [block for block in found if block.heading == walk.heading and block.commands()]


if __name__ == "__main__":
    unittest.main()
