"""Text: mathematics is read, everything else is refused and nothing is run."""

from __future__ import annotations

import pytest
import sympy
from sympy import Eq, Function, Rational, cos, exp, pi, sin, symbols

from collocate.errors import ExpressionError
from collocate.expressions import canonicalise, parse
from collocate.expressions.printing import to_text

x, t, x1, nu = symbols("x t x1 nu")
u = Function("u")(x, t)
w = Function("w")(x, x1)
NAMES = {"x": x, "t": t, "x1": x1, "nu": nu, "u": u, "w": w}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u_t + u*u.diff(x) - nu*u_xx", u.diff(t) + u * u.diff(x) - nu * u.diff(x, 2)),
        ("u.diff(x, 2) + diff(u, x, t) + Derivative(u, x)", u.diff(x, 2) + u.diff(x, t) + u.diff(x)),
        ("(x*u).diff(x)", u + x * u.diff(x)),
        ("w_x1x", w.diff(x1, x)),
        ("u(x, t) + 1", u + 1),
        ("-sin(pi*x)**2/3 + 1.5e-3*exp(-t)", -(sin(pi * x) ** 2) / 3 + 1.5e-3 * exp(-t)),
        ("1/3", Rational(1, 3)),
        ("+x - -t", x + t),
        ("Eq(u, 0)", Eq(canonicalise(u), 0)),
        ("(x > 0) & (x < 1) | ~(t >= 2)", ((x > 0) & (x < 1)) | ~(t >= 2)),
        ("x == 1", Eq(x, 1)),
        ("x != 1", sympy.Ne(x, 1)),
        ("Piecewise((x, x > 0), (0, True))", sympy.Piecewise((x, x > 0), (0, True))),
        ("Max(x, t) + min(x, t) + abs(x) + sqrt(x) + ln(E*x)", None),
        ("And(x > 0, t > 0)", (x > 0) & (t > 0)),
        ("  cos(x)\n", cos(x)),
    ],
)
def test_mathematics_is_read(text, expected):
    found = parse(text, NAMES)
    if expected is not None:
        assert found == canonicalise(expected)
    assert found.free_symbols or found.is_number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("__import__('os').system('true')", "__import__.*unknown function"),
        ("().__class__", r"'\(\).__class__'.*not allowed here"),
        ("x.__class__", "'x.__class__'.*not allowed here"),
        ("u.subs(x, 1)", "'u.subs.*unknown function"),
        ("(lambda: 1)()", "unknown function"),
        ("[x for x in (1, 2)]", "not allowed here"),
        ("'x'", "\"'x'\".*only real numbers may stand here"),
        ("2j*x", "'2j'.*only real numbers"),
        ("f'{x}'", "not allowed here"),
        ("x if t else u", "not allowed here"),
        ("x[0]", "not allowed here"),
        ("(x := 1)", "not allowed here"),
        ("x^2", "'x\\^2'.*write \\*\\* for a power"),
        ("x % 2", "this operator isn't allowed"),
        ("0 < x < 1", "a chained comparison; write"),
        ("x in (1, 2)", "this comparison isn't allowed"),
        ("x > 0 and t > 0", "write `&` and `\\|` with parentheses"),
        ("not (x > 0)", "write `~` instead of `not`"),
        ("(x > 0) + 1", "a comparison stands where a value is needed"),
        ("x & t", "a comparison is needed on both sides"),
        ("velocity + x", "'velocity'.*unknown name; known: nu, t, u, w, x, x1"),
        ("u_z", "'u_z'.*unknown name"),
        ("gamma(x)", "unknown function; known: diff"),
        ("sin(x, t, u)", "'sin\\(x, t, u\\)'"),
        ("sin(x=1)", "plain positional arguments"),
        ("sin(*x)", "plain positional arguments"),
        ("u(0, t)", "the field is known as u\\(x, t\\); its arguments can't be changed"),
        ("u.diff()", "say by which coordinate"),
        ("u.diff(2)", "a derivative is written u.diff\\(x\\)"),
        ("u.diff(x, 10**9)", "a derivative is written"),
        ("u = 1", r"can't be read as an expression \(an equation is written Eq"),
        ("x +", "can't be read as an expression"),
        ("", "can't be read as an expression"),
        ("x\0", "can't be read as an expression"),
        ("9**9**9**9", "more than 4096 bits"),
        ("1/0", "isn't a finite number"),
        ("1e999", "finite"),
        ("Piecewise(x)", "takes pairs"),
        ("x" + " + x" * 20_000, "at most 20000 are read"),
        ("(" * 5000 + "x" + ")" * 5000, "can't be read|nested"),
        ("-" * 400 + "x", "nested more than 200 levels|can't be read"),
    ],
)
def test_everything_else_is_refused_with_the_part_quoted(text, said):
    with pytest.raises(ExpressionError, match=said):
        parse(text, NAMES)


def test_a_planted_import_runs_nothing(tmp_path):
    planted = f"__import__('pathlib').Path({str(tmp_path / 'ran')!r}).touch()"
    eval(planted)  # would leave a file if it ran
    assert (tmp_path / "ran").exists()
    (tmp_path / "ran").unlink()
    for text in (planted, f"sin({planted})", f"u.diff({planted})", f"x + {planted}", f"Piecewise(({planted}, True))"):
        with pytest.raises(ExpressionError, match="__import__"):
            parse(text, NAMES)
    assert not (tmp_path / "ran").exists()


def test_short_text_reads_back():
    for expression in (u.diff(t) + u * u.diff(x, 2) / 3, w.diff(x1, x) - 0.1 * sin(pi * x), (x > 0) & (t <= 1)):
        canonical = canonicalise(expression)
        assert parse(to_text(canonical), NAMES) == canonical


def test_text_is_expected():
    with pytest.raises(ExpressionError, match="text was expected; got 3"):
        parse(3, NAMES)
