"""The server under test, and engines that use it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time

import lm

PATIENCE_SECONDS = 60


class Server:
    """A server on a port of its own that can be killed, started again in its place, and held still."""

    def __init__(self, program, folder, *words):
        self.program, self.words, self.folder, self.port = program, words, folder, 0
        self.start()

    def start(self):
        self.log = os.path.join(self.folder, "server.log")
        with open(self.log, "w") as output:
            self.process = subprocess.Popen(
                [self.program, "--host", "127.0.0.1", "--port", str(self.port), *self.words], stdout=output, stderr=output)
        self.port = until("the server listens", self.listening)

    def listening(self):
        with open(self.log) as log:
            text = log.read()
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {text[-2000:]}")
        match = re.search(r" listening .*?port=(\d+)", text)
        return int(match[1]) if match else None

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


def until(what, ready, pause=time.sleep):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if (found := ready()) not in (None, False):
            return found
        pause(0.1)
    raise AssertionError(f"{what}: not within {PATIENCE_SECONDS} s")


class Engine(lm.Client):
    """An engine at an address of its own: the whole 127.0.0.0/8 is this machine."""

    def __init__(self, port, address="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), 30, source_address=(address, 0))


@contextlib.contextmanager
def engine(port, address="127.0.0.1"):
    connected = Engine(port, address)
    try:
        yield connected
    finally:
        connected.close()


def key(model, number):
    return f"vllm@{model}@1@0@{number:016x}"


class Load(threading.Thread):
    """An engine's day in short: prompts that come again, the popular ones more often; what is not found is stored."""

    def __init__(self, port, address, models, prompts, pause, bytes_of_chunk, seed):
        super().__init__(daemon=True)
        import random

        self.port, self.address, self.models, self.prompts, self.pause = port, address, models, prompts, pause
        self.value, self.random, self.ended = os.urandom(bytes_of_chunk), random.Random(seed), threading.Event()

    def run(self):
        with engine(self.port, self.address) as client:
            while not self.ended.wait(self.pause * self.random.uniform(0.5, 1.5)):
                prompt = (int(self.random.paretovariate(0.5)) - 1) % self.prompts
                model = self.models[prompt % len(self.models)]
                for chunk in range(4 + prompt % 5):
                    name = key(model, prompt * 64 + chunk)
                    if not client.ask(lm.EXIST, name) or client.get(name) is None:
                        client.put(name, self.value)

    def end(self):
        self.ended.set()
        self.join(30)
