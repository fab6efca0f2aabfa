"""What is measured: who, on which framework, by which runner in which environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BACKENDS = ("torch", "tensorflow", "jax")
DDE = {"torch": "pytorch", "tensorflow": "tensorflow", "jax": "jax"}


@dataclass(frozen=True)
class Case:
    """One program. `environment`: None for the interpreter that runs the benchmark. `given`: what it is told;
    `variables`: its process's environment."""

    peer: str
    backend: str
    table: str
    environment: str | None = None
    variant: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)
    variables: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def runner(self) -> str:
        return f"by_{self.peer}.py"

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.peer, self.backend, self.variant, self.table)))


def deepxde(backend: str, table: str, variant: str | None = None) -> Case:
    given = {"variant": variant} if variant else {}
    return Case("deepxde", backend, table, f"deepxde-{backend}", variant, given, {"DDE_BACKEND": DDE[backend]})


def ours(backend: str, table: str) -> Case:
    return Case("collocate", backend, table, given={"backend": backend})


def by_hand(backend: str, variant: str | None = None) -> Case:
    return Case("hand", backend, "step", None, variant, {"backend": f"{backend} {variant}" if variant else backend})


STEP = (
    ours("torch", "step"),
    deepxde("torch", "step"),
    Case("pina", "torch", "step", "pina"),
    by_hand("torch"),
    ours("tensorflow", "step"),
    deepxde("tensorflow", "step"),
    deepxde("tensorflow", "step", "with XLA"),
    by_hand("tensorflow"),
    by_hand("tensorflow", "with XLA"),
    ours("jax", "step"),
    deepxde("jax", "step"),
    Case("jinns", "jax", "step", "jinns"),
    by_hand("jax"),
)
ACCURACY = (
    *(ours(backend, table) for table in ("poisson", "burgers") for backend in BACKENDS),
    deepxde("torch", "burgers"),
    deepxde("torch", "poisson", "soft conditions"),
    deepxde("torch", "poisson", "exact conditions"),
    *(Case("jinns", "jax", "burgers", "jinns", variant, {"variant": variant})
      for variant in ("natural gradient", "SSBroyden")),
    Case("pina", "torch", "poisson", "pina"),
)  # fmt: skip
