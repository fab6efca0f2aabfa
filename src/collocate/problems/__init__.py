"""The zoo: problems with an independent truth, each one a file that `collocate solve` could also be given.

A problem's module holds `problem` and, only where the defaults do not do, `settings`: keyword arguments of `co.solve`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from collocate.errors import StatementError

_NAMES = (
    *("poisson2d", "poisson_disk", "poisson_lshape", "poisson5d", "helmholtz2d", "convection_diffusion"),
    *("poisson_multiscale", "plate", "elasticity2d", "kovasznay", "cavity", "taylor_green"),
    *("heat1d", "wave1d", "advection", "reaction", "burgers", "allen_cahn", "kdv_soliton", "kdv_zk"),
    *("kuramoto_sivashinsky", "klein_gordon", "sine_gordon", "nls", "black_scholes", "lotka_volterra"),
    *("diffusion_inverse", "lorenz_inverse"),
)


def names() -> tuple[str, ...]:
    """Names of all problems; loads none of them."""
    return _NAMES


def load(name: str) -> ModuleType:
    """The module of one problem.

    Raises:
        StatementError: no problem has this name.
    """
    if name not in _NAMES:
        raise StatementError(f"no problem is called {name!r}; there are {', '.join(_NAMES)}, or give a file's path")
    module = import_module(f".{name}", __name__)
    module.problem.name = name
    return module
