"""What docs/how-to/serving.md shows works."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

import numpy as np
import pytest

from collocate.serve.limits import Limits

from ..docs.blocks import ROOT, blocks
from .running import Server, answer

PAGE = ROOT / "docs" / "how-to" / "serving.md"


def test_every_request_that_it_shows_is_answered(server: Server):
    text = "".join(block.text for block in blocks(PAGE, "sh")) + "\n".join(PAGE.read_text().split("`"))
    asked = {line for line in text.splitlines() if line.startswith("curl ")}
    assert len(asked) == 12
    for line in asked:
        _, *options, url = shlex.split(line)
        body = options[options.index("-d") + 1] if "-d" in options else None
        method = "POST" if body or "-X" in options else "GET"
        path = url.removeprefix("localhost:8000")
        found = server.ask(method, path, content=body, follow_redirects="-L" in options)
        assert found.status_code == 200, f"{line}\n{found.text}"


def test_its_client_is_answered(server: Server):
    (block,) = blocks(PAGE, "py")
    namespace: dict[str, object] = {}
    exec(
        block.text.replace("localhost:8000", server.address).replace(
            '"burgers", ', '"burgers", model_version="1", inputs='
        ),
        namespace,
    )
    assert np.shape(namespace["u_x"]) == (1000,)


def test_its_limits_are_those_there_are():
    text, limits = PAGE.read_text(encoding="utf-8"), Limits()
    for told in (
        f"more than {limits.client_seconds:g} seconds",
        f"{limits.body_bytes // 2**20} MiB, or more than {limits.points:,} points",
        f"free for {limits.answer_seconds:g} seconds, or more than {limits.connections} connections",
        f"bodies of {limits.held_bytes // 2**20} MiB are waiting",
        f"within {limits.stop_seconds} seconds",
    ):
        assert told in text


def test_the_page_of_a_solution_file_is_what_the_server_starts_with(server: Server):
    found = server.ask("GET", "/", follow_redirects=True)
    assert found.url.path == "/pages/burgers/1/"
    assert "<title>" in found.text
    (script, *_) = re.findall(r'<script src="([^"]+)"', found.text)
    assert server.get(f"/pages/burgers/1/{script}").status_code == 200


@pytest.mark.parametrize("step", ["..", "%2e%2e"])
@pytest.mark.parametrize("file", ["etc/passwd", "onnx/model.onnx"])
def test_nothing_beside_a_page_is_sent(server: Server, step: str, file: str):
    """The model that the server made lies in the folder that the page's folder is in."""
    assert [*Path(tempfile.gettempdir()).glob("collocate-serve-*/0/onnx/model.onnx")]
    up = 10 if file.startswith("etc") else 1
    with server.connect() as connection:  # a client of its own: others tidy up a path
        request = (
            f"GET /pages/burgers/1/{'/'.join([step] * up)}/{file} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(request.encode())
        assert answer(connection).startswith(b"HTTP/1.1 404 ")
