"""Runs the checks of scripts/page-test.sh."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import urllib.request

import feeds
import lm
import pictures
from browser import UNREACHABLE, View
from playwright.sync_api import sync_playwright
from report import Report, require
from stand import Server, engine, key

WIDTHS = [320, 360, 768, 1200, 2560]
MEMORY = ["--memory", "256MiB"]
UNREAD = ["NaN", "undefined", "[object", "null"]


def status(port):
    # No proxy stands between two processes of one host.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/status.json", timeout=30) as answer:
        return json.load(answer)


def require_reads_well(view):
    text = view.run("document.body.innerText")
    for word in UNREAD:
        require(word not in text, f"it says {word}")


def at_every_width(stand, server, name):
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            with View(stand.browser, server.port, scheme, width) as view:
                view.wait_live().require_fits()
                require_reads_well(view)
                if width in (360, 1200):
                    view.require_accessible()
                    view.page.screenshot(path=os.path.join(stand.folder, f"{name}-{scheme}-{width}.png"), full_page=True)
                view.require_silent()


def nothing(stand, server):
    at_every_width(stand, server, "none")
    with View(stand.browser, server.port) as view:
        view.wait_live()
        require("Nothing is held" in view.text("models"), view.text("models"))
        require(view.text("title") not in ("One moment", "No answer"), view.text("title"))


def traffic(stand, server):
    """What an engine stored and fetched is on the page as the server counts it."""
    model = "meta-llama/Llama-3.1-8B-Instruct"
    with View(stand.browser, server.port) as view, engine(server.port) as client:
        view.wait_live()
        for number in range(40):
            client.put(key(model, number), os.urandom(65536))
        for number in range(60):
            require((client.get(key(model, number)) is not None) == (number < 40), f"chunk {number}")
        view.until("the model has its row", lambda: model in view.text("models"))
        view.until("its chunks are in the row", lambda: "40 chunks" in view.text("models"))
        view.until("its hits are in the totals", lambda: "Found in memory\t40" in view.text("totals"))
        require("Not found\t20" in view.text("totals"), view.text("totals"))
        view.until("the history has it", lambda: view.run("charts[0].gathered.bins.some((bin) => bin.hits_memory > 0)"))
        require(view.run("charts[0].plot.querySelectorAll('path').length") > 0, "the chart of the hit ratio is empty")
        view.page.click("#charts summary >> nth=0")
        view.until("its figures are beneath the chart",
                   lambda: view.run("document.querySelectorAll('#charts details[open] tbody tr').length") > 0)
        require_reads_well(view)
        view.require_silent()


def strangers(stand, server):
    """A model's name that means harm is text, wherever it is shown."""
    name = "<img/src=x/onerror=window.harmed=1>"
    with View(stand.browser, server.port) as view, engine(server.port) as client:
        for number in range(3):
            client.put(key(name, number), b"x" * 4096)
        view.wait_live().until("the name is there", lambda: name in view.text("models"))
        require(view.run("document.querySelectorAll('img').length") == 0, "it became an element")
        require(view.run("window.harmed === undefined"), "it ran")
        view.require_silent()


def ten_thousand(stand, server):
    with engine(server.port) as client:
        for number in range(10_000):
            client.put(key(f"org/model-{number % 100}", number), b"x" * 512)
        client.ask(lm.HEALTH, "")
    held = sum(row["memory_chunks"] + row["disk_chunks"] for row in status(server.port)["models"])
    require(held >= 10_000, f"{held} chunks are held")
    with View(stand.browser, server.port) as view:
        view.wait_live()
        view.until("they are counted", lambda: int(view.run(
            "document.querySelectorAll('#figures dd')[3].firstChild.textContent").replace(",", "")) >= 10_000)
    at_every_width(stand, server, "many")


def themes(stand, server):
    ground = "getComputedStyle(document.body).backgroundColor"
    with View(stand.browser, server.port, "light") as light, View(stand.browser, server.port, "dark") as dark:
        bright, dim = light.run(ground), dark.run(ground)
        require(bright != dim, "both schemes of the system look the same")
        seen = []
        for _ in range(3):
            light.page.click("#theme")
            seen.append((light.text("theme"), light.run(ground)))
        require(seen == [("Colours: light", bright), ("Colours: dark", dim), ("Colours: system", bright)], f"{seen}")
        light.page.click("#theme")
        light.page.click("#theme")
        light.page.reload()
        light.wait_live()
        require((light.text("theme"), light.run(ground)) == ("Colours: dark", dim), "the choice was forgotten")
        light.require_silent()


def hidden(stand, server):
    """Nobody looks: nothing is asked. Somebody looks again: it is asked at once."""
    with View(stand.browser, server.port) as view:
        view.wait_live()
        view.run("window.isBehind = true; document.dispatchEvent(new Event('visibilitychange'))")
        view.until("it says that it pauses", lambda: view.text("live") == "Paused")
        view.page.wait_for_timeout(1000)
        before = view.polls()
        view.page.wait_for_timeout(7000)
        require(view.polls() == before, f"{view.polls() - before} requests from behind")
        view.run("window.isBehind = false; document.dispatchEvent(new Event('visibilitychange'))")
        view.until("it goes on", lambda: view.polls() > before and view.live() == "live")
        view.require_silent()


