"""`collocate serve`: models over HTTP until it is told to stop."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import typer

from collocate.errors import ServeError

PACKAGES = ("fastapi", "uvicorn", "prometheus_client", "onnx", "onnxruntime")


def run(solutions: Sequence[str], host: str, port: int, workers: int) -> None:
    """Raises ServeError where packages are missing, and as `serve` does."""
    if missing := [package for package in PACKAGES if importlib.util.find_spec(package) is None]:
        raise ServeError(f'a server needs {" and ".join(missing)}: pip install "collocate[serve]"')
    from collocate.serve.server import serve

    typer.echo(f"preparing {', '.join(solutions)}; what is no export yet is made one and proven", err=True)
    serve(solutions, host, port, workers)
