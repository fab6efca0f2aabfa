"""The graph of a solution is the solution, whatever it is made of: compared with `Solution.at`, value by value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import collocate as co
from collocate import problems
from collocate.errors import ExportError
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record

from ...small import heat, membrane, rotation, string
from .untrained import inverse, parametric, points_of, untrained


def agree(solution: co.Solution, asked: str, tolerance: float = 1e-13) -> Graph:
    """The graph of what is asked, after it is seen to be the same as the solution at 100 points."""
    outputs = read_outputs(solution.problem, asked)
    graph = record(solution, outputs)
    points = points_of(solution.problem, 100)
    found = evaluate(graph, points)
    for name, values in zip(outputs, solution.at([*outputs.values()], **points), strict=True):
        np.testing.assert_allclose(found[name], values, rtol=0, atol=tolerance * max(1.0, np.nanmax(np.abs(values))))
    return graph


DERIVATIVES = "u, u_x, u_xx, u_t, u_xt, flux=-x*u.diff(x)*u"
NETWORKS = {
    **{name: co.MLP((5, 4), name) for name in ("tanh", "sin", "sigmoid", "swish", "gelu")},
    "steep": co.MLP((5,), slope=3.0),
    "gated": co.GatedMLP((4, 4)),
    "pirate": co.PirateNet((4, 4)),
    "fourier": co.FourierFeatures(co.MLP((5,)), 3, (1.0, 4.0)),
    "separate": co.Separate(co.MLP((5,)), inputs=((0, 1),)),
    "separate fourier": co.Separate(co.FourierFeatures(co.GatedMLP((3,)), 2)),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network(network: str):
    agree(untrained(heat(), network=NETWORKS[network]), DERIVATIVES)


CONDITIONS: dict[str, tuple[Callable[[], co.Problem], str]] = {
    "a disk, by distance": (lambda: zoo("poisson_disk"), "u, u_x, u_xx, residual"),
    "a corner that is soft": (lambda: zoo("poisson_lshape"), "u, residual"),
    "a square": (membrane, "u, u_xy, residual"),
    "a period, and a kink made smooth": (lambda: zoo("allen_cahn"), "u, u_t, u_xx, residual"),
    "a period in two": (lambda: zoo("taylor_green"), "u, v, p, residual_1"),
    "slopes and values, order 4": (lambda: zoo("plate"), "u, u_xx, u_xy, u_xxxx, residual"),
    "three fields": (lambda: zoo("kovasznay"), "u, v, p, v_x - u_y"),
    "a final value": (lambda: zoo("black_scholes"), "residual"),
    "hyperbolic functions": (lambda: zoo("sine_gordon"), "u, u_tt, residual"),
    "a parameter": (parametric, "u, u_x, residual, u.diff(nu), nu_out=nu"),
    "an unknown number and field": (inverse, "u, k, k_x, nu, residual"),
    "velocity": (string, "u, u_t, u_tt"),
}


def zoo(name: str) -> co.Problem:
    return problems.load(name).problem


@pytest.mark.parametrize("conditions", CONDITIONS)
def test_every_kind_of_condition(conditions: str):
    problem, asked = CONDITIONS[conditions]
    agree(untrained(problem()), asked)


SLABS: dict[str, tuple[Callable[[], co.Problem], str, dict[str, Any]]] = {
    "three in a partial equation": (heat, "u, u_x, u_t, u_xx", {"slabs": 3}),
    "two of second order in time": (string, "u, u_t, u_xx, residual", {"slabs": 2}),
    "of two fields": (rotation, "p, q, p_t, residual_1", {}),
    "with a period": (lambda: zoo("advection"), "u, u_x", {"slabs": 2}),
}


@pytest.mark.parametrize("slabs", SLABS)
def test_slabs_of_time(slabs: str):
    problem, asked, choices = SLABS[slabs]
    solution = untrained(problem(), **choices)
    assert len(solution.slabs) > 1
    graph = agree(solution, asked)
    assert all(node.operation != "zeros_like" for node in graph.nodes)  # the start of a slab is folded into weights


def test_it_is_what_a_framework_is_handed():
    """PyTorch evaluates two slabs by itself, not as the recorder does."""
    solution = untrained(string(), slabs=2)
    points = points_of(solution.problem, 50)
    found = evaluate(record(solution, read_outputs(solution.problem)), points)["u"]
    expected = solution.to_torch()(torch.tensor(np.stack([*points.values()], axis=1))).detach().numpy()[:, 0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


def test_stages():
    solution = untrained(heat(), stages=3)
    assert len(solution.plan.stages) == 3
    agree(solution, DERIVATIVES)


def test_single_precision_is_recorded_in_double():
    solution = untrained(heat(), dtype="float32")
    graph = agree(solution, DERIVATIVES, tolerance=5e-6)
    assert graph.dtype == "float32"
    assert record(solution, read_outputs(solution.problem), "float64").dtype == "float64"


def test_there_is_nothing_beyond_the_time_that_was_solved():
    solution = untrained(heat())
    solution.result["solved_until"] = 0.5
    outputs = read_outputs(solution.problem, "u, u_x")
    found = evaluate(record(solution, outputs), {"x": np.full(3, 0.3), "t": np.array([0.2, 0.5, 0.6])})
    for values in found.values():
        assert np.isfinite(values[:2]).all() and np.isnan(values[2])


def test_what_is_the_same_at_every_point_is_a_column_still():
    graph = agree(untrained(inverse()), "nu, half=1/2, position=x, x_2=x")
    assert [node.operation for node in graph.nodes] == ["zeros_like", "add", "add"]


def test_inputs_are_in_the_domains_order():
    assert [one.name for one in record(untrained(parametric()), {"u": parametric().fields[0]}).inputs] == [
        "x",
        "t",
        "nu",
    ]


def test_a_network_of_the_users_own_is_refused_with_what_exports_it():
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    solution = co.Solution(heat(), co.plan(heat(), network=network), (), {"dtype": "float64"})
    message = r"Sequential is your own.*: solution\.to_torch\(\) is a torch\.nn\.Module for torch\.export"
    with pytest.raises(ExportError, match=message):
        record(solution, read_outputs(solution.problem))


def test_the_oracle_says_what_it_takes():
    graph = record(untrained(heat()), read_outputs(heat()))
    for batch in ({"x": [0.0]}, {"x": [0.0], "t": 1.0}, {"x": [0.0], "t": [0.0, 1.0]}):
        with pytest.raises(ExportError, match=r"takes x \(N,\), t \(N,\); got x \(1,\)"):
            evaluate(graph, batch)
