"""The pictures that the documents show: a small fleet at work for some minutes, seen in both themes and on a phone."""

import contextlib
import os
import time

from browser import View
from report import require
from stand import Load, Server

BYTES_MAX = 200 * 1024
SECONDS = 330
MODELS = ["meta-llama/Llama-3.1-70B-Instruct", "Qwen/Qwen2.5-32B-Instruct", "mistralai/Mistral-Small-24B"]
# A desk's screen as far as its lower edge, and a phone's.
VIEWS = [("page-light", "light", 1200, 1130), ("page-dark", "dark", 1200, 1130), ("page-phone", "dark", 390, 844)]


def take(browser, program, folder, target):
    os.makedirs(target, exist_ok=True)
    disk = os.path.join(folder, "disk")
    os.makedirs(disk)
    words = ["--memory", "256MiB", "--disk", disk, "--disk-size", "4GiB", "--disk-write", "all"]
    with contextlib.closing(Server(program, folder, *words)) as server:
        loads = [Load(server.port, f"127.0.0.{place}", MODELS, 300, 0.25, 512 * 1024, place) for place in range(2, 6)]
        for load in loads:
            load.start()
        time.sleep(SECONDS)
        notes = []
        for name, scheme, width, height in VIEWS:
            with View(browser, server.port, scheme, width, height) as view:
                view.wait_live()
                path = os.path.join(target, f"{name}.png")
                view.page.screenshot(path=path)
                view.require_silent()
            size = os.path.getsize(path)
            require(size < BYTES_MAX, f"{name}.png has {size} bytes")
            notes.append(f"{name}.png {size // 1024} KiB")
        for load in loads:
            load.end()
    return notes
