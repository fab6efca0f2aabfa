"""The browser that looks at the page."""

from __future__ import annotations

from ..browser import browser

__all__ = ["browser"]
