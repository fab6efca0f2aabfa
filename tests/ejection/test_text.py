"""What a script says and counts, what it refuses, and that the first loss of any problem is right, by PyTorch alone."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Eq, Function, Integral, sin, symbols
from typer.testing import CliRunner

import collocate as co
from collocate.cli.main import app
from collocate.ejection import lines_of_code, script
from collocate.ejection.idioms import IDIOMS
from collocate.errors import BackendError, PlanError
from collocate.problems import load

from . import oracle, statements

ROOT = Path(__file__).parents[2]
x, t = symbols("x t")
u = Function("u")(x, t)
ROD = co.Interval(x, 0, 1) * co.Time(t, 0, 1)


def loss(text: str) -> float:
    """The first loss of a PyTorch script, in this process."""
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(text, "script", "exec"), names)
    points = {name: tuple(map(names["column"], arrays)) for name, arrays in names["draw"]().items()}
    return float(names["loss"](names["Network"](), points))


@pytest.mark.parametrize(
    ("problem", "choices"),
    [
        *((lambda name=name: load(name).problem, {}) for name in ("plate", "nls", "black_scholes")),
        *((lambda name=name: load(name).problem, {}) for name in ("allen_cahn", "poisson_disk")),
        (lambda: load("lotka_volterra").problem, {"slabs": 1, "sampling": "uniform"}),
        (lambda: load("wave1d").problem, {"slabs": 1, "network": co.MLP((5,), "gelu", "lecun_uniform")}),
        (statements.flow_in_a_box, {"network": co.MLP((5, 5), "swish", "glorot_uniform", slope=2.0)}),
        (statements.flow_in_a_box, {"weighting": {"neumann u on x1=0 (x1=0)": 3.0}}),
        (statements.half_periodic, {"conditions": "soft", "network": co.MLP((5, 5), "sin", "lecun_normal")}),
    ],
)
def test_the_first_loss_is_that_of_solve(problem: Any, choices: dict[str, Any]):
    choices = {"network": (6, 6), "points": {"interior": 40, "face": 10}, "seed": 1, **choices}
    stated = problem()
    text = script(stated, backend="torch", **choices)
    assert loss(text) == pytest.approx(oracle.first_loss(stated, **choices), rel=1e-10)
    assert max(map(len, text.splitlines())) <= 120


def test_single_precision():
    text = script(load("burgers").problem, backend="torch", dtype="float32", network=(6,), points=40)
    assert loss(text) == pytest.approx(oracle.first_loss(load("burgers").problem, network=(6,), points=40), rel=1e-5)


@pytest.mark.parametrize("backend", IDIOMS)
def test_faces_of_one_function_are_a_loop(backend: str):
    text = script(statements.flow_in_a_box(), backend=backend, network=(6,))
    assert text.count("def on_") == 4  # the interior, the face with a flow, the other faces, the mean
    assert ast.unparse(ast.parse(text)).count("for name, size_of") == 1


def test_names_that_are_taken_get_an_underscore():
    loss_, n = symbols("loss lambda")
    field = Function("network")(loss_, n)
    problem = co.Problem(
        Eq(field.diff(n), field.diff(loss_, 2)),
        domain=co.Interval(loss_, 0, 1) * co.Time(n, 0, 1),
        conditions=[co.Initial(field, sin(loss_)), co.Dirichlet(field, 0, on="left")],
    )
    text = script(problem, backend="torch", network=(6,), points=40)
    assert "def trial(network, loss_, lambda_):" in text
    assert loss(text) == pytest.approx(oracle.first_loss(problem, network=(6,), points=40), rel=1e-10)


def heat(**other: Any) -> co.Problem:
    given = {"conditions": [co.Initial(u, sin(x))], **other}
    return co.Problem(given.pop("equation", Eq(u.diff(t), u.diff(x, 2))), given.pop("domain", ROD), **given)


@pytest.mark.parametrize(
    ("problem", "choices", "what"),
    [
        (lambda: load("advection").problem, {}, "slabs=1"),
        (lambda: load("lorenz_inverse").problem, {}, "data x holds measured values"),
        (lambda: load("poisson_lshape").problem, {}, "of the shapes a script has"),
        (heat, {"network": co.GatedMLP((5, 5))}, "its network is a GatedMLP"),
        (heat, {"stages": 2}, "stages"),
        (heat, {"batch": 10}, "batch"),
        (heat, {"weighting": "ntk"}, "'ntk'"),
        (heat, {"points": {"interior": np.full((4, 2), 0.5)}}, "draws its points"),
        (lambda: heat(equation=Eq(u.diff(t), Integral(u, (x, 0, 1)))), {}, "integral over x"),
        (
            lambda: heat(domain=co.Rectangle((x, t), 0, 1), conditions=[co.Dirichlet(u, 0, on=(Eq(x, 0) & (t > 0.5)))]),
            {},
            "a piece of a face",
        ),
    ],
)
def test_what_cannot_be_written_is_named(problem: Any, choices: dict[str, Any], what: str):
    with pytest.raises(PlanError, match=what):
        script(problem(), backend="torch", **choices)


def test_another_backend_is_refused():
    with pytest.raises(BackendError, match="'torch', 'tensorflow', 'jax'"):
        script(heat(), backend="numpy")


def test_lines_of_code():
    lines = [
        *('"""A title.', "", 'More."""', "", "# why"),
        *("a = (", "    1,  # one", "", ")", ""),
        *("def f():", '    """Text."""', '    return """b', 'c"""', ""),
    ]
    assert lines_of_code("\n".join(lines)) == 6


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_the_examples_are_what_the_command_writes(backend: str, tmp_path: Path):
    out = tmp_path / "script.py"
    result = CliRunner().invoke(app, ["eject", "burgers", "--backend", backend, "--out", str(out)])
    assert result.exit_code == 0, result.output
    committed = ROOT / "examples" / "ejected" / f"burgers_{backend}.py"
    assert out.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")


def test_the_command_takes_a_statement_and_prints():
    words = ["eject", "--equation", "u_xx = u", "--domain", "x: 0..1", "--boundary", "u = 1", "--network", "6"]
    result = CliRunner().invoke(app, [*words, "--points", "30", "--seed", "4"])
    assert result.exit_code == 0, result.output
    ast.parse(result.stdout)
    assert "SEED = 4" in result.stdout
    assert "import jax" in result.stdout


def test_eject_writes_the_same(tmp_path: Path):
    text = co.eject(heat(), backend="jax", network=(6,), points=40, out=tmp_path / "heat.py")
    assert (tmp_path / "heat.py").read_text(encoding="utf-8") == text
    assert text == script(heat(), backend="jax", network=(6,), points=40)
