"""Clients that are wrong, too large or too slow get a reason, and the server lives on."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator

import pytest

from .conftest import BODY, POINTS, SECONDS
from .running import Server, answer

PATH = "/v1/models/growth:predict"
GOOD = json.dumps({"instances": [0.5]}).encode()


@pytest.fixture(autouse=True)
def lives_on(server: Server) -> Iterator[None]:
    """After each of these a good request is answered."""
    yield
    assert server.post(PATH, content=GOOD).status_code == 200


def raw(server: Server, text: str) -> bytes:
    """The answer to what is written, where nothing follows."""
    connection = server.connect()
    connection.sendall(text.encode())
    return answer(connection)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b'{"instances": [0.5]', b"[" * 5000, b'{"instances": [1%s]}' % (b"0" * 5000)]
)
@pytest.mark.parametrize("path", [PATH, "/v2/models/growth/infer"])
def test_bad_json(server: Server, path: str, content: bytes):
    found = server.post(path, content=content)
    assert found.status_code == 400
    assert found.json()["error"].startswith("Invalid JSON: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_finite_number(server: Server, number: str):
    found = server.post(PATH, content=f'{{"instances": [0.5, {number}]}}')
    assert found.status_code == 400
    assert "x[1] is " in found.json()["error"]


def test_what_a_client_wrote_is_repeated_in_short(server: Server):
    found = server.post("/v2/models/growth/infer", json={"inputs": [{"name": "x" * 100_000, "shape": [1]}]})
    assert found.status_code == 400
    assert len(found.content) < 1000


def test_too_many_points(server: Server):
    found = server.post(PATH, json={"instances": [0.5] * (POINTS + 1)})
    assert found.status_code == 413
    assert found.json()["error"] == f"{POINTS + 1} points are given; one request takes {POINTS} at most"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body(server: Server, chunked: bool):
    parts = [b" " * BODY] * 5
    found = server.post(PATH, content=iter(parts) if chunked else b"".join(parts))
    assert found.status_code == 413
    assert f"more than {BODY} bytes" in found.json()["error"]
    assert found.headers["connection"] == "close"


def test_a_huge_body_that_is_asked_for_first(server: Server):
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"
    assert raw(server, head).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_end(server: Server):
    connection = server.connect()
    connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n".encode())
    with pytest.raises(OSError):  # the server ends the connection: it does not read on for ever
        for _ in range(10_000):
            connection.sendall(b" " * BODY)
    connection.close()


def test_a_packed_body(server: Server):
    found = server.post(PATH, content=gzip.compress(GOOD), headers={"Content-Encoding": "gzip"})
    assert found.status_code == 415
    assert "packed by 'gzip'" in found.json()["error"]


def test_clients_that_are_too_slow(server: Server):
    post = f"POST {PATH} HTTP/1.1\r\nHost: a\r\n"
    live = "GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    begun = {"body": post + 'Content-Length: 100\r\n\r\n{"inst', "nothing": "", "line": "POST /v1/mod", "head": post}
    connections = {name: server.connect() for name in (*begun, "second")}
    connections["second"].sendall(live.encode())
    first = b""
    while not first.endswith(b"}"):  # head and body may come one after the other
        first += connections["second"].recv(65536)
    assert first.startswith(b"HTTP/1.1 200 ")
    for name, text in {**begun, "second": "GET /v2/heal"}.items():
        connections[name].sendall(text.encode())
    assert server.get("/v2/health/live").status_code == 200  # nobody else waits for them
    for name, connection in connections.items():
        found = answer(connection)
        assert found.startswith(b"HTTP/1.1 408 "), name
        part = "body" if name == "body" else "head of the request"
        assert f"the {part} did not come within {SECONDS:g} seconds".encode() in found


def test_a_client_that_sends_slowly_but_in_time(server: Server):
    connection = server.connect()
    for part in (f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(GOOD)}\r\n".encode(), b"\r\n", GOOD):
        time.sleep(0.25 * SECONDS)
        connection.sendall(part)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    connection.close()


def test_what_is_no_http(server: Server):
    head, _, body = raw(server, "what is this?\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body) == {"error": "this is no HTTP/1.1"}


def test_a_body_whose_chunks_are_none(server: Server):
    found = raw(server, f"POST {PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n\r\n")
    assert json.loads(found.partition(b"\r\n\r\n")[2])["error"]


def test_a_client_that_goes_away(server: Server):
    connection = server.connect()
    connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n".encode())
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("POST", "/nothing", 404), ("GET", PATH, 405), ("DELETE", "/v2", 405)],
)
def test_routes_that_are_not_there(server: Server, method: str, path: str, status: int):
    found = server.ask(method, path)
    assert found.status_code == status
    assert found.json()["error"]


def test_what_a_client_writes_makes_no_lines_of_the_log_and_no_labels(server: Server):
    assert server.get("/a%0AERROR%20forged").status_code == 404
    text = server.get("/metrics").text
    assert "forged" not in text
    assert 'route="none",status="404"' in text
    assert 'route="/v1/models/{name}:predict",status="200"' in text
