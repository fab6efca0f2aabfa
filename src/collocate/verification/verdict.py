"""The verdict on a solution, with the evidence: printed, as JSON, as HTML."""

from __future__ import annotations

import html
import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from collocate.verification.judgement import where
from collocate.verification.misfit import Misfit
from collocate.verification.residual_map import Measured
from collocate.verification.stability import Comparison
from collocate.verification.unknowns import Found


@dataclass(frozen=True)
class Verdict:
    """Whether to trust a solution, to what relative error, and why.

    trusted: no reason against it was found. accuracy: the power of ten above the error, None where not trusted.
    undecided: not trusted only because nothing tells how large the error is; nothing speaks against it.
    reasons: what speaks against it, or why it is undecided. remarks: what could not be looked at.
    estimate: of the relative L2 error, from other trainings (None where there were none); errors: measured against the
    reference, by field (None without). worst: the largest residual, over equations and conditions.
    reported, fresh: the held-out residual that training reported, and the same on many fresh points.
    unknowns: the numbers found, and how far each is to be trusted. misfits: how measured values are met.
    map: {coordinate: (n,)} and "residual" (n,), √Σ (r/scale)² over the equations; not part of the JSON.
    """

    problem: str
    trusted: bool
    undecided: bool
    accuracy: float | None
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    estimate: float | None
    errors: dict[str, float] | None
    worst: Measured
    measured: tuple[Measured, ...]
    reported: float | None
    fresh: float
    comparisons: tuple[Comparison, ...]
    unknowns: tuple[Found, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    map: dict[str, np.ndarray] = field(repr=False, compare=False, default_factory=dict)

    @property
    def summary(self) -> str:
        """One line: «trust to about 1e-5», «do not trust: …», or «no verdict: …» where nothing tells."""
        if self.accuracy is not None:
            return f"trust to about {self.accuracy:.0e}".replace("e-0", "e-").replace("e+00", "")
        return f"{self._heading}: {'; '.join(self.reasons)}"

    @property
    def _heading(self) -> str:
        return "no verdict" if self.undecided else "do not trust"

    def __str__(self) -> str:
        lines = [self.summary] if self.trusted else [f"{self._heading}:", *(f"  - {reason}" for reason in self.reasons)]
        width = max(len(name) for name, _ in self.rows())
        lines += [f"  {name:<{width}}  {text}" for name, text in self.rows()]
        return "\n".join(lines)

    def rows(self) -> list[tuple[str, str]]:
        """(name, figures) of each piece of evidence."""
        found = [(each.name, _residual(each)) for each in self.measured]
        found += [(f"misfit of {each.name}", _misfit(each)) for each in self.misfits]
        if self.reported is not None:
            found.append(("residual in training", f"{self.reported:.1e} reported, {self.fresh:.1e} on fresh points"))
        found += [(f"trained again, {each.kind}", _comparison(each)) for each in self.comparisons]
        found += [(f"unknown {each.name}", str(each)) for each in self.unknowns]
        if self.estimate is not None:
            found.append(("estimated error", f"{self.estimate:.1e}"))
        found += [(f"error of {name}", f"{error:.1e} against the reference") for name, error in _items(self.errors)]
        place = where(self.worst.place)
        found.append(("worst place", f"{place}: {self.worst.name} leaves {self.worst.largest:.1e} of its size"))
        return [*found, *(("remark", text) for text in self.remarks)]

    def to_json(self) -> dict[str, Any]:
        """All but the map, as JSON data; None stands for what is not finite."""
        document = {name: value for name, value in self.__dict__.items() if name != "map"}
        document["summary"] = self.summary
        return _plain(document)

    def _repr_html_(self) -> str:
        colour = "#2b7a3d" if self.trusted else "#7a5c00" if self.undecided else "#b3261e"
        heading = f'<p style="color:{colour}"><strong>{html.escape(self.summary)}</strong></p>'
        rows = "".join(
            f'<tr style="text-align:left"><th>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>'
            for name, text in self.rows()
        )
        return f"{heading}<table>{rows}</table>"


def _residual(each: Measured) -> str:
    at = f", largest {each.largest:.1e} at {where(each.place)}" if each.place else ""
    if each.kind == "data":
        places = f"at {_points(each.points)} that {'were' if each.points != 1 else 'was'} given"
    elif each.points == 1:
        return f"{each.rms:.1e} of its size at {where(each.place)}"
    else:
        places = f"on {each.points} fresh points"
    return f"{each.rms:.1e} of its size {places}{at}"


def _misfit(each: Misfit) -> str:
    noise = "" if each.chi_squared is None else f", {math.sqrt(each.chi_squared):.2f} sigma"
    trend = "" if each.trend is None else f", trend z = {each.trend:.1f}"
    apart = f", {each.outliers} outlier{'s' * (each.outliers != 1)} apart" if each.outliers else ""
    return f"{each.rms:.1e} of its size at {_points(each.points)}{noise}{trend}{apart}"


def _points(count: int) -> str:
    return f"{count} point{'s' * (count != 1)}"


def _comparison(each: Comparison) -> str:
    differences = ", ".join(f"{name} {value:.1e}" for name, value in (each.differences | each.unknowns).items())
    steps = f"{each.steps} step{'s' * (each.steps != 1)} on {_points(each.points)}, seed {each.seed}"
    if each.is_cut:
        return f"residual {each.level:.1e} when its time was over ({steps}); differs by {differences}"
    return f"differs by {differences}; residual {each.level:.1e} ({steps}, {each.stopped_because})"


def _items(errors: dict[str, float] | None) -> list[tuple[str, float]]:
    return list((errors or {}).items())


def _plain(value: Any) -> Any:
    if isinstance(value, Measured | Comparison | Found | Misfit):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
