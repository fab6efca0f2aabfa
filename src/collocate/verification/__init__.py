"""Whether a solution is to be trusted, and how its error falls. Its references are classical solvers of our own.

What it exports is loaded when it is first asked for: the zoo imports `verification.references` and needs none of it.
The folder is not called `verify`: `co.verify` is the function, and a package and a function of one name would be
whichever was imported first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collocate.verification.examine import verify as verify
    from collocate.verification.manufactured import manufacture as manufacture
    from collocate.verification.study import Study as Study
    from collocate.verification.study import convergence as convergence
    from collocate.verification.verdict import Verdict as Verdict

_MODULE_OF = {
    "Study": "study",
    "Verdict": "verdict",
    "convergence": "study",
    "manufacture": "manufactured",
    "verify": "examine",
}
__all__ = ["Study", "Verdict", "convergence", "manufacture", "verify"]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
