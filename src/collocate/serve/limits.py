"""What a client may cost the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Above `body_bytes` or `points` a request is refused (413), and so is a client that is slower than
    `client_seconds` in sending a request's head, or its body (408), or that takes nothing of an answer for so long.

    held_bytes: of the bodies of all requests that come in, wait or are computed (503). answer_seconds: how long a
    request may wait for a core and be computed (503). connections: open at one time (503).
    stop_seconds: what requests in flight have when the server is told to stop.
    """

    body_bytes: int = 8 * 2**20
    held_bytes: int = 128 * 2**20
    points: int = 100_000
    client_seconds: float = 10.0
    answer_seconds: float = 30.0
    connections: int = 512
    stop_seconds: int = 30
