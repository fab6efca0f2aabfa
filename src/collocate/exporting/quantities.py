"""What the web page lets one look at: fields, derivatives, residuals, what else was asked for, errors against truth."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy.printing.pretty.pretty_symbology import pretty_symbol

from collocate.errors import ExportError, ExpressionError
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import derivative_name
from collocate.expressions import check_supported
from collocate.expressions.canonical import field_name, multi_index
from collocate.expressions.printing import to_text
from collocate.solution.grids import verification_points
from collocate.statement import Problem, reference_values

if TYPE_CHECKING:
    from collocate.solution import Solution

# Points along each coordinate where a reference that is a function is tabulated; of more coordinates than two it is
# left out, as a table would be larger than all the rest of the page.
_CURVE, _TIME, _SPACE, _PLANE = 1001, 101, 401, 201
_DERIVATIVES = 24  # at most
_TAIL = 0.005
_KINDS = ("field", "derivative", "asked", "residual", "error")  # in this order


@dataclass(frozen=True)
class _Own:
    """What a page shows by itself under a name. The label is HTML. None: it cannot be computed in the browser."""

    kind: str
    label: str
    expression: sympy.Expr | None


def outputs(problem: Problem, asked: Mapping[str, sympy.Expr]) -> dict[str, sympy.Expr]:
    """What is asked for, and what a page shows besides: fields, derivatives, residuals, references that are formulas.

    Derivatives: the first ones and those of the equations. One that would take another's name is left out.
    Raises ExportError where something else is asked for by the name of one of these, or of any other derivative: it
    would be shown as that.
    """
    own = _own(problem)
    for name, expression in asked.items():
        taken = own.get(name) or _derivative_called(problem, name)
        if taken and taken.expression != expression:
            raise ExportError(
                f"{name}={to_text(expression)} would be shown on the web page as the {taken.kind} {name}, which it "
                f"is not; give it another name, as in {name}_2={to_text(expression)}"
            )
    found = dict(asked)
    for name, each in own.items():
        told = each.kind not in ("field", "reference") and each.expression in found.values()
        if each.expression is not None and not told:
            found.setdefault(name, each.expression)
    return found


def _own(problem: Problem) -> dict[str, _Own]:
    """By name; of one name, the first."""
    fields = zip(problem.field_names, problem.fields, strict=True)
    listed = [(name, _Own("field", escape(name), field)) for name, field in fields]
    for each in _derivatives(problem):
        listed.append((derivative_name(problem, each), _derivative(problem, each)))
    for number, equation in enumerate(problem.equations, 1):
        alone, residual = len(problem.equations) == 1, equation.residual
        label = "residual" if alone else escape(equation.name)
        computed = None if residual.has(sympy.Integral) else residual
        listed.append(("residual" if alone else f"residual_{number}", _Own("residual", label, computed)))
    for field, truth in problem.reference.items():
        formula = truth if isinstance(truth, sympy.Basic) and _is_supported(truth) else None
        listed.append((f"{field}_reference", _Own("reference", escape(field), formula)))
    found: dict[str, _Own] = {}
    for name, each in listed:
        if name not in problem.domain.names:
            found.setdefault(name, each)
    return found


def _derivative(problem: Problem, derivative: sympy.Derivative) -> _Own:
    """u with xt below, the coordinates in the domain's order."""
    counts = zip(problem.domain.names, multi_index(derivative, problem.coordinates), strict=True)
    below = "".join(pretty_symbol(name) * count for name, count in counts)
    return _Own("derivative", f"{escape(field_name(derivative.expr))}<sub>{escape(below)}</sub>", derivative)