def gone(stand, server):
    """Killed and started anew: the page says so, keeps the figures as old, and comes back by itself."""
    with View(stand.browser, server.port) as view:
        view.wait_live()
        server.kill()
        view.until("it says that no answer comes", lambda: view.text("title") == "No answer")
        require("cannot be reached" in view.text("why"), view.text("why"))
        require(view.run("'old' in document.getElementById('rest').dataset"), "old figures look like new ones")
        require("probe 127.0.0.1" in view.text("change"), view.text("change"))
        view.page.screenshot(path=os.path.join(stand.folder, "gone.png"))
        view.require_accessible()
        server.start()
        view.until("it is back", lambda: view.live() == "live" and view.text("title") != "No answer")
        require(view.run("!('old' in document.getElementById('rest').dataset)"), "new figures look old")
        view.require_silent(but=UNREACHABLE)


def stalled(stand, server):
    """It accepts and says nothing."""
    with View(stand.browser, server.port) as view:
        view.wait_live()
        server.send(signal.SIGSTOP)
        try:
            view.until("it says that no answer comes", lambda: view.text("title") == "No answer")
            require("nothing came within 5 s" in view.text("why"), view.text("why"))
        finally:
            server.send(signal.SIGCONT)
        view.until("it is back", lambda: view.live() == "live")
        view.require_silent(but=UNREACHABLE)


def headlines(stand, server):
    for state, tone in feeds.STATES.items():
        with View(stand.browser, server.port, feed=feeds.feed(state)) as view:
            view.wait_live()
            require(view.text("title") == f"Title of {state}" and view.text("why") == f"Why {state}.", view.text("headline"))
            require(view.text("change-text") == f"Change {state}.", view.text("headline"))
            require(view.run("document.getElementById('headline').dataset.tone") == tone, f"{state} has another tone")
            require("78 % in memory instead of 61 %" in view.text("rooms-say"), view.text("rooms-say"))
            require("3 h 25 min" in view.text("rooms-say"), view.text("rooms-say"))
            view.require_accessible()
            view.require_silent()


def harmful(stand, server):
    with View(stand.browser, server.port, width=360, feed=feeds.feed(names=feeds.HARMFUL)) as view:
        view.wait_live().require_fits()
        require(view.run("document.querySelectorAll('img, body script').length") == 0, "a name became an element")
        require(view.run("window.harmed === undefined"), "a name ran")
        require(view.run("document.querySelectorAll('#models bdi').length") == len(feeds.HARMFUL), "a row is missing")
        view.require_silent()


def broken(stand, server):
    with View(stand.browser, server.port, feed=feeds.feed()) as view:
        view.wait_live()
        count = 0
        for feed in feeds.broken():
            view.page.evaluate("(text) => show(object(JSON.parse(text)))", json.dumps(feed))
            require_reads_well(view)
            count += 1
        view.require_fits()
        view.require_silent()
        return f"{count} feeds"


CHECKS = [
    ("nothing held: in both themes, from 320 to 2560 pixels, nothing beyond the edge, nothing for axe to say", nothing),
    ("traffic is on the page as the server counts it", traffic),
    ("a model's name with markup in it is text", strangers),
    ("ten thousand chunks of a hundred models", ten_thousand),
    ("the system's theme, and the one that is chosen", themes),
    ("a hidden tab asks nothing", hidden),
    ("a server that is gone, and back", gone),
    ("a server that stands still", stalled),
    ("every headline has its words and its tone", headlines),
    ("names that mean harm, in every place", harmful),
    ("feeds with something missing or of another kind", broken),
]


class Stand:
    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--browser", required=True)
    parser.add_argument("--screenshots")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if not any(options.only in what for what, _ in CHECKS):
        parser.error(f"no check has {options.only!r} in its name")
    report, folder = Report(), tempfile.mkdtemp(prefix="page-test-")
    with sync_playwright() as driver:
        # Containers and CI run this as root, where Chromium has no sandbox.
        browser = driver.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        stand = Stand(browser, folder)
        with contextlib.closing(Server(options.server, folder, *MEMORY)) as server:
            for what, run in CHECKS:
                if options.only not in what:
                    continue
                with report.check(what) as notes:
                    if note := run(stand, server):
                        notes.append(note)
        if options.screenshots:
            with report.check("pictures for the documents") as notes:
                notes += pictures.take(browser, options.server, folder, options.screenshots)
        browser.close()
    ending = report.close()
    if ending == 0:
        shutil.rmtree(folder)
    else:
        print(f"page-test: what the browser saw: {folder}", file=sys.stderr)
    sys.exit(ending)


main()
