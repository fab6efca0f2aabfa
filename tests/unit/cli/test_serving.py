"""`collocate serve`, up to where it would listen; tests/serve has the rest."""

from __future__ import annotations

import importlib.util
import socket

import pytest

from collocate.cli import serving


def test_a_missing_package_is_told_with_the_extra(collocate, monkeypatch: pytest.MonkeyPatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "fastapi" else found(name))
    result = collocate("serve", "nowhere")
    assert result.exit_code == 2
    assert result.stderr.strip() == 'error: a server needs fastapi: pip install "collocate[serve]"'


def test_all_packages_of_the_server_are_asked_for():
    assert all(importlib.util.find_spec(package) for package in serving.PACKAGES)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["nowhere"], "nowhere is not there"), (["x", "--workers", "0"], "at least one worker"), ([], "Missing argument")],
)
def test_what_is_wrong_is_told_before_anything_listens(collocate, arguments: list[str], reason: str):
    result = collocate("serve", *arguments)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_a_port_that_is_taken_is_bad_input(solved, collocate):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = collocate("serve", solved[1] / "solution.collocate", "--port", port)
    assert result.exit_code == 2
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in result.stderr
