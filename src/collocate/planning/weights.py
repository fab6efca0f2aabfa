"""`weighting=` and `misfit=`: what was asked for, as named options; `plan` knows the algorithms by name only."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collocate.errors import PlanError
from collocate.expressions import symbol
from collocate.planning.schedule import as_json
from collocate.planning.specification import Term, Weighting
from collocate.statement import MEASURED

# By name: whether its multipliers depend on earlier ones, so that the points must stay.
REMEMBERS = {
    "gradient_norm": False,
    "ntk": False,
    "residual_attention": True,
    "self_adaptive": True,
    "causal": False,
}
FIXED, ROBUST, CAUSAL = "fixed", "robust", "causal"


def weightings(asked: Any, misfit: Any, terms: Sequence[Term], time: str | None) -> tuple[Weighting, ...]:
    """The weightings of training; several multiply.

    asked: None, a name, such as co.NTK(), {term: weight}, or a list of these. misfit: None, {term: co.Huber(…)}, or
    one misfit for all that is measured (`Data`, not `Point`). Raises PlanError for what is none of these, or does not
    fit the problem.
    """
    each = [] if asked is None else list(asked) if isinstance(asked, list | tuple) else [asked]
    found = [_weighting(item, terms) for item in each]
    if time is None and any(item.name == CAUSAL for item in found):
        raise PlanError("causal weighting follows time, and this problem has none: choose another weighting")
    if misfit is not None:
        found.append(Weighting(ROBUST, {"misfits": _misfits(misfit, terms)}))
    return tuple(found)


def remembers(found: Iterable[Weighting]) -> bool:
    """Whether one of them needs points that stay."""
    return any(REMEMBERS.get(item.name, False) for item in found)


def _weighting(asked: Any, terms: Sequence[Term]) -> Weighting:
    if isinstance(asked, Mapping):
        return Weighting(FIXED, {"weights": _weights(asked, terms)})
    if isinstance(asked, str):
        if asked not in REMEMBERS:
            raise PlanError(f"unknown weighting {asked!r}; choose {_names()}, or give {{term: weight}}")
        return Weighting(asked, {})
    name = getattr(asked, "name", None)
    if name not in REMEMBERS or not dataclasses.is_dataclass(asked) or isinstance(asked, type):
        raise PlanError(f"weighting must be one of {_names()}, such as co.NTK(), or {{term: weight}}; got {asked!r}")
    return Weighting(name, as_json(asked))


def _names() -> str:
    return ", ".join(map(repr, REMEMBERS))


def _weights(asked: Mapping[Any, Any], terms: Sequence[Term]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, weight in asked.items():
        number = isinstance(weight, numbers.Real) and not isinstance(weight, bool)
        if not number or not 0 < float(weight) < float("inf"):
            raise PlanError(f"the weight of {name!r} must be a positive number; got {weight!r}")
        found |= dict.fromkeys(_named(name, terms), float(weight))
    return found


def _misfits(asked: Any, terms: Sequence[Term]) -> dict[str, dict[str, Any]]:
    if not isinstance(asked, Mapping):
        measured = symbol(MEASURED)
        data = [term.name for term in terms if any(measured in each.free_symbols for each in term.expressions)]
        if not data:
            raise PlanError(
                f"misfit={asked!r} is for terms of data, and this problem has none; for another term name it: "
                f"misfit={{name: {asked!r}}}. The terms: {_listed(terms)}"
            )
        asked = dict.fromkeys(data, asked)
    found: dict[str, dict[str, Any]] = {}
    for name, misfit in asked.items():
        kind = getattr(misfit, "kind", None)
        if kind is None or not dataclasses.is_dataclass(misfit) or isinstance(misfit, type):
            raise PlanError(f"the misfit of {name!r} must be co.Huber(threshold) or co.MeanAbsolute(); got {misfit!r}")
        found |= {term: {"kind": kind, **as_json(misfit)} for term in _named(name, terms)}
    return found


def _named(name: Any, terms: Sequence[Term]) -> list[str]:
    """The term of that very name, or those of that label: what stands before the face in brackets, or before " on …".

    Several `Data` on one field are called "data u", "data u (2)", …: each is of its own name.
    """
    if any(name == term.name for term in terms):
        return [name]
    found = []
    for term in terms:
        label = term.name.partition(" (")[0]
        if name in (term.name, label, label.partition(" on ")[0]):
            found.append(term.name)
    if not found:
        raise PlanError(f"no residual is called {name!r}; the terms of this plan: {_listed(terms)}")
    return found


def _listed(terms: Sequence[Term]) -> str:
    return ", ".join(repr(term.name) for term in terms)
