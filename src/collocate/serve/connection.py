"""HTTP/1.1 as uvicorn speaks it, with an end to its patience.

uvicorn itself waits for the head of a request, and for a client to take an answer, as long as the client likes.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Closed where a request's head is not complete `seconds` after it was begun (408), and where nothing of an answer
    is taken for so long."""

    def __init__(self, *, seconds: float, **others: Any):
        super().__init__(**others)
        self._seconds = seconds
        self._head: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head = self.loop.call_later(self._seconds, self._refuse)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head = _cancelled(self._head)
        elif self._head is None and self.conn.trailing_data[0]:
            self._head = self.loop.call_later(self._seconds, self._refuse)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taking = self.loop.call_later(self._seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taking = _cancelled(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head, self._taking = _cancelled(self._head), _cancelled(self._taking)
        super().connection_lost(exc)

    def _refuse(self) -> None:
        if self.transport.is_closing() or self.conn.our_state is not h11.IDLE:
            return
        reason = {"error": f"the head of the request did not come within {self._seconds:g} seconds"}
        headers = [("content-type", "application/json"), ("connection", "close")]
        for event in (
            h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"),
            h11.Data(data=json.dumps(reason).encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _cancelled(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
