"""A headless Chromium for the tests that look at pages: the system's own, driven by playwright.

Import the fixture `browser` into a file or a folder's conftest, and open a page with `opened`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE = 120_000  # milliseconds: a busy machine is no failure
NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW = (
    "These tests look at pages in a real browser and do not skip without one. Install Chromium so that one of "
    f"{', '.join(NAMES)} is on the PATH: `apt-get update && apt-get install -y chromium` on Debian, as root "
    "(`make test` does it where it may)."
)


def executable() -> str:
    """Where Chromium is; the test fails where it is not."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(f"no Chromium was found. {HOW}", pytrace=False)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a file: as long as it is there, playwright's event loop runs, and no other can."""
    path = executable()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path)
        yield started
        started.close()


@dataclass
class Seen:
    """A page, what it complained of, and the addresses that it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> list[str]:
        """Requests beyond the disk and the page itself."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


@contextmanager
def opened(browser: Browser, where: str | Path, **context: Any) -> Iterator[Seen]:
    """The page at a path or an address, loaded; ``context``: playwright's, such as ``color_scheme="dark"``."""
    own = browser.new_context(**context)
    seen = Seen(own.new_page())
    page = seen.page
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("requestfailed", lambda request: seen.complaints.append(f"{request.url}: {request.failure}"))
    try:
        page.goto(where.as_uri() if isinstance(where, Path) else where)
        yield seen
    finally:
        own.close()
