"""The bodies of requests, no more of them and no longer than is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from collocate.serve.limits import Limits
from collocate.serve.refused import Refused

_DRAINED = 8  # times the limit: what is read of a body that is refused, so that its sender comes to read why


class Bodies:
    """Reads bodies, and knows how many bytes of them are held at one time."""

    def __init__(self, limits: Limits):
        self._limits, self._held = limits, 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body of a request, which counts until the block ends.

        Raises Refused: 408 for one that comes too slowly, 413 for one that is too large, 415 for one that is packed,
        503 where too much is held already.
        """
        found = bytearray()
        try:
            await self._receive(request, found)
            yield bytes(found)
        finally:
            self._release(found)

    async def _receive(self, request: Request, found: bytearray) -> None:
        declared, size, refused = request.headers.get("content-length", "0"), 0, None
        if "expect" in request.headers and int(declared) > self._limits.body_bytes:
            raise self._too_large  # the client asks before it sends
        try:
            async with asyncio.timeout(self._limits.client_seconds):
                async for chunk in request.stream():
                    size += len(chunk)
                    refused = refused or self._refused(size, chunk)
                    if refused is None:
                        found += chunk
                        self._held += len(chunk)
                    elif size > _DRAINED * self._limits.body_bytes:
                        break
                    else:
                        self._release(found)
        except TimeoutError:
            reason = f"the body did not come within {self._limits.client_seconds:g} seconds"
            raise refused or Refused(408, reason, close=True) from None
        except ClientDisconnect:
            raise Refused(400, "the connection was closed within the body", close=True) from None
        if refused is not None:
            raise refused
        if packed := request.headers.get("content-encoding"):
            raise Refused(415, f"the body is packed by {packed[:40]!r}; send it as it is")

    def _refused(self, size: int, chunk: bytes) -> Refused | None:
        """Why no more is kept of a body of this size, with the chunk that came last."""
        if size > self._limits.body_bytes:
            return self._too_large
        if self._held + len(chunk) > self._limits.held_bytes:
            reason = f"requests of {self._limits.held_bytes} bytes wait already; ask again later"
            return Refused(503, reason, close=True)
        return None

    @property
    def _too_large(self) -> Refused:
        reason = f"the body has more than {self._limits.body_bytes} bytes; send the points in parts"
        return Refused(413, reason, close=True)

    def _release(self, found: bytearray) -> None:
        self._held -= len(found)
        found.clear()
