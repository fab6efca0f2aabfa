"""A request that is answered by a reason."""

from __future__ import annotations


class Refused(Exception):
    """The request is the client's to mend: an HTTP status, mostly 4xx, and why.

    close: the connection ends with the answer, since more of the request may be on its way.
    """

    def __init__(self, status: int, reason: str, close: bool = False):
        super().__init__(reason)
        self.status, self.reason, self.close = status, reason, close
