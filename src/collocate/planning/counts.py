"""How many points a plan takes, in how many blocks and batches, and how they are drawn."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from collocate.errors import PlanError
from collocate.planning.given_points import is_array
from collocate.planning.schedule import FIRST_ORDER
from collocate.planning.specification import INTERIOR, Phase, PointSetPlan, Term

# A first- or quasi-Newton step works through its points in blocks: so many bytes for one array of the widest layer keep
# a block in the cache and its operations long enough to be worth starting (docs/derivatives.md).
BLOCK_BYTES = 2**19
# The names of `collocate.sampling`, which a plan stands below.
SAMPLING = ("sobol", "halton", "latin_hypercube", "uniform")


def counts(
    points: int | Mapping[str, Any] | None, problem: Any, parameters: int, by_kernel: bool = False
) -> dict[str, int]:
    """Interior and face counts. With fewer than four rows, or two points, a parameter, second-order steps overfit;
    `by_kernel`, which guards itself against that, there are four parameters a row of the interior."""
    wanted = max(4 / len(problem.equations), 2) * parameters
    interior = max(1000, 500 * math.ceil(wanted / 500)) if problem.domain.dimension > 1 else _line(parameters, problem)
    found = {"interior": interior, "face": max(200, interior // 10)}
    if by_kernel:
        interior = max(50, parameters // (4 * len(problem.equations)))
        found = {"interior": interior, "face": max(10, interior // 10)}
    given = {} if points is None else dict(points) if isinstance(points, Mapping) else {"interior": points}
    given = {name: count for name, count in given.items() if not (isinstance(points, Mapping) and is_array(count))}
    for name, count in given.items():
        whole = isinstance(count, numbers.Integral) and not isinstance(count, bool)
        if name not in found or not whole or count < 1:
            raise PlanError(
                f"points must be a positive number, or {{'interior': n, 'face': m}} (m on each face), "
                f"or arrays (n, d) in place of numbers; got {points!r}"
            )
    return {name: int(count) for name, count in (found | given).items()}


def _line(parameters: int, problem: Any) -> int:
    """In one coordinate points lie close anyway: two rows a parameter do."""
    return max(300, 100 * math.ceil(2 * parameters / len(problem.equations) / 100))


def rows(found: Sequence[Term], sets: Sequence[PointSetPlan]) -> int:
    """N: how many residual rows the terms give together."""
    sizes = {points.name: points.count for points in sets}
    return sum(1 if term.kind == "reduced" else sizes[term.sets[0]] for term in found)


def blocked(sets: list[PointSetPlan], found: tuple[Term, ...], bytes_per_point: int) -> tuple[int, list[PointSetPlan]]:
    """How many cache-sized blocks, an even number for two cores to share, and the sets with counts that divide into
    them; a reduced row needs one block."""
    interior = next(points.count for points in sets if points.name == INTERIOR)
    blocks = max(1, 2 * round(interior * bytes_per_point / (2 * BLOCK_BYTES)))
    small = any(points.count < blocks and points.observed is None for points in sets)
    if small or any(term.kind == "reduced" for term in found):
        return 1, sets
    return blocks, [replace(points, count=_divisible(points, sets, blocks)) for points in sets]


def _divisible(points: PointSetPlan, sets: list[PointSetPlan], blocks: int) -> int:
    """The count, rounded up to a multiple of the blocks; the nodes on a line stay together."""
    if points.along is not None:
        mirrored = next(other for other in sets if other.name == points.mirrors)
        return _divisible(mirrored, sets, blocks) * points.along.nodes
    return -(-points.count // blocks) * blocks


def checked_batch(batch: Any, phases: tuple[Phase, ...], sets: Sequence[PointSetPlan]) -> int | None:
    if batch is None:
        return None
    if any(points.along is not None for points in sets):
        raise PlanError("batch cannot be used with an integral term: its nodes belong to whole lines; leave batch out")
    if not isinstance(batch, numbers.Integral) or isinstance(batch, bool) or batch < 1:
        raise PlanError(f"batch must be a whole number of points, one or more; got {batch!r}")
    unfit = [phase.algorithm for phase in phases if phase.optimizer not in FIRST_ORDER]
    if unfit:
        raise PlanError(
            f"batch={batch} needs a first-order optimizer, and this plan trains by {' then '.join(unfit)}, which "
            "compares losses on the same points: leave batch out, or choose optimizer='adam' or another of first order"
        )
    return int(batch)


def checked_sampling(asked: Any, dimension: int) -> str:
    if asked is None:
        return "sobol" if dimension > 1 else "latin_hypercube"
    if asked not in SAMPLING:
        raise PlanError(f"unknown sampling {asked!r}; choose {', '.join(map(repr, SAMPLING))}")
    return asked
