"""A call that does not fit gets collocate's own error, which names the argument that was meant."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest
from sympy import Eq, Function, oo, symbols

import collocate as co
from collocate.errors import ArgumentError, CollocateError, checked_arguments

x = symbols("x")
u = Function("u")(x)
EQUATION, DOMAIN = Eq(u.diff(x, 2), 0), co.Interval(x, 0, 1)


def problem(**more: Any) -> Any:
    return co.Problem(EQUATION, domain=DOMAIN, conditions=[co.Dirichlet(u, 0)], **more)


WRONG = {
    "misspelt": (lambda: problem(refrence=0), "Problem has no argument 'refrence'; did you mean 'reference'"),
    "of another library": (lambda: co.solve(problem(), epochs=5), "no argument 'epochs'; did you mean 'steps'"),
    "nothing near": (lambda: co.solve(problem(), qqq=5), r"no argument 'qqq'\. It is called as solve\(problem, "),
    "missing": (lambda: co.Dirichlet(u), r"Dirichlet lacks g; it is called as Dirichlet\(u, g, on=…\)"),  # type: ignore
    "missing two": (lambda: co.Robin(u, 1), "Robin lacks b, g"),  # type: ignore
    "none": (lambda: co.Interval(), "Interval lacks coordinate, lower, upper"),  # type: ignore
    "too many": (lambda: co.Interval(x, 0, 1, 2), r"Interval takes by place at most 3, 4 were given: Interval\("),  # type: ignore
    "by name only": (lambda: co.solve(problem(), "torch"), "solve takes by place at most 1, .*given by name"),  # type: ignore
    "twice": (lambda: co.Dirichlet(u, 0, g=1), "Dirichlet is given g twice"),  # type: ignore
    "a shape's": (lambda: co.Interval(x, 0, uper=1), "no argument 'uper'; did you mean 'upper'"),  # type: ignore
    "a network's": (lambda: co.MLP((8,), activaton="tanh"), "no argument 'activaton'; did you mean 'activation'"),  # type: ignore
    "an optimizer's": (lambda: co.Adam(lr=1), "no argument 'lr'; did you mean 'learning_rate'"),  # type: ignore
    "a function's": (lambda: co.normal(coord=x), "normal has no argument 'coord'; did you mean 'coordinate'"),  # type: ignore
    "of load": (lambda: co.load("a", backnd="jax"), "load has no argument 'backnd'; did you mean 'backend'"),  # type: ignore
    "of text": (lambda: co.Problem.from_text("u_x=0", domian=""), "no argument 'domian'; did you mean 'domain'"),  # type: ignore
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_was_meant_is_named(case: str):
    call, expected = WRONG[case]
    with pytest.raises(ArgumentError, match=expected):
        call()


def test_it_is_both_a_type_error_and_collocates():
    with pytest.raises(TypeError):
        co.Dirichlet(u)  # type: ignore[call-arg]
    assert issubclass(ArgumentError, CollocateError)


def test_a_type_error_from_inside_keeps_its_own_words():
    @checked_arguments
    def add(one: Any, other: Any) -> Any:
        return one + other

    with pytest.raises(TypeError, match="unsupported operand") as caught:
        add(1, "a")
    assert not isinstance(caught.value, CollocateError)


@pytest.mark.parametrize("name", sorted(co._MODULE_OF))
def test_every_public_call_is_checked_and_keeps_its_signature(name: str):
    value = getattr(co, name)
    target = value.__init__ if isinstance(value, type) else value
    assert hasattr(target, "__wrapped__"), f"{name} raises raw TypeErrors"
    assert inspect.signature(target) == inspect.signature(target.__wrapped__)


def test_functions_and_values_still_pickle():
    assert pickle.loads(pickle.dumps(co.solve)) is co.solve
    assert pickle.loads(pickle.dumps(co.normal)) is co.normal
    assert pickle.loads(pickle.dumps(co.MLP((8,)))) == co.MLP((8,))


def test_a_warning_names_the_line_that_stated_the_problem():
    with pytest.warns(UserWarning, match="may not be unique") as caught:
        co.Problem(EQUATION, domain=DOMAIN, conditions=[co.Dirichlet(u, 0, on="left")])
    assert caught[0].filename == __file__


def test_a_warning_of_the_planner_names_the_line_that_asked_for_a_plan():
    t = symbols("t")
    v = Function("v")(x, t)
    heat = Eq(v.diff(t), v.diff(x, 2))
    cold = co.Problem(heat, DOMAIN * co.Time(t, 0, 1), [co.Dirichlet(v, 0), co.Initial(v, 1)])
    with pytest.warns(UserWarning, match="they cannot both hold there") as caught:
        co.plan(cold)
    assert caught[0].filename == __file__


def test_an_infinite_bound_is_named():
    with pytest.raises(co.errors.StatementError, match=r"Interval: the upper bound of x.*oo"):
        co.Interval(x, 0, oo)


@pytest.mark.parametrize(("device", "here"), [("gpu", "cuda"), ("gpu:1", "cuda:1")])
def test_a_gpu_is_called_cuda(device: str, here: str):
    with pytest.raises(co.errors.BackendError, match=f"device '{device}' is called '{here}' here"):
        co.solve(problem(), device=device)
