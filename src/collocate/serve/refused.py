"""A request that is answered by a reason."""

from __future__ import annotations

_LONGEST = 500  # letters of a reason


class Refused(Exception):
    """The request is the client's to mend: an HTTP status, mostly 4xx, and why.

    close: the connection ends with the answer, since more of the request may be on its way.
    """

    def __init__(self, status: int, reason: str, close: bool = False):
        super().__init__(reason)
        # A reason repeats what the client wrote, which may be long.
        self.status, self.reason, self.close = status, _cut(reason), close


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]} …"
