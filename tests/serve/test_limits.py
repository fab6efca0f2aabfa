"""What one client takes is bounded, whatever it sends, and what all take together."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import TypeAdapter
from starlette.requests import Request

from collocate.serve import schemas, tf_serving
from collocate.serve.app import create
from collocate.serve.body import Bodies
from collocate.serve.connection import Connection
from collocate.serve.limits import Limits
from collocate.serve.refused import Refused
from collocate.serve.sources import Served, prepare

from .running import Server, answer, running, wait_for

MIB = 2**20
SECONDS = 1.0
LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n"
FORMATS = [schemas.PredictRequest, schemas.InferenceRequest]


@pytest.fixture(scope="module")
def served(sources: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Served, ...]:
    return prepare([str(sources["growth"])], tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def narrow(sources: dict[str, Path]) -> Iterator[Server]:
    """Two connections, and a second for each."""
    with running([str(sources["growth"])], connections=2, client_seconds=SECONDS) as started:
        yield started


def filled(start: bytes, part: bytes, end: bytes, size: int) -> bytes:
    return start + part * ((size - len(start) - len(end)) // len(part)) + b"0" + end


@pytest.mark.parametrize("asked", FORMATS)
@pytest.mark.parametrize("part", [b"0,", b"[],", b"{},"])
@pytest.mark.parametrize("field", [b"inputs", b"instances", b"outputs", b"not_known"])
def test_a_body_of_many_values_is_refused_before_it_is_parsed(asked: Any, part: bytes, field: bytes):
    body = filled(b'{"%s": [' % field, part, b"]}", Limits().body_bytes)
    tracemalloc.start()
    with pytest.raises(Refused, match="the JSON has more than 301000 values; one request takes 100000 points at most"):
        schemas.read(TypeAdapter(asked), body, 2, Limits())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MIB


@pytest.mark.parametrize(
    ("asked", "start", "part", "end"),
    [
        (schemas.InferenceRequest, b'{"inputs": [', b"0,", b"]}"),
        (schemas.InferenceRequest, b'{"inputs": [], "outputs": [', b"0,", b"]}"),
        (schemas.InferenceRequest, b'{"inputs": [{"name": "x", "datatype": "FP64", "shape": [', b'"a",', b"]}]}"),
        (schemas.PredictRequest, b'{"inputs": [', b'"a",', b"]}"),
        (schemas.PredictRequest, b'{"instances": [', b'{"x": "a"},', b"]}"),
    ],
)
def test_of_many_errors_one_is_kept(asked: Any, start: bytes, part: bytes, end: bytes):
    """An error takes about a kilobyte."""
    body = filled(start, part, end, 20_000 * len(part))
    tracemalloc.start()
    with pytest.raises(Refused) as refused:
        schemas.read(TypeAdapter(asked), body, 1, Limits())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.status == 400
    assert most < 2 * MIB


@pytest.mark.parametrize("place", ['{"inputs": [], "parameters": %s}', '{"inputs": %s}', '{"instances": [%s]}'])
def test_of_many_names_with_errors_one_is_kept(place: str):
    asked = schemas.InferenceRequest if "parameters" in place else schemas.PredictRequest
    body = (place % json.dumps({f"a{number}": {} for number in range(20_000)})).encode()
    tracemalloc.start()
    with pytest.raises(Refused, match=r"a0\b"):
        schemas.read(TypeAdapter(asked), body, 1, Limits())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * MIB  # all the names, which are what was given, and one error


def request(*chunks: bytes) -> Request:
    parts = [{"type": "http.request", "body": each, "more_body": True} for each in chunks]
    parts.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return parts.pop(0)

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_bodies_are_bounded_together_and_room_is_given_back():
    async def run() -> None:
        bodies = Bodies(Limits(body_bytes=100, held_bytes=150))
        async with bodies.read(request(b"a" * 50, b"a" * 50)) as first:
            assert first == b"a" * 100
            with pytest.raises(Refused, match="requests of 150 bytes wait already; ask again later") as refused:
                async with bodies.read(request(b"b" * 50, b"b")):
                    pass
            assert refused.value.status == 503
            async with bodies.read(request(b"c" * 50)) as third:  # what the second had is given back
                assert third == b"c" * 50
        async with bodies.read(request(b"d" * 100)) as fourth:
            assert fourth == b"d" * 100

    asyncio.run(run())


def test_what_is_not_computed_in_time_is_503(served: tuple[Served, ...], monkeypatch: pytest.MonkeyPatch):
    release, predict = Event(), tf_serving.predict

    def slowly(*given: Any, **named: Any) -> Any:
        release.wait(60)
        return predict(*given, **named)

    monkeypatch.setattr(tf_serving, "predict", slowly)
    transport = httpx.ASGITransport(create(served, Limits(answer_seconds=0.1), 1))

    async def run() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            found = await client.post("/v1/models/growth:predict", json={"instances": [0.5]})
            release.set()
            assert found.status_code == 503
            assert found.json() == {"error": "not computed within 0.1 seconds; ask again later"}
            assert (await client.post("/v1/models/growth:predict", json={"instances": [0.5]})).status_code == 200

    asyncio.run(run())


def test_a_connection_too_many_is_told_so_and_others_live_on(narrow: Server):
    first, second, third = (narrow.connect() for _ in range(3))
    third.sendall(LIVE)
    head, _, body = answer(third).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body) == {"error": "more than 2 connections are open; ask again later"}
    first.close()
    second.close()
    wait_for(lambda: narrow.get("/v2/health/live").status_code == 200)


def test_a_client_that_takes_nothing_is_cut_off(narrow: Server):
    size, count = len(narrow.get("/openapi.json").content), 1000
    assert size * count > 16 * MIB  # more than buffers on the way hold
    with narrow.connect() as connection:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * count)
        time.sleep(3 * SECONDS)
        taken = 0
        try:
            while part := connection.recv(MIB):
                taken += len(part)
        except ConnectionResetError:
            pass
    assert taken < size * count


def test_a_client_that_takes_slowly_gets_all():
    """It takes a second and more; three tenths of one without a byte taken would cut it off."""
    body = b"x" * (16 * MIB)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async def run(bound: socket.socket) -> int:
        protocol = partial(Connection, limits=Limits(client_seconds=0.3))
        config = uvicorn.Config(application, http=protocol, lifespan="off", log_config=None)  # type: ignore[arg-type]
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([bound]))
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*bound.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        taken = 0
        while part := await reader.read(MIB // 8):
            taken += len(part)
            await asyncio.sleep(0.01)
        writer.close()
        server.should_exit = True
        await serving
        return taken

    with socket.create_server(("127.0.0.1", 0)) as bound:
        assert asyncio.run(run(bound)) > len(body)
