"""Products and compositions of jets against SymPy, entry by entry, mixed and collapsed ones included."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from collocate.backends.select import get
from collocate.errors import PlanError
from collocate.jets import Entry, JetAlgebra, JetSpace

x, y = sympy.symbols("x y", real=True)
BIHARMONIC = Entry((((0, 4), 1.0), ((2, 2), 2.0), ((4, 0), 1.0)))
PARABOLIC = Entry((((0, 1), 2.0), ((1, 1), 0.5), ((3, 0), -1.5)))
POINTS = np.array([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]])


def _expected(expression: sympy.Expr, entry: Entry) -> np.ndarray:
    total = sum(c * sympy.diff(expression, x, a, y, b) for (a, b), c in entry.terms)
    return np.array([[float(total.subs({x: p, y: q}).evalf(25))] for p, q in POINTS])


@pytest.mark.parametrize(
    "wanted",
    [[(4, 0), (1, 3), (2, 2)], [BIHARMONIC], [Entry((((2, 0), 1.0), ((0, 2), -3.0)))], [PARABOLIC], [(1, 1)], []],
)
def test_an_expression_in_jets_has_its_derivatives(wanted: list) -> None:
    space = JetSpace.of(2, wanted)
    algebra = JetAlgebra(get("numpy"), space)
    u, v = (algebra.coordinate(axis, POINTS[:, axis : axis + 1]) for axis in range(2))
    inner = algebra.add(algebra.multiply(u, u, v), algebra.scale(0.5, v), algebra.constant(0.2))
    jet = algebra.multiply(algebra.function("sin", inner), algebra.power(algebra.add(algebra.constant(3.0), u), 1.5))
    expression = sympy.sin(x * x * y + y / 2 + sympy.Rational(1, 5)) * (3 + x) ** sympy.Rational(3, 2)
    for entry, values in zip(space.entries, jet, strict=True):
        np.testing.assert_allclose(values, _expected(expression, entry), rtol=1e-11, atol=1e-11)


def test_structural_zeros_are_never_computed() -> None:
    space = JetSpace.of(2, [(2, 0), (0, 2)])
    algebra = JetAlgebra(get("numpy"), space)
    u = algebra.coordinate(0, POINTS[:, :1])
    square = algebra.multiply(u, u)
    assert square[space.position((0, 1))] is None and square[space.position((0, 2))] is None
    assert square[space.position((2, 0))] == 2.0


def test_collapsing_carries_fewer_entries() -> None:
    assert len(JetSpace.of(2, [(4, 0), (2, 2), (0, 4)]).entries) == 13
    assert len(JetSpace.of(2, [BIHARMONIC]).entries) == 11
    laplacian = Entry(tuple((tuple(2 * (k == i) for k in range(5)), 1.0) for i in range(5)))
    assert len(JetSpace.of(5, [laplacian]).entries) == 7


def test_an_order_above_the_supported_one_is_refused() -> None:
    with pytest.raises(PlanError, match="order 5"):
        JetSpace.of(1, [(5,)])
