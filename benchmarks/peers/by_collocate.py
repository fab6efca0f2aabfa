"""collocate by its public interface, in a process of its own."""

from __future__ import annotations

import time
from typing import Any

import clock
import numpy as np

started = time.perf_counter()
import sympy  # noqa: E402

import collocate as co  # noqa: E402
from collocate import problems  # noqa: E402

imported = time.perf_counter() - started
LIMIT = 45.0


def burgers_problem() -> co.Problem:
    """Without a reference, since none of the others has one to look at."""
    x, t = sympy.symbols("x t")
    u = sympy.Function("u")(x, t)
    return co.Problem(
        sympy.Eq(u.diff(t) + u * u.diff(x), 0.01 / sympy.pi * u.diff(x, 2)),
        domain=co.Interval(x, -1, 1) * co.Time(t, 0, 1),
        conditions=[co.Initial(u, -sympy.sin(sympy.pi * x)), co.Dirichlet(u, 0)],
    )


def step(given: dict[str, Any]) -> dict[str, Any]:
    """`co.solve`, and when its callback is called; its first step is told by the result."""
    problem = burgers_problem()
    ticking = clock.Clock()
    solution = co.solve(
        problem, backend=given["backend"], dtype="float32", seed=given["repeat"], network=clock.WIDTHS,
        optimizer="adam", points=clock.POINTS, steps=given["steps"],
        callbacks=[lambda event: ticking.tick(event.step)],
    )  # fmt: skip
    return ticking.found() | {"points": solution.result["points"]["interior"], "import_seconds": imported}


class Best:
    """The error of the vector with the lowest held-out residual so far, which is what training would return."""

    def __init__(self) -> None:
        self.begun, self.lowest = time.perf_counter(), np.inf
        self.seconds: list[float] = []
        self.errors: list[float] = []

    def __call__(self, event: co.training.Event) -> None:
        if event.heldout < self.lowest:
            self.lowest = event.heldout
            self.seconds.append(round(time.perf_counter() - self.begun, 3))
            self.errors.append(float(f"{event.errors['u']:.4g}"))


def accuracy(
    name: str, time_limit: float, points: np.ndarray, truth: np.ndarray, given: dict[str, Any]
) -> dict[str, Any]:
    """`collocate solve NAME` with its defaults, compilation counted, the reference looked at included. The curve is on
    collocate's own points; the last error on those of all."""
    module, best = problems.load(name), Best()
    solution = co.solve(
        module.problem, backend=given["backend"], seed=given["repeat"], time_limit=time_limit, callbacks=[best],
        **getattr(module, "settings", {}),
    )  # fmt: skip
    columns = dict(zip(solution.problem.domain.names, points.T, strict=True))
    error = np.linalg.norm(solution(**columns) - truth) / np.linalg.norm(truth)
    return {"error": float(f"{error:.4g}"), "seconds": solution.result["total_seconds"], "import_seconds": imported,
            "steps": solution.result["steps"], "stopped_because": solution.result["stopped_because"],
            "curve": {"seconds": best.seconds, "error": best.errors}}  # fmt: skip


def burgers(given: dict[str, Any]) -> dict[str, Any]:
    """Cut off after LIMIT seconds of training: the others end above 1e-4."""
    return accuracy("burgers", LIMIT, *clock.burgers_grid(), given)


def poisson(given: dict[str, Any]) -> dict[str, Any]:
    return accuracy("poisson2d", LIMIT, *clock.poisson_grid(), given)


if __name__ == "__main__":
    clock.serve({"step": step, "burgers": burgers, "poisson": poisson}, "collocate", "torch", "tensorflow-cpu", "jax")
