"""The body of a request, no more of it and no longer than is allowed."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from collocate.serve.limits import Limits
from collocate.serve.refused import Refused

_DRAINED = 8  # times the limit: what is read of a body that is too large, so that its sender comes to read why


async def read_body(request: Request, limits: Limits) -> bytes:
    """Raises Refused: 408 for one that comes too slowly, 413 for one that is too large, 415 for one that is packed."""
    declared = request.headers.get("content-length", "0")
    too_large = Refused(413, f"the body has more than {limits.body_bytes} bytes; send the points in parts", close=True)
    if "expect" in request.headers and int(declared) > limits.body_bytes:
        raise too_large  # the client asks before it sends
    found, size = bytearray(), 0
    try:
        async with asyncio.timeout(limits.client_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= limits.body_bytes:
                    found += chunk
                elif size > _DRAINED * limits.body_bytes:
                    break
    except TimeoutError:
        if size <= limits.body_bytes:
            reason = f"the body did not come within {limits.client_seconds:g} seconds"
            raise Refused(408, reason, close=True) from None
    except ClientDisconnect:
        raise Refused(400, "the connection was closed within the body", close=True) from None
    if size > limits.body_bytes:
        raise too_large
    if packed := request.headers.get("content-encoding"):
        raise Refused(415, f"the body is packed by {packed[:40]!r}; send it as it is")
    return bytes(found)
