"""A network of the user's own, of one framework: its values are all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Protocol, final

import numpy as np

from collocate.errors import BackendError, StoreError


class Native(Protocol):
    """What the wrapper of each framework offers; see `networks.native`."""

    backend: str
    name: str

    def arrays(self) -> dict[str, np.ndarray]:
        """The present values of what is trained, in float64, by the names that the framework gives."""
        ...

    def values(self, bk: Any, parameters: Mapping[str, Any], features: Any) -> Any:
        """(n, outputs) of features (n, inputs), with `parameters` in place of its own."""
        ...

    def keep(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Put trained parameters into the user's object, where the framework's objects hold any."""
        ...


@final
@dataclass(frozen=True)
class Module:
    """A user's network as a plan holds it: the backend that runs it, its class's or function's name, its parameters.

    Derivatives are nested automatic differentiation of `values`; there are no jets inside it and no taps.
    `native` is the object itself, not there in what comes from a file, which holds no code: `co.load` asks for it.
    Raises StoreError for shapes that are none.
    """

    backend: str
    name: str
    shapes: Sequence[tuple[str, Sequence[int]]]
    native: Native | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        shapes = tuple(sorted((str(name), tuple(shape)) for name, shape in self.shapes))
        sizes = [size for _, shape in shapes for size in shape]
        if not all(type(size) is int and size >= 0 for size in sizes) or not (isinstance(self.name, str) and shapes):
            raise StoreError(f"a module's parameters are given as names with shapes; got {self.shapes}")
        object.__setattr__(self, "shapes", shapes)

    @classmethod
    def of(cls, native: Native) -> Module:
        return cls(native.backend, native.name, [(name, a.shape) for name, a in native.arrays().items()], native)

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        """The weights that the user's object has now; zeros where it is not there. Nothing is drawn."""
        if self.native is not None:
            return self.native.arrays()
        if sum(prod(shape) for _, shape in self.shapes) > 2**40:
            raise MemoryError
        return {name: np.zeros(shape) for name, shape in self.shapes}

    def values(self, bk: Any, parameters: Mapping[str, Any], features: Any) -> Any:
        """(n, outputs) of features (n, inputs)."""
        if self.native is None:
            raise StoreError(f"the network {self.name} is not in the file: co.load(path, network=…) takes it")
        return self.native.values(bk, parameters, features)

    def check(self, bk: Any) -> None:
        """Raises BackendError for a backend of another framework."""
        if bk.name != self.backend:
            raise BackendError(
                f"the network {self.name} is of another framework than backend={bk.name!r}: only "
                f"backend={self.backend!r} can train and evaluate it. A network of collocate, such as "
                "network=co.MLP((20, 20)), runs on every backend"
            )

    def keep(self, parameters: Mapping[str, np.ndarray]) -> None:
        if self.native is not None:
            self.native.keep(parameters)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "module",
            "backend": self.backend,
            "name": self.name,
            "shapes": [[name, list(shape)] for name, shape in self.shapes],
        }
