"""The outputs asked of an export, read into names and expressions: "u, u.diff(x), flux=-k*u.diff(x), residual"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sympy

from collocate.errors import ExportError
from collocate.expressions.canonical import field_name, multi_index
from collocate.expressions.printing import to_text
from collocate.solution.reading import read_expression
from collocate.statement import Problem

_RESIDUAL = "residual"


def read_outputs(problem: Problem, asked: Any = None) -> dict[str, sympy.Expr]:
    """{name: canonical expression}: text, one expression, a sequence of either, or {name: text or expression}.

    Text holds expressions as `Solution.at` reads them, with commas between, each perhaps after NAME=. Without a name
    one is made of the text: u_x of u.diff(x). `residual` is the left side less the right side of the equation,
    `residual_2` that of the second of several. None: all fields.
    Raises ExportError for names that are none or stand twice, ExpressionError for what cannot be read.
    """
    if asked is None:
        return dict(zip(problem.field_names, problem.fields, strict=True))  # names that the statement has checked
    found: dict[str, sympy.Expr] = {}
    for name, part in _named(asked):
        expression = _read(problem, part)
        chosen = name if name is not None else _name_of(problem, part, expression)
        _check_name(problem, chosen, part, found)
        found[chosen] = expression
    if not found:
        raise ExportError(
            'no output is asked; name one or more, as in "u, u.diff(x)", or leave outputs out for all fields'
        )
    return found


def _named(asked: Any) -> Iterator[tuple[str | None, Any]]:
    """(name or None, text or expression) of each output."""
    if isinstance(asked, Mapping):
        yield from ((str(name), part) for name, part in asked.items())
    elif isinstance(asked, str):
        yield from map(_name_and_text, _split(asked))
    elif isinstance(asked, Sequence):
        for each in asked:
            yield from _named(each)
    else:
        yield None, asked


def _split(text: str) -> Iterable[str]:
    """The parts between commas that stand in no bracket."""
    depth, start = 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def _name_and_text(part: str) -> tuple[str | None, str]:
    name, equals, expression = part.partition("=")
    if equals and re.fullmatch(r"\s*\w+\s*", name) and not expression.startswith("="):
        return name.strip(), expression.strip()
    if not part.strip():
        raise ExportError('an output is missing between two commas; outputs are written "u, u.diff(x), flux=-k*u_x"')
    return None, part.strip()


def _read(problem: Problem, part: Any) -> sympy.Expr:
    residual = _residual(problem, part)
    expression = read_expression(problem, part) if residual is None else residual
    if expression.has(sympy.Integral):
        raise ExportError(
            f"{part} holds an integral of a field, which is computed by quadrature and cannot be exported"
        )
    return expression


def _residual(problem: Problem, part: Any) -> sympy.Expr | None:
    """Of the equation that `residual` or `residual_2` names, where the problem uses that name for nothing else."""
    if not isinstance(part, str):
        return None
    equations = problem.equations
    names = [_RESIDUAL] if len(equations) == 1 else [f"{_RESIDUAL}_{k}" for k in range(1, len(equations) + 1)]
    if part in (*problem.field_names, *problem.domain.names, *(unknown.name for unknown in problem.unknowns)):
        return None
    if part == _RESIDUAL and part not in names:
        raise ExportError(f"the problem has {len(names)} equations; ask for {', '.join(names)}")
    return equations[names.index(part)].residual if part in names else None


def _name_of(problem: Problem, part: Any, expression: sympy.Expr) -> str:
    """The text as an identifier; u_xt of a derivative, its coordinates in the domain's order."""
    if isinstance(part, str) and part.isidentifier():
        return part
    if isinstance(expression, sympy.Derivative):
        return derivative_name(problem, expression)
    found = re.sub(r"\W+", "_", to_text(expression)).strip("_")
    return found if found.isidentifier() else f"_{found}"


def derivative_name(problem: Problem, derivative: sympy.Derivative) -> str:
    """u_xt, the coordinates in the domain's order."""
    counts = zip(problem.domain.names, multi_index(derivative, problem.coordinates), strict=True)
    return f"{field_name(derivative.expr)}_" + "".join(name * count for name, count in counts)


def _check_name(problem: Problem, name: str, part: Any, found: Mapping[str, Any]) -> None:
    if not name.isidentifier():
        raise ExportError(f"the output name {name!r} is no identifier; letters, digits and _ are, as in flux=-k*u_x")
    if name in problem.domain.names:
        raise ExportError(f"the output {name!r} has the name of an input; give it another, as in {name}_out={part}")
    if name in found:
        raise ExportError(f"two outputs are called {name!r}; give one a name of its own, as in {name}_2={part}")
