"""The curves of a case's repeats as one: the median at each place, and the band from smallest to largest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from collocate.comparison.figures import Line, Style
from collocate.comparison.measures import Case, decades, good_runs, reaching

PLACES = 80

Pairs = tuple[np.ndarray, np.ndarray]


def line(style: Style, case: Case, across: str, up: str) -> Line | None:
    """``up`` ("loss", or "error": of the worst field) over ``across`` ("seconds", "steps"); None where none is known.

    Between its points a curve is straight on logarithmic axes; a repeat that has ended keeps its last value, since that
    is what one has from then on.
    """
    curves = [pairs for run in good_runs(case) if (pairs := _pairs(run.get("curve") or {}, across, up))]
    if not curves:
        return None
    start, stop = max(x[0] for x, _ in curves), max(x[-1] for x, _ in curves)
    if not start < stop:
        return None
    at = np.geomspace(start, stop, PLACES)
    values = np.exp([np.interp(np.log(at), np.log(x), np.log(y)) for x, y in curves])
    shown = (at, np.median(values, axis=0), values.min(axis=0), values.max(axis=0))
    return Line(style, *(each.tolist() for each in shown))


def _pairs(curve: Mapping[str, Any], across: str, up: str) -> Pairs | None:
    """Those that have a logarithm."""
    values = curve.get(up) or ()
    if isinstance(values, Mapping):
        values = [None if None in each else max(each) for each in zip(*values.values(), strict=True)]
    kept = [(x, y) for x, y in zip(curve.get(across) or (), values, strict=False) if x and y and x > 0 and y > 0]
    return (np.array([x for x, _ in kept]), np.array([y for _, y in kept])) if len(kept) > 1 else None


def to_decades(style: Style, case: Case) -> Line | None:
    """Seconds to each error that every repeat reached in every field."""
    pairs = [(float(each), reaching(each)(case)) for each in decades([case])]
    known = [(x, each) for x, each in pairs if each and math.isfinite(each.high)]
    if not known:
        return None
    columns = zip(*((x, each.middle, each.low, each.high) for x, each in known), strict=True)
    return Line(style, *columns, whiskers=True)
