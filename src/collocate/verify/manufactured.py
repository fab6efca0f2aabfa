"""A problem with a known solution, from one without: the same operator and kinds of conditions, other data.

For equations L_i(u) = R_i and a chosen U, the manufactured problem is

    L_i(u) = R_i(u) + s_i,   s_i = L_i(U) − R_i(U),

with the traces of U for the values, fluxes, initial values and means of the conditions. U solves it exactly. How well
it is solved with the same settings says what to expect of them where the solution is not known.
Source: P. J. Roache, J. Fluids Eng. 124 (2002), doi:10.1115/1.1436090.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import NotYetError, StatementError
from collocate.expressions import canonicalise, evaluate
from collocate.expressions.canonical import field_name
from collocate.statement import Problem, ResolvedCondition

# Gauss-Legendre nodes in each coordinate for the mean of U, and how far its two ends may differ to count as periodic.
NODES = {1: 200, 2: 64, 3: 24}
PERIODIC = 1e-9


def manufacture(problem: Problem, u: Any) -> Problem:
    """The problem with `problem`'s operator, domain and kinds of conditions whose exact solution is `u`.

    u: an expression of the coordinates, or {field: expression} for several fields. It is the new problem's reference;
    unknown numbers have their guess as the true value. Sources and data are derivatives of `u`, exact, never
    simplified. Raises StatementError where `u` does not fit the fields, or is not periodic where they are.
    """
    if not isinstance(problem, Problem):
        raise StatementError(f"manufacture takes a problem, co.Problem(…); got {problem!r}")
    exact = _Exact(problem, _by_field(problem, u))
    equations = [
        sympy.Eq(equation.left, equation.right + exact(equation.residual), evaluate=False)
        for equation in problem.equations
    ]
    pairs = zip(problem.stated, problem.conditions, strict=True)
    return Problem(
        equations,
        problem.domain,
        [made for stated, resolved in pairs for made in _condition(stated, resolved, exact)],
        unknowns=problem.unknowns,
        reference={problem.field(name): value for name, value in exact.fields.items()},
        scales=problem.scales,
        name=f"{problem.name or 'problem'}, manufactured",
    )


class _Exact:
    """`exact(expression)`: the expression with the chosen fields in place of the fields, unknowns at their guess."""

    def __init__(self, problem: Problem, fields: dict[str, sympy.Expr]):
        self.problem, self.fields = problem, fields
        self.unknowns = {unknown.symbol: sympy.Float(unknown.guess) for unknown in problem.unknowns}

    def __call__(self, expression: sympy.Expr) -> sympy.Expr:
        nodes = expression.atoms(sympy.Derivative) | expression.atoms(AppliedUndef)
        return expression.xreplace({**{node: self._value(node) for node in nodes}, **self.unknowns})

    def _value(self, node: Any) -> sympy.Expr:
        if isinstance(node, sympy.Derivative):
            return sympy.diff(self.fields[field_name(node.expr)], *node.variable_count)
        return self.fields[field_name(node)]


def _by_field(problem: Problem, given: Any) -> dict[str, sympy.Expr]:
    """Canonical expressions by field. Raises StatementError for one too few, too many, or not of the coordinates."""
    if not isinstance(given, Mapping):
        if len(problem.fields) > 1:
            names = ", ".join(f"{name}: …" for name in problem.field_names)
            raise StatementError(f"the problem has several fields: give u={{{names}}}; got {given}")
        given = {problem.field_names[0]: given}
    found = {}
    for key, value in given.items():
        name = field_name(key) if isinstance(key, AppliedUndef) else str(key)
        expression = canonicalise(value, f"the chosen {name}")
        strangers = {symbol.name for symbol in expression.free_symbols} - set(problem.domain.names)
        if strangers or expression.atoms(AppliedUndef):
            raise StatementError(
                f"the chosen {name} = {expression} must be an expression of {', '.join(problem.domain.names)} alone"
            )
        found[name] = expression
    if set(found) != set(problem.field_names):
        raise StatementError(f"u names {', '.join(found)}; the problem has {', '.join(problem.field_names)}")
    return found


def _condition(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> Iterator[Any]:
    """The stated condition with the data of the exact solution: one, or one a face where the data differ by face."""
    rule = _RULES.get(type(stated).__name__)
    if rule is None:
        raise NotYetError(
            f"{stated}: data for a {type(stated).__name__} are not manufactured; state the problem without it"
        )
    yield from rule(stated, resolved, exact)


def _value(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> Iterator[Any]:
    g = exact(canonicalise(stated.u))
    if resolved.kind == "dirichlet":
        yield from (replace(stated, g=g, on=on) for on in _places(stated, resolved, exact))
    else:
        yield replace(stated, g=g)


def _places(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> list[Any]:
    """`on` as stated; where it is left out, what that has come to: other conditions now name their faces."""
    if stated.on is not None:
        return [stated.on]
    whole = [place.part for place in resolved.selections if place.predicate is None]
    pieces = [_on(place, exact) for place in resolved.selections if place.predicate is not None]
    return [*([whole] if whole else []), *pieces]


def _on(place: Any, exact: _Exact) -> Any:
    """`on` for one face or a piece of it."""
    if place.predicate is None:
        return place.part
    domain = exact.problem.domain
    part = domain.part(place.part)
    symbol = domain.coordinates[domain.names.index(part.coordinate)]
    return sympy.And(sympy.Eq(symbol, part.exact), place.predicate)


def _flux(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> Iterator[Any]:
    """∂u/∂n and a u + b ∂u/∂n differ from face to face, so each face gets a condition of its own."""
    domain = exact.problem.domain
    field = exact.problem.field(resolved.field)
    for place in resolved.selections:
        part = domain.part(place.part)
        symbol = domain.coordinates[domain.names.index(part.coordinate)]
        flux = part.side * exact(sympy.diff(field, symbol))
        g = flux
        if resolved.kind == "robin":
            g = exact(canonicalise(stated.a)) * exact(field) + exact(canonicalise(stated.b)) * flux
        yield replace(stated, g=g, on=_on(place, exact))


def _equation(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> Iterator[Any]:
    left, right = (canonicalise(side) for side in stated.equation.args)
    made = sympy.Eq(left, right + exact(resolved.residual), evaluate=False)
    yield from (replace(stated, equation=made, on=on) for on in _places(stated, resolved, exact))


def _mean(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> Iterator[Any]:
    domain = exact.problem.domain
    count = NODES.get(domain.dimension, 12)
    nodes, weights = np.polynomial.legendre.leggauss(count)
    unit = np.stack([axis.ravel() for axis in np.meshgrid(*[0.5 * (nodes + 1)] * domain.dimension, indexing="ij")], 1)
    share = np.prod(np.meshgrid(*[0.5 * weights] * domain.dimension, indexing="ij"), axis=0).ravel()
    arrays = dict(zip(domain.names, domain.interior_points(unit).T, strict=True))
    yield replace(stated, value=float(share @ evaluate(exact(canonicalise(stated.expression)), arrays)))


def _periodic(stated: Any, resolved: ResolvedCondition, exact: _Exact) -> Iterator[Any]:
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


_Rule = Callable[[Any, ResolvedCondition, _Exact], Iterator[Any]]
_RULES: dict[str, _Rule] = {
    "Dirichlet": _value,
    "Initial": _value,
    "Final": _value,
    "Neumann": _flux,
    "Robin": _flux,
    "Condition": _equation,
    "Mean": _mean,
    "Periodic": _periodic,
}
