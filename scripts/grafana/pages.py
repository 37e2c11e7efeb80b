"""Reads documents of the repository: their text, their anchors, their tables, the commands that they tell."""

import os
import re
import textwrap

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def text(path):
    with open(os.path.join(ROOT, path)) as page:
        return page.read()


def anchors(path):
    """The anchor of each heading, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text(path), re.MULTILINE)}


def section(path, title):
    """What stands below a heading, up to the next of any level."""
    return re.split(r"\n#+ ", text(path).split(f"# {title}\n", 1)[1])[0]


def links(path, title):
    """Where a section leads, as (page, anchor); the page is empty where it is the same one."""
    return re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", section(path, title))


def command(path, begins):
    """A command in an indented block, from the line that begins so to the end of the block."""
    block = text(path).split(f"\n    {begins}", 1)[1].split("\n\n")[0]
    return textwrap.dedent(f"    {begins}{block}")
