"""A page in a headless browser, and what is asked of it."""

import json
import pathlib

import axe_playwright_python
from report import require
from stand import until

AXE = next(pathlib.Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text()

# What no browser can be without while a server is away: it is the browser that says it, not the page.
UNREACHABLE = "Failed to load resource: net::"

# Stands in for a tab that goes behind another: a headless browser has none.
HIDING = """
window.isBehind = false;
Object.defineProperty(Document.prototype, 'hidden', { get() { return window.isBehind; } });
"""

BEYOND = """
() => [...document.querySelectorAll('body *')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.figures-table'))
  .map((each) => each.tagName + '.' + each.className).slice(0, 5)
"""


class View:
    """One tab, with a colour scheme and a width. Whatever it complains of is kept."""

    def __init__(self, browser, port, scheme="light", width=1200, height=900, feed=None, scale=1):
        self.context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, device_scale_factor=scale)
        self.context.add_init_script(HIDING)
        self.page = self.context.new_page()
        self.problems, self.asked = [], []
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("console", lambda said: self.problems.append(f"console: {said.type}: {said.text}"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.address = f"http://127.0.0.1:{port}/"
        if feed is not None:
            self.page.route("**/status.json", lambda route: route.fulfill(
                content_type="application/json", body=json.dumps(feed)))
        self.page.goto(self.address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def run(self, script):
        return self.page.evaluate(script)

    def text(self, place):
        return self.page.inner_text(f"#{place}")

    def live(self):
        return self.run("document.getElementById('live').dataset.live")

    def until(self, what, ready):
        return until(what, ready, lambda seconds: self.page.wait_for_timeout(seconds * 1000))

    def wait_live(self):
        self.until("the page is live", lambda: self.live() == "live")
        # A turn of the layout, in which charts take their width.
        self.page.wait_for_timeout(200)
        return self

    def polls(self):
        return sum(1 for url in self.asked if url.endswith("/status.json"))

    def require_fits(self):
        beyond = self.run(BEYOND)
        require(not beyond, f"beyond the right edge: {beyond}")
        width = self.run("document.documentElement.scrollWidth - innerWidth")
        require(width <= 0, f"scrolls sideways by {width}")

    def require_silent(self, but=None):
        left = [each for each in self.problems if but is None or but not in each]
        require(not left, "; ".join(left[:3]))
        strangers = [url for url in self.asked if not url.startswith((self.address, "data:"))]
        require(not strangers, f"asked elsewhere: {strangers[:3]}")

    def require_accessible(self):
        """Contrast, labels, headings, tables: everything that axe looks at."""
        self.run(AXE + "; 0")
        found = self.run("axe.run(document)")
        require(len(found["passes"]) > 15, "axe looked at hardly anything")
        broken = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]
        require(not broken, "; ".join(broken))
