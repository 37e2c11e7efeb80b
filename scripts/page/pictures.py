"""The pictures that the documents show: a small fleet at work for some minutes, a server that holds nothing, and one that
holds ten thousand chunks of a hundred models; in both themes, and at work on a phone as well."""

import contextlib
import os
import time

import lm
from browser import View
from report import require
from stand import Load, Server, engine, key

BYTES_MAX = 200 * 1024
SECONDS = 330
MODELS = ["meta-llama/Llama-3.1-70B-Instruct", "Qwen/Qwen2.5-32B-Instruct", "mistralai/Mistral-Small-24B"]
# A desk's screen as far as its lower edge, and a phone's.
DESK = [("light", 1200, 1130), ("dark", 1200, 1130)]
PHONE = ("dark", 390, 844)


def take(browser, program, folder, target):
    os.makedirs(target, exist_ok=True)

    def see(port, name, scheme, width, height, show=None):
        path = os.path.join(target, f"{name}.png")
        with View(browser, port, scheme, width, height) as view:
            view.wait_live()
            if show:
                view.run(f"document.getElementById('{show}').closest('section').scrollIntoView()")
            view.page.screenshot(path=path)
            view.require_silent()
        size = os.path.getsize(path)
        require(size < BYTES_MAX, f"{name}.png has {size} bytes")
        return f"{name}.png {size // 1024} KiB"

    notes = []
    with contextlib.closing(Server(program, folder, "--memory", "256MiB")) as server:
        notes += [see(server.port, f"page-none-{scheme}", scheme, width, height) for scheme, width, height in DESK]
        with engine(server.port) as client:
            for number in range(10_000):
                client.put(key(f"org/model-{number % 100}", number), b"x" * 20_000)
            client.ask(lm.HEALTH, "")
        notes += [see(server.port, f"page-many-{scheme}", scheme, width, height, "models") for scheme, width, height in DESK]
    disk = os.path.join(folder, "disk")
    os.makedirs(disk)
    words = ["--memory", "256MiB", "--disk", disk, "--disk-size", "4GiB", "--disk-write", "all"]
    with contextlib.closing(Server(program, folder, *words)) as server:
        loads = [Load(server.port, f"127.0.0.{place}", MODELS, 300, 0.25, 512 * 1024, place) for place in range(2, 6)]
        for load in loads:
            load.start()
        time.sleep(SECONDS)
        notes += [see(server.port, f"page-{scheme}", scheme, width, height) for scheme, width, height in DESK]
        notes.append(see(server.port, "page-phone", *PHONE))
        for load in loads:
            load.end()
    return notes
