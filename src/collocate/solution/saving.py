"""A solution as a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from collocate import store, tree
from collocate.planning import storage as plans

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

KIND = "solution"


def save(solution: Solution, path: str | os.PathLike[str]) -> None:
    """Write the solution, atomically. Raises StoreError where that fails; an older file then stays."""
    document = {
        "problem": solution.problem.to_json(),
        "plan": plans.to_json(solution.plan),
        "slabs": [slab.start for slab in solution.slabs],
        "settings": solution.settings,
        "history": solution.history,
        "result": solution.result,
    }
    arrays = {}
    for number, slab in enumerate(solution.slabs):
        for where, leaf in zip(tree.paths(slab.parameters), tree.leaves(slab.parameters), strict=True):
            arrays[array_name(number, where)] = np.asarray(leaf)
    store.write(path, KIND, document, arrays)


def array_name(slab: int, path: tree.Path) -> str:
    """The name in the file of one array of one slab's parameters."""
    return "/".join(["slabs", str(slab), *map(str, path)])
