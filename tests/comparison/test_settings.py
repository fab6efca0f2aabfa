"""What may be compared, and what the process of a run is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Eq, Function, exp

import collocate as co
from collocate.comparison.settings import Settings, Subject
from collocate.errors import CollocateError, StatementError

from ..small import bar, x
from .faked import settings


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"backends": ("keras",)}, "backend 'keras' is not known"),
        ({"modes": ("fast",)}, "mode 'fast' is not known"),
        ({"dtypes": ("float16",)}, "dtype 'float16' is not known"),
        ({"derivatives": ("finite",)}, "choose 'jets' or 'nested'"),
        ({"optimizers": ("newton",)}, "unknown optimizer 'newton'"),
        ({"backends": ()}, "backends: give one or more"),
        ({"problems": ()}, "problems: give one or more"),
        ({"backends": ("jax", "jax")}, "'jax' is given twice"),
        ({"problems": (Subject("rod", "a/rod.py"), Subject("rod", "b/rod.py"))}, "'rod' is given twice"),
        ({"repeats": 0}, "repeats must be a whole number"),
        ({"repeats": 1.5}, "repeats must be a whole number"),
        ({"case_limit": 0.0}, "case_limit must be a positive number"),
        ({"case_limit": float("nan")}, "case_limit must be a positive number"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_said_before_anything_runs(changed: dict[str, Any], said: str):
    with pytest.raises(CollocateError, match=said):
        settings(**changed)


def test_a_file_is_read_again_by_each_run(tmp_path: Path):
    path = tmp_path / "rod.py"
    path.write_text(
        "import collocate as co\nfrom sympy import *\nx = symbols('x')\nu = Function('u')(x)\n"
        "problem = co.Problem(Eq(u.diff(x, 2), u), co.Interval(x, 0, 1), [co.Dirichlet(u, 1)])\n"
    )
    subject = Subject.of(path, 1)
    assert (subject.name, subject.source, subject.statement) == ("rod", str(path), None)
    made = settings(problems=(subject,))
    request = made.request(made.cases()[0])
    assert request["source"] == str(path) and request["case_limit"] == 2.0 and request["seed"] == 0


def test_a_file_that_compares_as_it_is_read_is_refused(tmp_path: Path):
    path = tmp_path / "again.py"
    path.write_text("import collocate as co\nco.compare('poisson2d')\n")
    with pytest.raises(StatementError, match=r"again.py, line 2: co.compare is called while the file is read"):
        co.compare(str(path))
    assert callable(co.compare)


def test_a_problem_travels_as_its_statement():
    subject = Subject.of(bar(), 3)
    assert subject.source is None and subject.statement is not None
    assert co.Problem.from_json(subject.statement).equations == bar().equations


def test_a_reference_that_is_a_function_does_not_travel_and_that_is_said():
    u = Function("u")(x)
    conditions = [co.Dirichlet(u, exp(x))]
    problem = co.Problem(Eq(u.diff(x, 2), u), co.Interval(x, 0, 1), conditions, reference=lambda x: np.exp(x))
    with pytest.warns(UserWarning, match="is a function, which other processes do not get"):
        assert Subject.of(problem, 3).name == "problem 3"


def test_settings_are_plain_data():
    found = settings().to_json()
    assert found["problems"] == ["poisson2d"] and found["repeats"] == 3 and found["seed"] == 0
    assert isinstance(settings(), Settings)
