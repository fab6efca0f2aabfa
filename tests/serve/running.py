"""A server in a process of its own, started once for many tests."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

START = """
import sys
from collocate.serve.limits import Limits
from collocate.serve.server import serve
serve({sources!r}, port=0, workers={workers}, limits=Limits(**{limits!r}))
"""
PATIENCE = 120.0


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    log: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        return httpx.request(method, self.url + path, timeout=PATIENCE, **parts)

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def post(self, path: str, **parts: Any) -> httpx.Response:
        return self.ask("POST", path, **parts)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """The exit code, and what the log says."""
        self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, "".join(self.log) + rest


@contextmanager
def running(sources: list[str], workers: int = 1, start_new_session: bool = False, **limits: Any) -> Iterator[Server]:
    """Its log goes to standard error, which is read until it says where it listens."""
    code = START.format(sources=sources, workers=workers, limits=limits)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    options: dict[str, Any] = {"text": True, "env": environment, "start_new_session": start_new_session}
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, **options) as process:
        server = Server(process, 0)
        try:
            while server.port == 0:
                line = process.stderr.readline() if process.stderr else ""
                assert line, f"the server ended: {''.join(server.log)}"
                server.log.append(line)
                if found := re.search(r"listening at http://127\.0\.0\.1:(\d+)", line):
                    server.port = int(found[1])
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=PATIENCE)


def answer(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    with connection:
        while part := connection.recv(65536):
            found += part
    return found


def is_quiet(connection: socket.socket, seconds: float) -> bool:
    """Whether nothing comes for so long."""
    return not select.select([connection], [], [], seconds)[0]


def wait_for(condition: Any) -> None:
    """Until it holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
