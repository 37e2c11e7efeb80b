"""Where the documents lead: files, pictures and headings of this repository."""

import glob
import os
import re

import commands

# docs/performance is left out: its pieces are put into pages of docs/, and their links are relative to those.
PAGES = ["README.md", "docs/*.md", "docs/decisions/*.md", "deploy/**/README.md", "proto/*.md", "Tests/Clients/README.md"]
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|\b(?:src|srcset|href)=\"([^\" ]+)[^\"]*\"")


def pages():
    found = []
    for pattern in PAGES:
        found += sorted(glob.glob(os.path.join(commands.ROOT, pattern), recursive=True))
    return [os.path.relpath(name, commands.ROOT) for name in found]


def prose(text):
    """The page without what stands between fences."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M)


def anchors(text):
    """Of each heading, as GitHub makes them: the second of the same words ends with -1."""
    found = []
    for heading in re.findall(r"^#+ (.*)$", prose(text), re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")
        count = sum(other == anchor or re.fullmatch(re.escape(anchor) + r"-\d+", other) is not None for other in found)
        found.append(f"{anchor}-{count}" if count else anchor)
    return set(found)


def links(text):
    """What a page links to or shows, but for what is elsewhere in the world."""
    found = [one or other for one, other in LINK.findall(prose(text))]
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def broken(page, text):
    """The links of a page that lead nowhere."""
    return [target for target in links(text) if not leads(page, text, target)]


def leads(page, text, target):
    name, _, anchor = target.partition("#")
    path = os.path.normpath(os.path.join(os.path.dirname(page), name)) if name else page
    if path.startswith("..") or not os.path.exists(os.path.join(commands.ROOT, path)):
        return False
    if not anchor:
        return True
    return path.endswith(".md") and anchor in anchors(commands.read(path) if name else text)
