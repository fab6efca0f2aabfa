"""`collocate serve`: models over HTTP until it is told to stop."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from collocate.cli import streams
from collocate.errors import ServeError

PACKAGES = ("fastapi", "uvicorn", "prometheus_client", "onnx", "onnxruntime")


def run(solutions: Sequence[str], host: str, port: int, workers: int) -> None:
    """Raises ServeError where packages are missing, and as `serve` does."""
    if missing := [package for package in PACKAGES if importlib.util.find_spec(package) is None]:
        raise ServeError(f'a server needs {" and ".join(missing)}: pip install "collocate[serve]"')
    from collocate.serve.server import serve

    with streams.warnings_in_lines(), _told():
        serve(solutions, host, port, workers)


@contextmanager
def _told() -> Iterator[None]:
    """What is logged before there is a server, whose own logging then takes over."""
    logger, handler = logging.getLogger("collocate.serve"), logging.StreamHandler()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
