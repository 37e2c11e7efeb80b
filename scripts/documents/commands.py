"""The commands that the documents tell people to type, in their order."""

import glob
import os
import re
from dataclasses import dataclass

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DOCUMENTS = [
    "README.md", "docs/*.md", "docs/decisions/*.md", "docs/performance/*.md", "deploy/*.md", "deploy/*/*.md",
    "deploy/*/*/*.md", "Tests/Clients/README.md",
]
# What a command begins with; behind a prompt, or a variable that is set for it alone. The rest of a block is output, or a file.
PROGRAMS = re.compile(
    r"(\$ )?([A-Z_]+=\S+ )*"
    r"(lmcache-(server|bench|policies) (?! )|((\./)?(scripts|deploy)/[\w/.-]+\.(sh|py)|curl|redis-cli|docker|podman|helm|kubectl"
    r"|swift|openssl|taskset|prometheus|promtool|systemctl|journalctl|dpkg|apt|apt-get|sudo|export|mkdir|cat|ask|man|pip"
    r"|sed|source|python3)\s|\{ (?=[a-z]))")
INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """Lines that are to be typed one after the other."""

    document: str
    heading: str
    lines: tuple

    def commands(self):
        """Each with the lines that belong to it: what it goes on with, and the file that it is fed."""
        commands, end = [], None
        for line in self.lines:
            if end is not None:
                commands[-1] += "\n" + line
                end = None if line == end else end
            elif commands and commands[-1].endswith("\\"):
                commands[-1] += "\n" + line
            elif PROGRAMS.match(line) or line.startswith(("(", "ask() ")):
                commands.append(line)
                here = re.search(r"<<'?(\w+)'?", line)
                end = here.group(1) if here else None
        return commands


def documents():
    names = []
    for pattern in DOCUMENTS:
        names += sorted(glob.glob(os.path.join(ROOT, pattern)))
    return [os.path.relpath(name, ROOT) for name in names]


def blocks(document, text):
    """The blocks of a page: between fences that name no language but a shell's, or indented by four."""
    heading, lines, fence = "", [], None
    found = []

    def close():
        if any(line.strip() for line in lines):
            found.append(Block(document, heading, tuple(lines)))
        lines.clear()

    for line in text.split("\n"):
        if match := re.match(r"\s*```(\w*)", line):
            close()
            fence = None if fence is not None else match.group(1)
        elif fence is not None:
            if fence in ("", "sh", "shell", "bash", "console"):
                lines.append(line)
        elif line.startswith("    "):
            lines.append(line[4:])
        elif line.strip():
            close()
            if match := re.match(r"#+ (.*)", line):
                heading = match.group(1)
    close()
    return found


def inline(document, text):
    """What stands between backticks and is more than a name."""
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    return [(document, command) for command in INLINE.findall(prose) if PROGRAMS.match(command)]


def read(document):
    with open(os.path.join(ROOT, document)) as file:
        return file.read()


def everything():
    """(document, command) of all pages."""
    found = []
    for document in documents():
        text = read(document)
        for block in blocks(document, text):
            found += [(document, command) for command in block.commands()]
        found += inline(document, text)
    return found
