"""The end of a script: the fields on a grid, against the truth where the problem states it as an expression."""

from __future__ import annotations

from typing import Any

import sympy

from collocate.ejection.contents import Contents
from collocate.ejection.drawing import NUMPY, exact
from collocate.ejection.idioms import Idiom
from collocate.ejection.printer import code, indented_less, listed, statement
from collocate.ejection.residuals import free, worth
from collocate.geometry import Cuboid

_NODES = {1: 1001, 2: 101, 3: 25}


def report(contents: Contents, idiom: Idiom) -> list[str]:
    """Lines of `main` after the training."""
    names = ", ".join(contents.coordinates)
    left = names if len(contents.coordinates) > 1 else f"({names},)"
    lines = [*_grid(contents), f"{left} = (values.ravel() for values in grid)", *_inside(contents)]
    fields = ", ".join(contents.fields)
    unpacked = fields if len(contents.fields) > 1 else f"({fields},)"
    lines.append(f"{unpacked} = evaluate({idiom.model}, {names})")
    for name in contents.plan.fields:
        lines += _compared(contents, name)
    for unknown in contents.plan.unknowns:
        read = idiom.found.format(free(contents, unknown))
        shown = contents.names(unknown.name)
        lines += [f"{shown} = {worth(unknown, read, 'np.exp({})')}", f'print(f"{unknown.name} = {{{shown}:.6g}}")']
    return lines


def _grid(contents: Contents) -> list[str]:
    axes = contents.domain.axes
    nodes = _NODES.get(len(axes), 9)
    lines = [f"np.linspace({exact(axis.lower)}, {exact(axis.upper)}, {nodes})" for axis in axes]
    return ["# The fields on a grid", *indented_less(listed("grid = np.meshgrid(", [*lines, 'indexing="ij"'], ")", 4))]


def _inside(contents: Contents) -> list[str]:
    """Points of the grid outside a disk are left out."""
    names, lines = ", ".join(contents.coordinates), []
    for shape in contents.domain.shapes:
        if not isinstance(shape, Cuboid):
            disk: Any = shape
            square = sympy.Add(*((a.coordinate - c) ** 2 for a, c in zip(disk.axes, disk.center, strict=True)))
            lines.append(f"inside = {code(contents.spelled(square), NUMPY)} <= {exact(disk.radius)} ** 2")
            lines.append(f"{names} = ({', '.join(f'{name}[inside]' for name in contents.coordinates)})")
    return lines


def _compared(contents: Contents, field: str) -> list[str]:
    truth, name = contents.problem.reference.get(field), contents.names(field)
    if not isinstance(truth, sympy.Basic):
        return [f'print(f"{field} lies between {{{name}.min():.6g}} and {{{name}.max():.6g}}")']
    true = contents.names(f"true {field}")
    lines = indented_less(statement(f"{true} =", code(contents.spelled(truth), NUMPY), 4))
    if field in contents.problem.floating:
        lines.append(f"{name}, {true} = {name} - {name}.mean(), {true} - {true}.mean()  # fixed up to a constant")
    error = f"np.linalg.norm({name} - {true}) / np.linalg.norm({true})"
    return [*lines, f'print(f"relative L2 error of {field}: {{{error}:.3e}}")']