def _derivative_called(problem: Problem, name: str) -> _Own | None:
    """The derivative of that name, of any order and by any coordinate: u_xxk."""
    letters = re.compile("".join(f"((?:{re.escape(each)})*)" for each in problem.domain.names))
    for field in problem.fields:
        field_of, _, below = name.rpartition("_")
        found = letters.fullmatch(below) if field_of == field_name(field) else None
        if found and below:
            by = zip(problem.coordinates, problem.domain.names, found.groups(), strict=True)
            counts = [(coordinate, len(text) // len(each)) for coordinate, each, text in by if text]
            derivative = field.diff(*counts)
            return _derivative(problem, derivative) if isinstance(derivative, sympy.Derivative) else None
    return None


def _derivatives(problem: Problem) -> list[sympy.Derivative]:
    """The lowest first, in the order of the domain's coordinates."""
    firsts = [
        field.diff(coordinate)
        for field in problem.fields
        for coordinate in problem.coordinates
        if coordinate in field.args and coordinate.name not in problem.domain.parameters
    ]
    stated = {each for one in problem.equations for each in one.residual.atoms(sympy.Derivative)}
    every = dict.fromkeys([*firsts, *sorted(stated, key=to_text)])
    return sorted(every, key=lambda each: each.derivative_count)[:_DERIVATIVES]


def _is_supported(expression: sympy.Expr) -> bool:
    try:
        check_supported(expression)
    except ExpressionError:
        return False
    return True


def quantities(graph: Graph, solution: Solution, tabulated: Sequence[str]) -> list[dict[str, Any]]:
    """Each with the output that it is of, how it is called, and its ranges over the domain.

    An `error` is the field less the truth and less `offset`, the mean of that where the problem fixes the field only up
    to a constant. `reference` names the output of the truth; `table` is the place of the field among those `tabulated`.
    """
    problem = solution.problem
    own = _own(problem)
    points = dict(zip(problem.domain.names, verification_points(problem.domain).T, strict=True))
    values = evaluate(graph, points)
    references = {name for name, each in own.items() if each.kind == "reference" and name in values}
    found = []
    for name in (output.name for output in graph.outputs if output.name not in references):
        each = own.get(name) or _derivative_called(problem, name) or _Own("asked", escape(name), None)
        entry = {"name": name, "kind": each.kind, "label": each.label, "output": name, **_ranges(values[name])}
        if each.kind == "field":
            truth = f"{name}_reference"
            known = truth if truth in references else None
            entry |= {"reference": known, "table": _index(tabulated, name), "offset": 0.0}
        found.append(entry)
    for field in [each for each in found if each.get("reference") or each.get("table") is not None]:
        name, reference = field["name"], field["reference"]
        truth = values[reference] if reference else reference_values(problem.reference, name, points)
        if name in problem.floating:
            field["offset"] = _mean(values[name] - truth)
        found.append({**field, "name": f"{name} error", "kind": "error", "label": f"error of {field['label']}"})
    return sorted(found, key=lambda each: (_KINDS.index(each["kind"]), each["output"] not in own))


def _index(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def tables(problem: Problem) -> dict[str, dict[str, Any]]:
    """{field: {"counts", "values"}} of references that are functions, over the bounding box of one or two coordinates.

    Values are those of a grid with its bounds, float64, the last coordinate fastest; NaN outside the domain.
    """
    domain = problem.domain
    functions = [name for name, truth in problem.reference.items() if not isinstance(truth, sympy.Basic)]
    if domain.dimension > 2 or not functions:
        return {}
    counts = [_CURVE] if domain.dimension == 1 else [_PLANE, _PLANE]
    if domain.dimension == 2 and domain.time:
        counts = [_TIME if name == domain.time else _SPACE for name in domain.names]
    grid = domain.grid(counts)
    points = np.stack([array.ravel() for array in grid.values()], axis=1)
    inside = domain.contains(points, tolerance=1e-9)
    found = {}
    for name in functions:
        values = np.full(len(points), np.nan)
        arrays = dict(zip(domain.names, points[inside].T, strict=True))
        values[inside] = reference_values(problem.reference, name, arrays)
        if np.isfinite(values).any():
            found[name] = {"counts": counts, "values": values}
    return found


def _ranges(values: np.ndarray) -> dict[str, Any]:
    """Of all values, and of all but the outermost hundredth: with a thin layer, colors are better spent on the rest."""
    known = values[np.isfinite(values)]
    if not known.size:
        return {"range": None, "core": None}
    return {
        "range": [float(known.min()), float(known.max())],
        "core": [float(each) for each in np.quantile(known, [_TAIL, 1 - _TAIL])],
    }


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values[np.isfinite(values)]))
