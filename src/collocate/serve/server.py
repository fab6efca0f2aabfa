"""One process that listens, or several on one socket."""

from __future__ import annotations

import copy
import ipaddress
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.config import LOGGING_CONFIG, STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from collocate.cores import usable_cores
from collocate.errors import ServeError
from collocate.serve.app import create, page_path
from collocate.serve.connection import Connection
from collocate.serve.limits import Limits
from collocate.serve.model import Models
from collocate.serve.observing import FOLDER
from collocate.serve.sources import Served, prepare

_BACKLOG = 1024
_STARTING = 120  # seconds within which SIGHUP's new processes must answer, before they replace the old ones
_logger = logging.getLogger("collocate.serve")


def serve(
    sources: Sequence[str], host: str = "127.0.0.1", port: int = 8000, workers: int = 1, limits: Limits | None = None
) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in flight are then answered first. See `prepare` for the sources.

    port: 0 for any that is free; which, the log says. Raises ServeError where nothing can be started.
    """
    if workers < 1:
        raise ServeError(f"there is at least one worker; got {workers}")
    with (
        tempfile.TemporaryDirectory(prefix="collocate-serve-") as folder,
        _ended_by_signals(),
        _listening(host, port) as bound,  # first: a port that is taken is not told after a minute's work
    ):
        served = prepare(sources, Path(folder))
        Models(served)  # what is wrong with one is told here, and ends it
        _run(served, bound, workers, limits or Limits(), Path(folder))


def _run(served: Sequence[Served], bound: socket.socket, workers: int, limits: Limits, folder: Path) -> None:
    config = uvicorn.Config(
        partial(create, served, limits, max(1, usable_cores() // workers)),
        factory=True,
        workers=workers,
        http=partial(Connection, limits=limits),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_config=_logging(),
        access_log=False,  # `observing` writes it
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=limits.stop_seconds,
        timeout_worker_healthcheck=_STARTING,
    )
    _tell(served, bound)
    if workers == 1:
        uvicorn.Server(config).run([bound])
        return
    bound.set_inheritable(True)
    with _counted_together(folder / "metrics"):
        _Workers(config, [bound]).run()


class _Workers(Multiprocess):
    """Processes, each started anew where it ended. uvicorn's own would also wait for an answer of each, and meanwhile
    hear no signal: for one that is starting, or was ended as it started, that is minutes."""

    def init_processes(self) -> None:
        self.processes = [self._started() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        for number, worker in enumerate(self.processes):
            if worker.process.is_alive() or self.signal_queue:
                continue
            if worker.exitcode == STARTUP_FAILURE:
                self.should_exit.set()  # it would fail again
                return
            _logger.warning("process %d ended; another is started", worker.pid)
            self.processes[number] = self._started()

    def _started(self) -> Process:
        """Deaf to Ctrl-C, which a terminal sends to all: the parent hears it and ends them. A process that is importing
        would die of it with a traceback."""
        worker = Process(self.config, self.sockets)
        resource_tracker.ensure_running()  # which would start with the first of them, and listen again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            worker.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return worker


@contextmanager
def _counted_together(folder: Path) -> Iterator[None]:
    """Processes that are started in the block count into one folder."""
    folder.mkdir()
    before = os.environ.get(FOLDER)
    os.environ[FOLDER] = str(folder)
    try:
        yield
    finally:
        del os.environ[FOLDER]
        if before is not None:
            os.environ[FOLDER] = before


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServeError(f"cannot listen at {host}, port {port}: {reason}; choose another --port") from error
    with bound:
        # Head and body of an answer are two writes: else the second waits for the first to be acknowledged, 40 ms.
        # asyncio sets this on sockets that it made itself; what is accepted has it from here.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield bound


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C, which uvicorn sends on when all is answered, end the block and no more."""

    def stop(*_: Any) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except _Stopped:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Stopped(BaseException):
    pass


def _logging() -> dict[str, Any]:
    """uvicorn's, with the time, on standard error."""
    found = copy.deepcopy(LOGGING_CONFIG)
    found["formatters"]["default"]["fmt"] = "%(asctime)s %(levelprefix)s %(message)s"
    found["loggers"]["collocate.serve"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return found


def _tell(served: Sequence[Served], bound: socket.socket) -> None:
    host, port = bound.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    for each in served:
        paths = f"/v1/models/{each.name}:predict and /v2/models/{each.name}/infer"
        _logger.info("%s, version %d: %s", each.name, each.version, paths)
        if each.page is not None:
            _logger.info("%s, version %d, its web page: %s%s/", each.name, each.version, address, page_path(each))
    if not ipaddress.ip_address(host).is_loopback:
        _logger.warning("every machine that reaches this one can ask: there is no password, and no encryption")
    _logger.info("listening at %s", address)
