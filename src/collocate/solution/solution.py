"""A trained solution: evaluated anywhere, on any backend."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from collocate.backends import select
from collocate.errors import StatementError, warn
from collocate.planning import Plan
from collocate.residuals import Evaluator, unknown_values
from collocate.solution import native
from collocate.solution.animation import animate
from collocate.solution.card import card
from collocate.solution.figure import draw_solution
from collocate.solution.grids import verification_points
from collocate.solution.integrals import integrate
from collocate.solution.intervals import intervals, with_interval
from collocate.solution.reading import read_expression
from collocate.solution.report import report
from collocate.solution.saving import save
from collocate.solution.slab import Slab
from collocate.solution.tabular import to_xarray
from collocate.statement import Problem, reference_values


@dataclass(eq=False, repr=False)
class Solution:
    """`solution(x=0.5, t=0.3)`: the fields at scalars, arrays or broadcasting grids of the coordinates.

    plan: how it was set up. slabs: in the order of time; one, where time is not split.
    settings: how it was trained (backend, mode, dtype, device, seed).
    history: {"step": […], "seconds": […], "loss": […], "heldout": […], "error u": […]}.
    result: the figures that `collocate solve --json` prints.
    """

    problem: Problem
    plan: Plan
    slabs: tuple[Slab, ...]
    settings: dict[str, Any]
    history: dict[str, list[float]] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    _evaluators: dict[Any, Evaluator] = field(default_factory=dict)

    def __call__(self, *unnamed: Any, **coordinates: Any) -> Any:
        """Values of the shape that the coordinates broadcast to: an array (a float for scalars), or {field: array}.

        Raises StatementError for missing or unknown coordinates, and for some without a name.
        """
        self._refuse_unnamed(unnamed)
        found = self._evaluate(self.problem.fields, coordinates)
        values = dict(zip(self.problem.field_names, found, strict=True))
        return values if len(values) > 1 else next(iter(values.values()))

    def at(self, expression: Any, *unnamed: Any, **coordinates: Any) -> Any:
        """An expression of fields, derivatives, coordinates and unknowns: `-k*u.diff(x)`, or its text, "-k*u_x".

        A list gives a list. Text is parsed, never run. Raises ExpressionError for what cannot be read,
        StatementError for coordinates as in a call.
        """
        self._refuse_unnamed(unnamed)
        several = isinstance(expression, list | tuple)
        if several and not expression:
            raise StatementError("at(…) takes an expression or a list of one or more; got an empty list")
        read = [read_expression(self.problem, each) for each in (expression if several else [expression])]
        found = self._evaluate(read, coordinates)
        return found if several else found[0]

    def __repr__(self) -> str:
        trained = ", ".join(f"{name} {self.settings[name]}" for name in ("backend", "dtype", "seed"))
        heldout = self.result.get("residual_heldout")
        reached = "" if heldout is None else f", held-out residual {heldout:.2e}"
        found = (f", {name} {with_interval(v, self.intervals.get(name))}" for name, v in self.unknowns.items())
        return f"<Solution of {self.problem!r}, {trained}{reached}{''.join(found)}>"

    def _refuse_unnamed(self, unnamed: tuple[Any, ...]) -> None:
        if unnamed:
            given = ", ".join(f"{name}=…" for name in self.problem.domain.names)
            raise StatementError(f"coordinates are given by name: solution({given})")

    def _evaluate(self, expressions: Any, coordinates: Mapping[str, Any]) -> list[Any]:
        arrays = self._broadcast(coordinates)
        shape = arrays[0].shape
        points = np.stack([array.ravel() for array in arrays], axis=1)
        inside = self.problem.domain.contains(points, tolerance=1e-9) | np.isnan(points).any(axis=1)
        if not inside.all():
            outside = f"{int((~inside).sum())} of {len(points)} points"
            warn(f"{outside} lie outside {self.problem.domain}, where nothing was trained")
        self._warn_of_unsolved_time(points)
        table = self.table(tuple(expressions), points)
        columns = [column.reshape(shape) for column in table.T]
        return [float(column) if shape == () else column for column in columns]

    def _warn_of_unsolved_time(self, points: np.ndarray) -> None:
        if self.unsolved(points).any():
            until, reason = self.result["solved_until"], self.result.get("stopped_because")
            time = self.problem.domain.time
            warn(f"solved up to {time} = {until:g} only ({reason}); there are no values beyond")

    def _broadcast(self, coordinates: Mapping[str, Any]) -> list[np.ndarray]:
        names = self.problem.domain.names
        if set(coordinates) != set(names):
            given = ", ".join(f"{name}=…" for name in names)
            raise StatementError(f"the solution takes {given}; got {', '.join(coordinates) or 'nothing'}")
        arrays = [_numbers(name, coordinates[name]) for name in names]
        try:
            return list(np.broadcast_arrays(*arrays))
        except ValueError as error:
            raise StatementError(f"the coordinates must be numbers that broadcast together: {error}") from None

    def table(self, expressions: tuple[sympy.Expr, ...], points: np.ndarray) -> np.ndarray:
        """Canonical expressions at points (n, d) in the domain's order: (n, len(expressions)).

        NaN in the time that training did not reach (see `result["solved_until"]`).
        """
        owners = self.slab_of(points)
        found = np.empty((len(points), len(expressions)))
        parameters = [slab.parameters for slab in self.slabs]
        for number, own in enumerate(parameters):
            chosen = owners == number
            if chosen.any():
                found[chosen] = self._evaluator(expressions)(own, points[chosen], parameters[:number])
        found[self.unsolved(points)] = np.nan
        return found

    def unsolved(self, points: np.ndarray) -> np.ndarray:
        """Which points lie in the time that training did not reach."""
        until, time = self.result.get("solved_until"), self.problem.domain.time
        if until is None or time is None:
            return np.zeros(len(points), bool)
        return points[:, self.problem.domain.names.index(time)] > until

    def slab_of(self, points: np.ndarray) -> np.ndarray:
        """Which slab each point belongs to; a point before or after all of them goes to the nearest."""
        if len(self.slabs) == 1:
            return np.zeros(len(points), int)
        axis = self.problem.domain.names.index(str(self.problem.domain.time))
        return np.searchsorted([slab.start for slab in self.slabs[1:]], points[:, axis], side="right")

    def _evaluator(self, expressions: tuple[sympy.Expr, ...]) -> Evaluator:
        if expressions not in self._evaluators:
            chosen = {name: self.settings[name] for name in ("mode", "dtype", "device")}
            bk = select.get(self.settings["backend"], **chosen)
            self._evaluators[expressions] = Evaluator(bk, self.plan, expressions)
        return self._evaluators[expressions]

    @property
    def unknowns(self) -> dict[str, float]:
        """The values found for the problem's unknown numbers."""
        free = self.slabs[-1].parameters["unknowns"]
        return {name: float(v) for name, v in unknown_values(select.get("numpy"), self.plan, free).items()}

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals of the unknown numbers from the noise in the data (see `solution.intervals`): {name: (lower,
        upper)}, infinite where the data leave one open; {} without data.
        """
        return intervals(self.result)

    def error(self, norm: str = "relative_l2") -> Any:
        """Against the problem's reference on the fixed verification points: a float, or {field: float}.

        norm: "relative_l2" = √(Σ (u − u*)² / Σ u*²), or "max" = max |u − u*|. Where u* is zero throughout, the first
        is the root mean square of u instead, and where it is not finite, points are left out; both with a warning. A
        field that the problem fixes only up to a constant (by `Mean`) is compared after removing both means. Raises
        StatementError without a reference.
        """
        if not self.problem.reference:
            raise StatementError("the problem has no reference to compare with: give Problem(…, reference=…)")
        found = self.errors(norm)
        return found if len(self.problem.fields) > 1 else next(iter(found.values()))

    def errors(self, norm: str = "relative_l2") -> dict[str, float]:
        """`error` by field, whatever their number."""
        measures = {"relative_l2": relative_l2, "max": max_error}
        if norm not in measures:
            raise StatementError(f"norm must be one of {', '.join(map(repr, measures))}; got {norm!r}")
        points = verification_points(self.problem.domain)
        arrays = dict(zip(self.problem.domain.names, points.T, strict=True))
        columns = dict(zip(self.problem.field_names, self.table(self.problem.fields, points).T, strict=True))
        found = {}
        for name in (name for name in self.problem.field_names if name in self.problem.reference):
            truth = reference_values(self.problem.reference, name, arrays)
            known = np.isfinite(truth)
            _warn_of_reference(name, truth, known, norm)
            found[name] = measures[norm](columns[name][known], truth[known], name in self.problem.floating)
        return found

    def save(self, path: Any) -> None:
        """Write everything to one file, atomically; `co.load(path)` brings it back on any backend."""
        save(self, path)

    def integrate(self, expression: Any, over: Any = None, **fixed: Any) -> float:
        """∫ expression over the domain, or where coordinates are fixed: `integrate("u**2", t=0.5)`.

        over: a part of the boundary ("left"), a list of parts, or "boundary" for all of it in space; `co.normal(x)` is
        then the outward normal, so that the total flux is
        `integrate(-k*(co.normal(x)*u.diff(x) + co.normal(y)*u.diff(y)), over="boundary", t=0.5)`. Fixed coordinates may
        also be given as over={"t": 0.5}. Coordinates that are not fixed, time too, are integrated.

        By Gauss rules of growing order until two agree to 1e-10 of ∫ |expression| (1e-5 in float32); warns with what
        they agree to where that takes more than a million points, as on shapes cut by - + &, whose points are
        scattered. NaN where training did not reach.
        Raises ExpressionError for the expression, StatementError for the rest.
        """
        return integrate(self, expression, over, fixed)

    def to_xarray(self, counts: Any = 101, **coordinates: Any) -> Any:
        """An `xarray.Dataset` of the fields, and of their references as "u_reference" where they are known.

        counts: points along each coordinate, a number, one a coordinate, or {"x": 51}. Or give the points of some:
        `to_xarray(t=[0, 0.5, 1])`. NaN outside the domain. Statement, settings and unknowns are attributes. Raises
        StoreError where xarray is not installed, StatementError for coordinates that do not fit.
        """
        return to_xarray(self, counts, coordinates)

    def to_torch(self) -> Any:
        """A `torch.nn.Module` from points (n, d), in the domain's order, to fields (n, k), sorted by name.

        Points are of the solution's dtype. Raises BackendError for another, StatementError for another shape.
        """
        return native.to_torch(self)

    def to_keras(self) -> Any:
        """A `keras.Model` on TensorFlow from points (n, d), in the domain's order, to fields (n, k), sorted by name.

        It takes {"x": (n,), "t": (n,)} too, is differentiable by `tf.GradientTape`, and computes in the solution's
        dtype; parameters are its weights. `predict` keeps doubles; `fit` does so for a `tf.data.Dataset` only.
        `save_weights`, `load_weights` and `export` (the graph for inference) work. `save` does not: the graph comes
        from the plan, so keep the solution's own file. Raises BackendError where TensorFlow is not installed or Keras
        runs on something else, StatementError for another shape.
        """
        return native.to_keras(self)

    def to_jax(self) -> tuple[Callable[[Any, Any], Any], Any]:
        """(function, parameters) with function(parameters, points (n, d)) -> (n, k): pure, for jit, grad and vmap.

        A solution in float64 needs x64 in JAX: call it under `with jax.enable_x64(True):`, or set
        `jax.config.update("jax_enable_x64", True)`. Raises BackendError without, StatementError for another shape.
        """
        return native.to_jax(self)

    def plot(self, path: Any = None, at: Mapping[str, float] | None = None) -> Any:
        """A matplotlib figure of the fields, with errors where a reference is known; written to `path` if given.

        Measurements are circles over curves and dots on maps. A field is drawn over the coordinates that it depends on,
        and at three values of a parameter.

        at: coordinates to hold fixed, {"z": 0.5}. Of three or more that are left, planes are drawn: at four times, or
        through the middle (time at its end). Outside the domain it is blank. Raises StatementError for a coordinate
        that is not there or outside its range, StoreError for the file.
        """
        return draw_solution(self, path, at)

    def animate(
        self,
        path: Any,
        field: str | None = None,
        seconds: float = 4.0,
        frames: int = 60,
        at: Mapping[str, float] | None = None,
    ) -> None:
        """Write the fields (or one of them) over time as a film, .gif or, where ffmpeg is installed, .mp4.

        One coordinate of space moves as a line, its reference dashed beside it; two as a map of one colour scale.
        at: coordinates to hold fixed. Raises StatementError without time or with more than two coordinates left,
        StoreError for another format, without ffmpeg, and for a file that cannot be written.
        """
        animate(self, path, field, seconds, frames, at)

    def report(self, path: Any, verdict: Any = None) -> None:
        """Write one HTML page that loads nothing: statement, result, fields, errors, residuals, training, plan.

        verdict: what `co.verify` found, or text, to show on it. The worst place of each equation is marked and named.
        Raises StoreError where it cannot be written.
        """
        report(self, path, verdict)

    def _repr_html_(self) -> str:
        """A card for notebooks."""
        return card(self)


def _numbers(name: str, given: Any) -> np.ndarray:
    """A coordinate as doubles. NumPy alone would read text, make None a NaN and drop an imaginary part."""
    try:
        array = np.asarray(given)
        if array.dtype.kind in "USbcmM" or any(isinstance(each, str | bytes | None) for each in _objects(array)):
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        shown = text if len(text := repr(given)) <= 80 else f"{text[:77]}…"
        why = f": {error}" if isinstance(error, RuntimeError) else ""  # a tensor that tells how to detach it
        raise StatementError(
            f"the coordinates must be numbers or arrays of numbers; {name} is {shown} ({type(given).__name__}){why}"
        ) from None


def _objects(array: np.ndarray) -> Any:
    return array.flat if array.dtype == object else ()


def _warn_of_reference(name: str, truth: np.ndarray, known: np.ndarray, norm: str) -> None:
    """Remarks on a reference that cannot be compared with as it is."""
    if not known.all():
        where = f"at {int((~known).sum())} of {len(truth)} points"
        warn(f"the reference of {name} is not finite {where}, which are left out of the error")
    if norm == "relative_l2" and known.any() and not truth[known].any():
        warn(
            f"the reference of {name} is zero throughout, so there is no error relative to it: its absolute error is "
            "given, the root mean square"
        )


def relative_l2(values: np.ndarray, truth: np.ndarray, floating: bool = False) -> float:
    """‖values − truth‖ / ‖truth‖; `floating` values are known up to a constant: their means are removed first.

    Where the truth is zero throughout, the root mean square of the values.
    """
    if not len(truth):
        return math.nan
    values, truth = _centred(values, truth, floating)
    size, error = (float(np.linalg.norm(each)) for each in (truth, values - truth))
    return error / size if size > 0 else error / len(truth) ** 0.5


def max_error(values: np.ndarray, truth: np.ndarray, floating: bool = False) -> float:
    """max |values − truth|."""
    if not len(truth):
        return math.nan
    values, truth = _centred(values, truth, floating)
    return float(np.abs(values - truth).max())


def _centred(values: np.ndarray, truth: np.ndarray, floating: bool) -> tuple[np.ndarray, np.ndarray]:
    return (values - values.mean(), truth - truth.mean()) if floating else (values, truth)
