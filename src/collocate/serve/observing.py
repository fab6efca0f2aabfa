"""What the server tells of itself: a line for each request, and metrics in Prometheus' text format."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collocate.serve.model import Found, Model

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client counts over several processes, if it is set at import
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_logger = logging.getLogger("collocate.serve")


class Metrics:
    """Labels are routes and models, both of a fixed number: nothing that a client can make up."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry, "namespace": "collocate"}
        self.requests = Counter("requests", "Requests that were answered", ("route", "status"), **own)
        self.seconds = Histogram("request_seconds", "From head to answer", ("route",), buckets=_BUCKETS, **own)
        self.points = Counter("points", "Points that were computed", ("model", "version"), **own)
        self.outside = Counter("points_outside", "Of these, outside the domain", ("model", "version"), **own)

    def count(self, model: Model, found: Found) -> None:
        self.points.labels(model.name, model.version).inc(found.count)
        self.outside.labels(model.name, model.version).inc(found.outside)

    def text(self) -> bytes:
        """Of all processes."""
        if FOLDER not in os.environ:
            return prometheus_client.generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return prometheus_client.generate_latest(together)


class Observed:
    """Logs and counts each request of an application."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            self.metrics.requests.labels(route, status).inc()
            self.metrics.seconds.labels(route).observe(seconds)
            client = (scope.get("client") or ("?",))[0]
            # The path as it came, percent-encoded: what a client writes makes no line of its own here.
            path = scope["raw_path"].decode("ascii", "replace")
            _logger.info("%s %s %s %d %.1f ms", client, scope["method"], path, status, seconds * 1e3)
