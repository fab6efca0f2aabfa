"""A log for TensorBoard, by tensorboardX: no framework is needed, so it is the same on every backend."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from collocate.errors import PlanError, StoreError
from collocate.training.events import Event

Arrays = Callable[[np.ndarray], Mapping[str, np.ndarray]]
MODULE = "tensorboardX"


class TensorBoard:
    """A callback that writes each event: losses, held-out residual, weights, learning rate, errors, parameters.

    `parameters` gives named arrays of the trained vector, for histograms; `images` names (height, width, 3) arrays of
    bytes. Both are written at the first event, the second, the fourth, the eighth …: pictures take time.
    Raises PlanError where tensorboardX is missing, StoreError where the folder cannot be written.
    """

    def __init__(self, folder: str | os.PathLike[str], texts: Mapping[str, str], parameters: Arrays, images: Arrays):
        if importlib.util.find_spec(MODULE) is None:
            raise PlanError('log_dir needs tensorboardX, which is not installed: pip install "collocate[tensorboard]"')
        self._parameters, self._images, self._events = parameters, images, 0
        try:
            self._writer = importlib.import_module(MODULE).SummaryWriter(os.fspath(folder))
        except OSError as error:
            raise StoreError(f"cannot write the log into {folder}: {error.strerror or error}") from error
        for name, text in texts.items():
            self._writer.add_text(name, text, 0)

    def __call__(self, event: Event) -> None:
        for name, value in _scalars(event):
            self._writer.add_scalar(name, value, event.step)
        self._events += 1
        if self._events & (self._events - 1) == 0:
            for name, array in self._parameters(event.vector).items():
                self._writer.add_histogram(name, array, event.step)
            for name, image in self._images(event.vector).items():
                self._writer.add_image(name, image, event.step, dataformats="HWC")
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def _scalars(event: Event) -> Iterator[tuple[str, float]]:
    """(tag, value) of all numbers of an event."""
    yield "loss/training", event.loss
    yield "loss/heldout", event.heldout
    yield from ((f"loss/{name}", value) for name, value in event.losses.items())
    yield from ((f"weight/{name}", value) for name, value in event.weights.items())
    yield from ((f"error/{name}", value) for name, value in event.errors.items())
    if event.learning_rate is not None:
        yield "learning_rate", event.learning_rate
    yield "seconds", event.seconds


def named_arrays(parameters: Any, name: str = "parameters") -> Iterator[tuple[str, np.ndarray]]:
    """(tag, array) of each leaf of a tree of parameters."""
    if isinstance(parameters, Mapping):
        for key in sorted(parameters):
            yield from named_arrays(parameters[key], f"{name}/{key}")
    elif isinstance(parameters, list | tuple):
        for number, item in enumerate(parameters):
            yield from named_arrays(item, f"{name}/{number}")
    else:
        yield name, np.asarray(parameters, np.float64)
