"""A problem with a known solution, from one without: the same operator and kinds of conditions, other data.

For equations L_i(u) = R_i and a chosen U, the manufactured problem is

    L_i(u) = R_i(u) + s_i,   s_i = L_i(U) − R_i(U),

with the traces of U for the values, fluxes, initial and final values, means and measurements of the conditions. U
solves it exactly. How well it is solved with the same settings says what to expect of them where the solution is not
known.
Source: P. J. Roache, J. Fluids Eng. 124 (2002), doi:10.1115/1.1436090.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import sympy

from collocate.errors import StatementError
from collocate.expressions import canonicalise, evaluate
from collocate.geometry import Round
from collocate.statement import MEASURED, Problem, ResolvedCondition
from collocate.statement.conditions import Condition, Data, Point, normal
from collocate.verification.exact_fields import ExactFields, as_written

# Gauss-Legendre nodes in each coordinate for the mean of U, and how far its two ends may differ to count as periodic.
NODES = {1: 200, 2: 64, 3: 24}
PERIODIC = 1e-9


def manufacture(problem: Problem, u: Any) -> Problem:
    """The problem with `problem`'s operator, domain and kinds of conditions whose exact solution is `u`.

    u: an expression of the coordinates, or {field: expression} for several fields. It is the new problem's reference;
    unknown numbers have their guess as the true value. Sources and data are derivatives of `u`, exact, never
    simplified; integral terms by SymPy. Data are without noise, at the same points.
    Raises StatementError where `u` does not fit the fields, is not periodic where they are, or where an integral has
    no closed form.
    """
    if not isinstance(problem, Problem):
        raise StatementError(f"manufacture takes a problem, co.Problem(…); got {problem!r}")
    exact = ExactFields(problem, u)
    equations = [sympy.Eq(e.left, e.right + exact(e.residual), evaluate=False) for e in problem.equations]
    pairs = zip(problem.stated, problem.conditions, strict=True)
    return Problem(
        [as_written(problem, equation) for equation in equations],
        problem.domain,
        [made for stated, resolved in pairs for made in _condition(stated, resolved, exact)],
        unknowns=(*problem.unknowns, *problem.unknown_fields.values()),
        reference=dict(exact.fields),
        scales=problem.scales,
        name=f"{problem.name or 'problem'}, manufactured",
    )


def _condition(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    """The stated condition with the data of the exact solution: one, or one a face where the data differ by face."""
    for made in _RULES[type(stated).__name__](stated, resolved, exact):
        members = {member.name: getattr(made, member.name) for member in fields(made)}
        held = {name: value for name, value in members.items() if isinstance(value, sympy.Basic) and name != "on"}
        yield replace(made, **{name: as_written(exact.problem, value) for name, value in held.items()})


def _value(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    g = exact(canonicalise(stated.u))
    if resolved.kind == "dirichlet":
        yield from (replace(stated, g=g, on=on) for on in _places(stated, resolved, exact))
    else:
        yield replace(stated, g=g)


def _places(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> list[Any]:
    """`on` as stated; where it is left out, what that has come to: other conditions now name their faces."""
    if stated.on is not None:
        return [stated.on]
    whole = [place.part for place in resolved.selections if place.predicate is None]
    pieces = [_on(place, exact) for place in resolved.selections if place.predicate is not None]
    return [*([whole] if whole else []), *pieces]


def _on(place: Any, exact: ExactFields) -> Any:
    """`on` for one part or a piece of it. Raises StatementError for a piece of a curve, which has no equation here."""
    if place.predicate is None:
        return place.part
    domain = exact.problem.domain
    part = domain.part(place.part)
    if part.coordinate is None:
        raise StatementError(
            f"the piece of {part.name!r} where {place.predicate} is what other conditions leave; say so with on="
        )
    symbol = domain.coordinates[domain.names.index(part.coordinate)]
    return sympy.And(sympy.Eq(symbol, part.exact), place.predicate)


def _flux(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    """∂u/∂n and a u + b ∂u/∂n differ from part to part: on flat ends and whole circles each gets a condition of its
    own, elsewhere the datum holds the normal, which the shape knows at each point."""
    normals = [_normal(place, exact) for place in resolved.selections]
    if None in normals:
        for on in _places(stated, resolved, exact):
            yield Condition(sympy.Eq(resolved.residual, exact(resolved.residual), evaluate=False), on)
        return
    for place, components in zip(resolved.selections, normals, strict=True):
        datum = exact(resolved.residual + resolved.value).xreplace(components)
        yield replace(stated, g=datum, on=_on(place, exact))


def _normal(place: Any, exact: ExactFields) -> dict[sympy.Symbol, sympy.Expr] | None:
    """{symbol of a component: its expression} on a flat end or a whole circle or sphere; None elsewhere."""
    domain = exact.problem.domain
    part = domain.part(place.part)
    components: dict[str, Any] = dict.fromkeys(domain.space, 0)
    shape = domain.shape_of(part)
    if part.coordinate is not None:
        components[part.coordinate] = part.side
    elif isinstance(shape, Round) and place.predicate is None:
        for axis, middle in zip(shape.axes, shape.center, strict=True):
            components[axis.name] = (axis.coordinate - middle) / shape.radius
    else:
        return None
    return {normal(domain.coordinates[domain.names.index(name)]): sympy.sympify(c) for name, c in components.items()}


def _data(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    observed = resolved.observations
    assert observed is not None
    arrays = dict(zip(exact.problem.domain.names, observed.coordinates.T, strict=True))
    measured = sympy.Symbol(MEASURED, real=True)
    values = evaluate(exact(resolved.residual + resolved.value).xreplace({measured: sympy.Integer(0)}), arrays)
    values = np.broadcast_to(values, observed.values.shape)
    if isinstance(stated, Point):
        yield Point(stated.expression, float(values[0]), stated.at)
    else:
        yield Data(stated.expression, {**arrays, "value": values}, observed.sigma)


def _equation(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    left, right = (canonicalise(side) for side in stated.equation.args)
    made = sympy.Eq(left, right + exact(resolved.residual), evaluate=False)
    yield from (replace(stated, equation=made, on=on) for on in _places(stated, resolved, exact))


def _mean(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    domain = exact.problem.domain
    points, weights = domain.quadrature(NODES.get(domain.dimension, 12) ** domain.dimension)
    arrays = dict(zip(domain.names, points.T, strict=True))
    values = np.broadcast_to(evaluate(exact(canonicalise(stated.expression)), arrays), len(points))
    yield replace(stated, value=float(weights @ values))


def _periodic(stated: Any, resolved: ResolvedCondition, exact: ExactFields) -> Iterator[Any]:
    """Raises StatementError where the chosen field, or a derivative below the equation's order, is not periodic."""
    domain, name = exact.problem.domain, str(resolved.coordinate)
    symbol = domain.coordinates[domain.names.index(name)]
    points = domain.interior_points(np.random.default_rng(0).random((64, domain.dimension)))
    arrays = dict(zip(domain.names, points.T, strict=True))
    for order in range(resolved.order):
        derivative = sympy.diff(exact.fields[resolved.field], symbol, order)
        low, high = (evaluate(derivative, {**arrays, name: np.full(64, end)}) for end in domain.bounds[name])
        gap = float(np.abs(high - low).max())
        if gap > PERIODIC * (1.0 + float(np.abs(low).max())):
            what = f"the chosen {resolved.field}" if not order else f"its derivative of order {order} by {name}"
            raise StatementError(
                f"{stated}: {what} differs by {gap:.2g} at the two ends of {name}; choose a periodic one"
            )
    yield stated


_Rule = Callable[[Any, ResolvedCondition, ExactFields], Iterator[Any]]
_RULES: dict[str, _Rule] = {
    "Dirichlet": _value,
    "Initial": _value,
    "Final": _value,
    "Neumann": _flux,
    "Robin": _flux,
    "Condition": _equation,
    "Mean": _mean,
    "Periodic": _periodic,
    "Point": _data,
    "Data": _data,
}
