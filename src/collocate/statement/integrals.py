"""Integral terms of equations, ∫_a^b k(x, s) u(s, t) ds, in the one form in which they are computed.

The field's coordinate that the dummy variable stands for is the variable of integration; where that coordinate also
stands outside the field, in the kernel, it is the point x of the equation itself, called `__outer_x`:

    Integral(exp(-x*s)*u(s, t), (s, 0, x))   →   Integral(exp(-__outer_x*x)*u(x, t), (x, 0, x))
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError
from collocate.expressions import evaluate, symbol
from collocate.geometry import Domain

OUTER = "__outer_"
_SAMPLES = 256


def without_integrals(expression: Any) -> Any:
    """The expression with its integrals taken out."""
    return expression.xreplace({node: sympy.Dummy(real=True) for node in expression.atoms(sympy.Integral)})


def as_written(expression: Any) -> Any:
    """Canonical integrals as a user writes them, with a variable of integration of their own; for reading only."""
    found = {}
    for node in expression.atoms(sympy.Integral):
        coordinate, lower, upper = node.limits[0]
        dummy = sympy.Symbol(next(name for name in "srqw" if symbol(name) not in node.atoms(sympy.Symbol)))
        integrand = node.function.xreplace({coordinate: dummy})
        integrand = integrand.xreplace({symbol(OUTER + coordinate.name): coordinate})
        found[node] = sympy.Integral(integrand, (dummy, lower, upper))
    return expression.xreplace(found)


def moved(expression: Any, domain: Domain, where: str) -> Any:
    """The expression with its integrals of fields in canonical form. Raises StatementError for others than those."""
    found = {node: _moved(node, domain, where) for node in expression.atoms(sympy.Integral)}
    return expression.xreplace(found)


def check_bounds(expression: Any, domain: Domain, where: str) -> None:
    """Raises StatementError for bounds that hold more than coordinates, and for a range that leaves the domain, where
    the field is not known."""
    for node in expression.atoms(sympy.Integral):
        coordinate, *bounds = node.limits[0]
        strangers = sorted(s.name for bound in bounds for s in bound.free_symbols if s.name not in domain.names)
        shown = as_written(node)
        if strangers:
            raise StatementError(
                f"{where} holds {shown}, whose bounds hold {strangers[0]}; bounds are numbers or expressions of the "
                f"coordinates {', '.join(domain.names)}"
            )
        points = domain.sample(_SAMPLES)
        arrays = dict(zip(domain.names, points.T, strict=True))
        ends = [np.broadcast_to(evaluate(bound, arrays), len(points)) for bound in bounds]
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            moved_points = points.copy()
            moved_points[:, domain.names.index(coordinate.name)] = (1 - share) * ends[0] + share * ends[1]
            if not domain.contains(moved_points, tolerance=1e-9).all():
                raise StatementError(
                    f"{where} holds {shown}, whose range leaves the domain {domain} in {coordinate.name}: the field is "
                    "not known there. Widen the domain, or split off what is known of the integral"
                )


def _moved(node: sympy.Integral, domain: Domain, where: str) -> sympy.Integral:
    if len(node.limits) != 1 or len(node.limits[0]) != 3 or node.function.has(sympy.Integral):
        raise StatementError(f"{where} holds {node}; an integral is over one variable with two bounds: (s, a, b)")
    dummy, lower, upper = node.limits[0]
    if any(bound.atoms(AppliedUndef) for bound in (lower, upper)):
        raise StatementError(f"{where} holds {node}; its bounds must be numbers or expressions of the coordinates")
    names = {_coordinate(field, dummy, domain, node, where) for field in node.function.atoms(AppliedUndef)}
    if len(names) > 1:
        raise StatementError(f"{where} holds {node}, in which {dummy} stands for {' and for '.join(sorted(names))}")
    if not names:
        raise StatementError(f"{where} holds {node}, which SymPy can't evaluate; only integrals of fields are computed")
    coordinate = symbol(names.pop())
    integrand = node.function
    if dummy != coordinate:
        integrand = integrand.xreplace({coordinate: symbol(OUTER + coordinate.name)}).xreplace({dummy: coordinate})
    return sympy.Integral(integrand, (coordinate, lower, upper))


def _coordinate(field: AppliedUndef, dummy: sympy.Symbol, domain: Domain, node: Any, where: str) -> str:
    """The coordinate whose place the dummy variable takes in a field."""
    names = [argument.name for argument in field.args]
    if dummy.name not in names:
        raise StatementError(f"{where} holds {node}: {field} doesn't depend on {dummy}; take it out of the integral")
    if dummy.name in domain.names:
        return dummy.name
    missing = [name for name in domain.names if name not in names and name not in domain.parameters]
    if len(missing) != 1:
        raise StatementError(
            f"{where} holds {node}: in {field}, {dummy} must stand in the place of one coordinate; those are "
            f"{', '.join(domain.names)}"
        )
    return missing[0]
