"""Told to stop, the server answers what is in flight; several processes are told together."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from .running import Server, answer, is_quiet, running, wait_for

BODY = b'{"instances": [0.25, 0.5]}'
HEAD = b"POST /v1/models/growth:predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(BODY)


def workers(server: Server) -> list[int]:
    """The processes that the server started for itself, by their numbers."""
    own = server.process.pid
    children = map(int, Path(f"/proc/{own}/task/{own}/children").read_text().split())
    return [each for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_answered(sources: dict[str, Path], number: int):
    with running([str(sources["growth"])]) as server:
        connection = server.connect()
        connection.sendall(HEAD + BODY[:10])
        assert is_quiet(connection, 0.3)
        server.process.send_signal(number)
        wait_for(lambda: refused(server.port))
        connection.sendall(BODY[10:])
        found = answer(connection)
        assert found.startswith(b"HTTP/1.1 200 ") and b'"predictions":[' in found
        _, log = server.process.communicate(timeout=60)
        assert server.process.returncode == 0
        assert re.search(r"\d{2}:\d{2}:\d{2}.* 127\.0\.0\.1 POST /v1/models/growth:predict 200 \d+\.\d ms", log)
        assert "Traceback" not in log


def test_a_request_that_does_not_end_is_waited_for_no_longer_than_allowed(sources: dict[str, Path]):
    with running([str(sources["growth"])], stop_seconds=1, client_seconds=600.0) as server:
        connection = server.connect()
        connection.sendall(HEAD + BODY[:10])
        assert is_quiet(connection, 0.3)
        code, log = server.stop()
        assert code == 0
        assert "graceful shutdown exceeded" in log
        connection.close()


def test_several_processes_answer_and_count_together(sources: dict[str, Path]):
    with running([str(sources["growth"])], workers=2) as server:
        for _ in range(20):  # each by a connection of its own, so that both processes are asked
            assert server.post("/v1/models/growth:predict", content=BODY).status_code == 200
        text = server.get("/metrics").text
        assert 'collocate_points_total{model="growth",version="1"} 40.0' in text
        code, log = server.stop()
        assert code == 0
        assert len(set(re.findall(r"Started server process \[(\d+)\]", log))) == 2
        assert "Traceback" not in log


@pytest.mark.parametrize(("number", "delay"), [(signal.SIGINT, 0.0), (signal.SIGINT, 1.0), (signal.SIGTERM, 0.5)])
def test_processes_that_are_starting_are_ended(sources: dict[str, Path], number: int, delay: float):
    """As a terminal does: Ctrl-C goes to the whole group."""
    with running([str(sources["growth"])], workers=2, start_new_session=True) as server:
        time.sleep(delay)
        os.killpg(server.process.pid, number)
        _, log = server.process.communicate(timeout=30)
        assert server.process.returncode == 0
        assert "Traceback" not in log


def test_a_process_that_ended_is_started_anew(sources: dict[str, Path]):
    with running([str(sources["growth"])], workers=2) as server:
        wait_for(lambda: len(workers(server)) == 2)
        first, second = workers(server)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: len(workers(server)) == 2 and first not in workers(server))
        assert second in workers(server)
        assert server.post("/v1/models/growth:predict", content=BODY).status_code == 200
        code, _ = server.stop()
        assert code == 0
