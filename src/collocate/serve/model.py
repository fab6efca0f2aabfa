"""A model that answers: ONNX Runtime over one artifact, and what is to be said of the points it is asked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from collocate.errors import StatementError, StoreError
from collocate.geometry.storage import domain_from_json
from collocate.serve.refused import Refused
from collocate.serve.sources import Served

Arrays = dict[str, np.ndarray]

_BLOCK = 8192  # points at a time: what is in between stays in the cache, and memory is bounded
_ROUNDING = 1e-9  # of the domain's extent, as `Solution` has it; more where the dtype's own rounding is more
_TENSORS = {"float64": "tensor(double)", "float32": "tensor(float)"}


@dataclass(frozen=True)
class Found:
    """{output: (N,)} at `count` points, of which `outside` lie outside the trained domain. A warning is text, or ""."""

    values: Arrays
    count: int
    outside: int
    warning: str


class Model:
    """One version of a model. Threads may share it. Raises StoreError for an artifact that is not what it is called."""

    def __init__(self, served: Served):
        self.name, self.version, self.page = served.name, served.version, served.page
        self.inputs: list[dict[str, Any]] = served.manifest["inputs"]
        self.outputs: list[dict[str, Any]] = served.manifest["outputs"]
        self.dtype = np.dtype(served.manifest["dtype"])
        self._session = _session(served)
        self._domain = _domain(served)
        self._rounding = max([_ROUNDING, *(_rounding(each, self.dtype) for each in self.inputs)])
        self._solved_until = _solved_until(served)

    @property
    def input_names(self) -> list[str]:
        return [each["name"] for each in self.inputs]

    @property
    def output_names(self) -> list[str]:
        return [each["name"] for each in self.outputs]

    def run(self, batch: Mapping[str, np.ndarray], wanted: Sequence[str]) -> Found:
        """{input: (N,)}, all finite → {output: (N,)}, with what is to be said of it."""
        count = len(batch[self.input_names[0]])
        blocks = [
            self._session.run(wanted, {name: values[start : start + _BLOCK] for name, values in batch.items()})
            for start in range(0, count, _BLOCK)
        ]
        values = dict(zip(wanted, map(np.concatenate, zip(*blocks, strict=True)), strict=True))
        outside = self._outside(batch)
        return Found(values, count, outside, "; ".join(self._warnings(batch, values, outside)))

    def _outside(self, batch: Mapping[str, np.ndarray]) -> int:
        """How many points lie outside the trained domain."""
        if self._domain is not None:
            points = np.stack([batch[name] for name in self.input_names], axis=1)
            return int((~self._domain.contains(points, self._rounding)).sum())
        inside = np.ones(len(batch[self.input_names[0]]), bool)
        for each in self.inputs:
            slack = self._rounding * (each["upper"] - each["lower"])
            inside &= (batch[each["name"]] >= each["lower"] - slack) & (batch[each["name"]] <= each["upper"] + slack)
        return int((~inside).sum())

    def _warnings(self, batch: Mapping[str, np.ndarray], values: Arrays, outside: int) -> list[str]:
        told, count = [], len(batch[self.input_names[0]])
        if outside:
            told.append(f"{outside} of {count} points lie outside {self.where}, where nothing was trained")
        if self._solved_until is not None:
            time, until = self._solved_until
            if late := int((batch[time] > self.dtype.type(until)).sum()):
                told.append(f"{late} of {count} points lie beyond {time} = {until:g}, up to which it was solved")
        if lacking := [name for name, found in values.items() if not np.isfinite(found).all()]:
            told.append(f"some values of {', '.join(lacking)} are not finite; they are null in JSON")
        return told

    @property
    def where(self) -> str:
        """The trained domain in words."""
        if self._domain is not None:
            return str(self._domain)
        return ", ".join(f"{each['name']} from {each['lower']:g} to {each['upper']:g}" for each in self.inputs)


class Models:
    """All that are served. A name without a version is its newest, the one of the highest number."""

    def __init__(self, served: Iterable[Served]):
        self.all = sorted(map(Model, served), key=lambda each: (each.name, each.version))

    def versions(self, name: str) -> list[Model]:
        """Raises Refused (404) for a name that there is not."""
        found = [each for each in self.all if each.name == name]
        if not found:
            raise Refused(404, f"there is no model {name!r}; there is {_listed({each.name for each in self.all})}")
        return found

    def find(self, name: str, version: str | None = None) -> Model:
        """Raises Refused (404) for a name or a version that there is not."""
        found = self.versions(name)
        if version is None:
            return found[-1]
        numbers = {str(each.version): each for each in found}
        if version not in numbers:
            raise Refused(404, f"there is no version {version!r} of {name}; there is {_listed(numbers)}")
        return numbers[version]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _rounding(axis: Mapping[str, Any], dtype: np.dtype) -> float:
    """How far, as a part of its extent, rounding to the dtype may move a coordinate past a bound."""
    largest = max(abs(axis["lower"]), abs(axis["upper"]))
    return float(np.finfo(dtype).eps * largest / (axis["upper"] - axis["lower"]))


def _session(served: Served) -> onnxruntime.InferenceSession:
    """On one thread: requests share the cores, and threads that wait do not spin."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False  # what one large batch took is given back
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(served.model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common root
        raise StoreError(f"the ONNX file of {served.name} cannot be run: {error}") from error
    tensor = _TENSORS[served.manifest["dtype"]]
    for side, held in (("inputs", session.get_inputs()), ("outputs", session.get_outputs())):
        expected = [(each["name"], tensor, 1) for each in served.manifest[side]]
        if sorted((each.name, each.type, len(each.shape)) for each in held) != sorted(expected):
            raise StoreError(f"the {side} of the ONNX file of {served.name} are not those that its manifest lists")
    return session


def _domain(served: Served) -> Any:
    """The domain in the manifest's provenance; None where it has none, and the bounds of the inputs have to do."""
    problem = served.manifest["provenance"].get("problem")
    stored = problem.get("domain") if isinstance(problem, dict) else None
    if stored is None:
        return None
    try:
        domain = domain_from_json(stored)
    except StatementError as error:
        raise StoreError(f"the manifest of {served.name} is refused: {error}") from error
    if list(domain.names) != [each["name"] for each in served.manifest["inputs"]]:
        raise StoreError(f"the manifest of {served.name} is refused: its domain is not that of its inputs")
    return domain


def _solved_until(served: Served) -> tuple[str, float] | None:
    """The time and how far training came in it, where it did not come to the end."""
    result = served.manifest["provenance"].get("result")
    until = result.get("solved_until") if isinstance(result, dict) else None
    times = [each["name"] for each in served.manifest["inputs"] if each["role"] == "time"]
    return (times[0], float(until)) if isinstance(until, int | float) and times else None
