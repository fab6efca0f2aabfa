"""Whether a problem is linear: then the last layer of a fresh network can be solved for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.planning.specification import Term, integral_symbol

WHY = "the equations are linear: the last layer is solved for"


def is_linear(problem: Any, terms: Sequence[Term]) -> bool:
    """Whether every residual is affine in the fields, their derivatives and integrals, and no number is unknown."""
    sought = problem.unknowns or problem.unknown_fields
    return not sought and all(_is_affine(e, term.sets) for term in terms for e in term.expressions)


def _is_affine(residual: sympy.Expr, sets: Sequence[str]) -> bool:
    derivatives = {node: sympy.Dummy(real=True) for node in residual.atoms(sympy.Derivative)}
    flat = residual.xreplace(derivatives)
    fields = {node: sympy.Dummy(real=True) for node in flat.atoms(AppliedUndef)}
    slots = {*derivatives.values(), *fields.values(), *map(integral_symbol, sets)}
    return not any(sympy.diff(flat.xreplace(fields), slot).has(*slots) for slot in slots)
