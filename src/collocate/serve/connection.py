"""HTTP/1.1 as uvicorn speaks it, with an end to its patience, and reasons in JSON.

uvicorn itself waits for the head of a request, and for a client to take an answer, as long as the client likes; what it
refuses before there is an application to ask, it refuses in plain text.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from collocate.serve.limits import Limits


class Connection(H11Protocol):
    """Closed where a request's head is not complete `client_seconds` after it was begun (408), where it is none (400),
    where more `connections` are open (503), and where nothing of an answer is taken for so long."""

    def __init__(self, *, limits: Limits, **others: Any):
        super().__init__(**others)
        self._seconds, self._most = limits.client_seconds, limits.connections
        self._application, self.app = self.app, self._unless_too_many  # type: ignore[method-assign]
        self._head: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head = self.loop.call_later(self._seconds, self._too_slow)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head = _cancelled(self._head)
        elif self._head is None and self.conn.trailing_data[0]:
            self._head = self.loop.call_later(self._seconds, self._too_slow)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taking = _cancelled(self._taking)

    def _wait_for_taking(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._taking = self.loop.call_later(self._seconds, self._look_at_taking, left)

    def _look_at_taking(self, before: int) -> None:
        """Of an answer, `before` bytes were left: a slow client takes some of them, one that has gone takes none."""
        if self.transport.get_write_buffer_size() < before:
            self._wait_for_taking()
        else:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head, self._taking = _cancelled(self._head), _cancelled(self._taking)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "this is no HTTP/1.1")

    def _too_slow(self) -> None:
        if not self.transport.is_closing() and self.conn.our_state is h11.IDLE:
            self._refuse(408, f"the head of the request did not come within {self._seconds:g} seconds")

    def _refuse(self, status: int, reason: str) -> None:
        """The answer where there is none yet; the connection ends."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers, body = _told(reason)
            for event in (
                h11.Response(status_code=status, headers=headers, reason=HTTPStatus(status).phrase.encode()),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    async def _unless_too_many(self, scope: Any, receive: Any, send: Any) -> None:
        if len(self.connections) <= self._most:
            await self._application(scope, receive, send)
            return
        headers, body = _told(f"more than {self._most} connections are open; ask again later")
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _told(reason: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of a refusal that ends the connection."""
    body = json.dumps({"error": reason}).encode()
    length = str(len(body)).encode()
    return [(b"content-type", b"application/json"), (b"content-length", length), (b"connection", b"close")], body


def _cancelled(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
