"""Problems from text: what they state, and that a wrong part is quoted with a spelling that works."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Eq, Function, cos, exp, pi, sin, symbols

import collocate as co
from collocate.errors import CollocateError

x, y, t, s = symbols("x y t s")
HEAT = ("u_t = 0.1*u_xx", "x: 0..1, t: 0..1")


def same(found: co.Problem, expected: co.Problem) -> bool:
    """Whether both state the same, however their conditions were spelt."""
    assert found.domain.to_json() == expected.domain.to_json()
    assert found.equations == expected.equations
    assert [(unknown.name, unknown.guess) for unknown in found.unknowns] == [
        (unknown.name, unknown.guess) for unknown in expected.unknowns
    ]
    assert found.reference == expected.reference
    assert [(c.residual, c.selections) for c in found.conditions] == [
        (c.residual, c.selections) for c in expected.conditions
    ]
    return True


def test_burgers_is_the_example():
    u = Function("u")(x, t)
    expected = co.Problem(
        Eq(u.diff(t) + u * u.diff(x), 0.01 / pi * u.diff(x, 2)),
        domain=co.Interval(x, -1, 1) * co.Time(t, 0, 1),
        conditions=[co.Initial(u, -sin(pi * x)), co.Dirichlet(u, 0)],
    )
    found = co.Problem.from_text(
        "u_t + u*u_x = 0.01/pi*u_xx", "x:-1..1, t:0..1", initial="u = -sin(pi*x)", boundary="u = 0"
    )
    assert same(found, expected)
    assert same(co.Problem.from_json(found.to_json()), expected)


def test_a_system_in_time_with_exact_bounds_and_references():
    p, q = Function("p")(s), Function("q")(s)
    expected = co.Problem(
        [Eq(p.diff(s), -q), Eq(q.diff(s), p)],
        co.Time(s, 0, 2 * pi),
        [co.Initial(p, 1), co.Initial(q, 0)],
        reference={p: cos(s), q: sin(s)},
    )
    found = co.Problem.from_text(
        ["p_s = -q", "q.diff(s) = p"],
        "time s: 0..2*pi",
        initial=["p = 1", "q = 0"],
        reference=["p = cos(s)", "q = sin(s)"],
    )
    assert same(found, expected)


def test_second_order_in_time_periodic_in_space():
    u = Function("u")(x, t)
    expected = co.Problem(
        Eq(u.diff(t, 2), u.diff(x, 2)),
        co.Interval(x, 0, 2 * pi) * co.Time(t, 0, 1),
        [co.Initial(u, sin(x)), co.Initial(u.diff(t), 0), co.Periodic(u, x)],
    )
    for periodic in ("periodic u in x", "u periodic in x", "periodic in x"):
        found = co.Problem.from_text(
            "u_tt = u_xx", "x: 0..2*pi, t: 0..1", initial=["u = sin(x)", "u_t = 0"], boundary=periodic
        )
        assert same(found, expected)


@pytest.mark.filterwarnings("ignore:.*may contradict")
def test_final_values_and_measurements():
    u = Function("u")(t)
    table = {"t": ["0", "1.5"], "u": ["1", "0.2"], "sigma": ["0.1", "0.2"], "station": ["a", "b"]}
    found = co.Problem.from_text("u_tt = -k*u", "t: 0..2", "u = 1", unknowns="k = 1", final="u_t = t", data=table)
    expected = co.Problem(
        Eq(u.diff(t, 2), -symbols("k") * u),
        co.Time(t, 0, 2),
        [co.Initial(u, 1), co.Final(u.diff(t), 2), co.Data(u, {"t": [0, 1.5], "u": [1, 0.2]}, sigma=[0.1, 0.2])],
        unknowns=[co.Unknown(symbols("k"), 1)],
    )
    assert same(found, expected)
    (observed,), (wanted,) = found.observations.values(), expected.observations.values()
    assert (observed.coordinates == wanted.coordinates).all()
    assert (observed.values == wanted.values).all()
    assert (observed.sigma == wanted.sigma).all()


def test_a_table_of_two_fields_states_two_data_and_several_tables_add_up():
    system = {"equations": ["p_t = -q", "q_t = p"], "domain": "t: 0..1", "initial": ["p = 0", "q = 1"]}
    tables = [{"t": [0.5], "p": [1], "q": [2]}, {"t": [1], "q": [3]}]
    found = co.Problem.from_text(**system, data=tables).observations
    assert [(entry.coordinates.tolist(), entry.values.tolist()) for entry in found.values()] == [
        ([[0.5]], [1]), ([[0.5]], [2]), ([[1]], [3]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"data": {"t": [0], "w": [1]}}, r"has the columns t, w; it needs .* one named after a field \(u\)"),
        ({"data": 3}, "has no columns: int"),
        ({"data": {"u": [1]}}, r"the table has the columns u; it needs t, u \(or value\)"),
        ({"final": "u(2) = 1"}, r"""final condition "u\(2\) = 1": 'u\(2\)' says the place"""),
        ({"final": 3}, 'the final condition must be text like "u = 0"; got 3'),
    ],
)
def test_wrong_final_values_and_tables(change: dict[str, object], expected: str):
    with pytest.raises(CollocateError, match=expected):
        co.Problem.from_text("u_t = -u", "t: 0..2", "u = 1", **change)  # type: ignore[arg-type]


def test_places_and_fluxes():
    u = Function("u")(x, y)
    expected = co.Problem(
        Eq(u.diff(x, 2) + u.diff(y, 2), -1),
        co.Interval(x, 0, 2) * co.Interval(y, 0, 1),
        [
            co.Dirichlet(u, y, on=["left", "right"]),
            co.Neumann(u, 1, on=Eq(y, 1)),
            co.Robin(u, 2, 1, x, on=(y < 0.5) & (x > 1)),
            co.Condition(Eq(u.diff(y), 3), on=Eq(y, 0) & (x < 1)),
        ],
    )
    found = co.Problem.from_text(
        "u_xx + diff(u, y, 2) = -1",
        "x: 0..2, y: 0..1",
        boundary=[
            "u = y on left and right",
            "du/dn = 1 on y=1",
            "2*u + u_n = x on (y < 0.5) & (x > 1)",
            "u_y = 3 on (y = 0) & (x < 1)",
        ],
    )
    assert same(found, expected)


def test_an_unknown_is_no_field_and_space_may_be_called_t():
    u = Function("u")(t)
    k_t = symbols("k_t")
    expected = co.Problem(
        Eq(-u.diff(t, 2), k_t * u),
        co.Interval(t, 0, 1),
        [co.Dirichlet(u, 0, on="left"), co.Dirichlet(u, 0, on="right"), co.Neumann(u, -1, on="left")],
        unknowns=[co.Unknown(k_t, 8)],
    )
    found = co.Problem.from_text(
        "-u_tt = k_t*u",
        "space t: 0..1",
        boundary=["u = 0 on left", "u = 0 on right", "du/dn = -1 on t = 0"],
        unknowns="k_t = 2**3",
    )
    assert same(found, expected)


def test_a_field_without_derivative_is_known_by_its_condition():
    found = co.Problem.from_text(["u_t = w", "w = -u"], "t: 0..1", initial="u = 1", reference="w = -exp(-t)")
    assert found.field_names == ("u", "w")
    assert found.reference["w"] == -exp(found.coordinates[0] * -1)


def test_a_field_may_be_called_like_a_constant():
    found = co.Problem.from_text("E_t = E_xx", "x: 0..1, t: 0..1", initial="E = sin(pi*x)", boundary="E = 0")
    assert found.field_names == ("E",)
    x, t = found.coordinates
    assert found.equations[0].residual == found.fields[0].diff(t) - found.fields[0].diff(x, 2)


def test_names_of_coordinates_that_begin_alike_end_at_once():
    with pytest.raises(CollocateError, match="is no derivative of u"):
        co.Problem.from_text(f"u_xx = u_{'x' * 500}y", "x: 0..1, xx: 0..1", boundary="u = 0")


def test_it_is_solved_and_saved(tmp_path: Path):
    problem = co.Problem.from_text(
        "u_xx = u", "x: 0..1", boundary=["u = 1 on left", "u = E on right"], reference="u = exp(x)", name="growth"
    )
    solution = co.solve(problem, mode="eager", network=(6,), steps=8, points=60, callbacks=[])
    assert solution.error() < 1e-3
    solution.save(tmp_path / "growth.collocate")
    assert co.load(tmp_path / "growth.collocate").problem.describe() == problem.describe()


WRONG = [
    ({"equations": "u_t - u_xx"}, '"u_t - u_xx": it has 0 signs =.* write it like "u_t - u_xx = 0"'),
    ({"equations": "u_t == u_xx"}, "a single ="),
    ({"equations": "u_t = u_xx = 0"}, "2 signs ="),
    ({"equations": "u_t ="}, "nothing after the ="),
    ({"equations": "u_t = nu*u_xx"}, "'nu' is not known.*unknown \"nu = 0.1\""),
    ({"equations": "u_t = u_yy"}, "'u_yy' is no derivative of u: 'yy' is not made of coordinates"),
    ({"equations": "du/dt = u_xx"}, "'du' is not known; a derivative is written u_x"),
    ({"equations": "u_t = sine(u_x)"}, "no function 'sine', did you mean 'sin'"),
    ({"equations": "u_t = x(u_x)"}, r"'x' is a number, not a function; a product is written x\*"),
    ({"equations": "u_t = 2 u_xx"}, r"A product is written with \*, like 2\*u"),
    ({"equations": "u_t = u''"}, "A derivative is written u_x"),
    ({"equations": "u_t = u^2"}, r"'u\^2'.*write \*\*"),
    ({"equations": "u_t = (u_x < 1)"}, "is a comparison, not a value"),
    ({"equations": []}, "no equation was given"),
    ({"equations": "3*x = 1", "initial": (), "boundary": ()}, "no derivative of a field by x, t"),
    ({"equations": 3}, "must be text"),
    ({"domain": ""}, "the domain must be text like"),
    ({"domain": "x 0..1"}, "'x 0..1' is no name with a range; write it like"),
    ({"domain": "x: 0-1"}, "'0-1' is no range, which has two dots .* write it like \"x: 0..1\""),
    ({"domain": "x: 1..0, t: 0..1"}, 'write it like "x: 0..1"'),
    ({"domain": "x: 0..L, t: 0..1"}, "a bound of x: 'L' is no finite number"),
    ({"domain": "x: 0..1/0, t: 0..1"}, "'1/0' is no finite number"),
    ({"initial": "u(x, 0) = sin(x)"}, r"'u\(x, 0\)' says the place in the field's brackets; write it like \"u = -sin"),
    ({"initial": "u"}, "0 signs =.*write it like \"u = 0\""),
    ({"boundary": "u(0) = 1"}, "write it like \"u = 0 on x = 0\""),
    ({"boundary": "u = 0 on lft"}, "no part 'lft'; its parts: left, right"),
    ({"boundary": "u = 0 on y = 0"}, "the place 'y = 0': 'y'"),
    ({"boundary": "u = 0 on x + 1"}, "neither a part of the boundary nor a comparison"),
    ({"boundary": "u periodic"}, "a periodic condition names its coordinate; write it like \"u periodic in x\""),
    ({"boundary": "u periodic in t"}, "'t' is no coordinate of space; those are x"),
    ({"boundary": "w periodic in x"}, "'w' is no field; fields: u"),
    ({"unknowns": "nu"}, '"nu = 0"'),
    ({"unknowns": "nu = x"}, "its first guess: 'x' is no finite number"),
    ({"unknowns": "2*nu = 1"}, r"'2\*nu' is no name"),
    ({"reference": "2*u = 1"}, r"'2\*u' is no field"),
    ({"reference": "u = u_x"}, "holds a field"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), WRONG, ids=[str(change) for change, _ in WRONG])
def test_what_is_wrong_is_quoted_with_what_works(change: dict[str, object], expected: str):
    right = {"equations": HEAT[0], "domain": HEAT[1], "initial": "u = sin(pi*x)", "boundary": "u = 0"}
    with pytest.raises(CollocateError, match=expected):
        co.Problem.from_text(**{**right, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["equations", "domain", "initial", "boundary", "unknowns", "reference"])
def test_planted_code_runs_nothing(place: str, tmp_path: Path):
    mark = tmp_path / "mark"
    planted = f"__import__('os').mkdir('{mark}')"
    text = {"domain": f"x: 0..{planted}, t: 0..1"}.get(place, f"u = {planted}")
    right = {"equations": HEAT[0], "domain": HEAT[1], "initial": "u = sin(pi*x)", "boundary": "u = 0"}
    with pytest.raises(CollocateError):
        co.Problem.from_text(**{**right, place: text})
    assert not mark.exists()
