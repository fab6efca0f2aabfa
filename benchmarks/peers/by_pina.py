"""PINA (pina-mathlab) by its public interface. Its own environment: nothing of collocate here."""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import clock

started = time.perf_counter()
import torch  # noqa: E402
from lightning.pytorch.callbacks import Callback  # noqa: E402
from pina import Condition, LabelTensor, Trainer  # noqa: E402
from pina.domain import CartesianDomain  # noqa: E402
from pina.equation.zoo import BurgersEquation  # noqa: E402
from pina.model import FeedForward  # noqa: E402
from pina.optim import TorchOptimizer  # noqa: E402
from pina.problem import SpatialProblem, TimeDependentProblem  # noqa: E402
from pina.problem.zoo import Poisson2DSquareProblem  # noqa: E402
from pina.solver import PhysicsInformedSingleModelSolver  # noqa: E402

imported = time.perf_counter() - started
warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Burgers(TimeDependentProblem, SpatialProblem):
    """The equation alone; the conditions are in the trial function."""

    output_variables = ["u"]  # noqa: RUF012
    spatial_domain = CartesianDomain({"x": [-1, 1]})
    temporal_domain = CartesianDomain({"t": [0, 1]})
    domains = {"D": CartesianDomain({"x": [-1, 1], "t": [0, 1]})}  # noqa: RUF012
    conditions = {"D": Condition(domain="D", equation=BurgersEquation(clock.VISCOSITY))}  # noqa: RUF012


class Trial(torch.nn.Module):
    """−sin πx + 4 t (1 − x)/2 (1 + x)/2 N, as collocate's plan has it."""

    def __init__(self) -> None:
        super().__init__()
        self.network = FeedForward(2, 1, func=torch.nn.Tanh, layers=list(clock.WIDTHS))

    def forward(self, inputs: Any) -> Any:
        x, t = inputs.extract(["x"]), inputs.extract(["t"])
        return -torch.sin(torch.pi * x) + t * (1 - x) * (1 + x) * self.network(inputs)


class Ticks(Callback):
    def __init__(self, ticking: clock.Clock) -> None:
        self.ticking = ticking

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        self.ticking.tick(trainer.global_step)


def trainer(solver: Any, steps: int, *callbacks: Callback) -> Any:
    """As quiet and lean as Lightning can be told to be."""
    return Trainer(
        solver, max_epochs=steps, accelerator="cpu", callbacks=list(callbacks), enable_model_summary=False,
        enable_progress_bar=False, enable_checkpointing=False, logger=False,
    )  # fmt: skip


def step(given: dict[str, Any]) -> dict[str, Any]:
    torch.manual_seed(given["repeat"])
    ticking = clock.Clock()
    problem = Burgers()
    problem.discretise_domain(clock.POINTS, "random", domains="D")
    solver = PhysicsInformedSingleModelSolver(
        problem, Trial(), optimizer=TorchOptimizer(torch.optim.Adam, lr=clock.RATE)
    )
    trainer(solver, given["steps"], Ticks(ticking)).train()
    return ticking.found() | {"points": clock.POINTS, "import_seconds": imported}


class Looks(Callback):
    def __init__(self, look: Any) -> None:
        self.look = look

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        if trainer.global_step % 100 == 0:
            self.look()


def poisson(given: dict[str, Any]) -> dict[str, Any]:
    """PINA's tutorial 2: 25 × 25 points and 25 a side, 10-10 Softplus, 1,000 epochs of Adam at 0.006. Its problem has
    the other sign: Δu = 2π² sin πx sin πy."""
    torch.manual_seed(given["repeat"])
    points, truth = clock.poisson_grid()
    curve = clock.Curve(-truth)
    problem = Poisson2DSquareProblem()
    problem.discretise_domain(25, "grid", domains="D")
    problem.discretise_domain(100, "random", domains="boundary")
    model = FeedForward(2, 1, func=torch.nn.Softplus, layers=[10, 10])
    optimizer = TorchOptimizer(torch.optim.Adam, lr=0.006, weight_decay=1e-8)
    solver = PhysicsInformedSingleModelSolver(problem, model, optimizer=optimizer)
    at = LabelTensor(torch.tensor(points, dtype=torch.float32), ["x", "y"])

    def values() -> Any:
        with torch.no_grad():
            return solver.model(at).detach().numpy()

    trainer(solver, 1000, Looks(lambda: curve.look(values))).train()
    return curve.found() | {"import_seconds": imported}


if __name__ == "__main__":
    clock.serve({"step": step, "poisson": poisson}, "pina-mathlab", "torch", "lightning")
