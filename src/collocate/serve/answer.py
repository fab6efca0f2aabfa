"""What a protocol makes of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from collocate.serve.model import Found


@dataclass(frozen=True)
class Answer:
    """The body, and what was found."""

    content: bytes
    found: Found
    headers: Mapping[str, str] = field(default_factory=dict)
