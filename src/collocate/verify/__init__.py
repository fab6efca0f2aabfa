"""Whether a solution is to be trusted, and how its error falls. Its references are classical solvers of our own.

`co.verify(solution)` calls this package: a module and a function would otherwise take the same name, and which of the
two `co.verify` is would depend on what was imported first. What it exports is loaded when it is first asked for, since
the zoo imports `verify.references` and needs none of it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collocate.verify.examine import verify as verify
    from collocate.verify.manufactured import manufacture as manufacture
    from collocate.verify.study import Study as Study
    from collocate.verify.study import convergence as convergence
    from collocate.verify.verdict import Verdict as Verdict

_MODULE_OF = {
    "Study": "study",
    "Verdict": "verdict",
    "convergence": "study",
    "manufacture": "manufactured",
}
__all__ = ["Study", "Verdict", "convergence", "manufacture", "verify"]


def __getattr__(name: str) -> Any:
    if name == "verify":
        return sys.modules[__name__]
    if name in _MODULE_OF:
        return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


class _Callable(ModuleType):
    """This package as the function `verify`."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return import_module(f"{__name__}.examine").verify(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
