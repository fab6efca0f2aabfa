"""What a script holds, whatever the framework: its names, its point sets, what is evaluated on each, and the loss."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.expressions.canonical import field_name
from collocate.geometry import NORMAL, BoundaryPart, Domain
from collocate.planning import Plan, Term
from collocate.statement import Problem

# What the templates call things; a field or coordinate so called gets an underscore.
_TAKEN = """
    math np qmc pi torch tf jax jnp optax functools SEED STEPS LEARNING_RATE DTYPE SIZES network params points unit_cube
    between disk draw initial_parameters Network derivative column trial loss train main evaluate total output inputs
    weight bias layers hidden last step optimizer schedule state value gradient gradients variables sets unit nodes
    weights share turn count dimension stream rng at tape over_points rate grid inside grid_points
"""
Alpha = tuple[str, ...]


class Names:
    """Python identifiers, one for each text that is asked for, none twice."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._used = {*_TAKEN.split(), *keyword.kwlist, *dir(builtins)}

    def __call__(self, text: str, key: str | None = None) -> str:
        """The identifier of `key` (the text, where it is left out), made from the text when it is first asked for."""
        key = text if key is None else key
        if key not in self._given:
            name = re.sub(r"\W+", "_", text).strip("_") or "value"
            name = f"_{name}" if name[0].isdigit() else name
            while name in self._used:
                name += "_"
            self._used.add(name)
            self._given[key] = name
        return self._given[key]


@dataclass(frozen=True)
class Output:
    """One expression that a function of the script returns: its name there, and the term it belongs to."""

    name: str
    term: Term
    expression: sympy.Expr


@dataclass
class Function:
    """What is evaluated in the same way on one or more point sets."""

    name: str
    outputs: list[Output]
    sets: list[str] = field(default_factory=list)

    @cached_property
    def fields(self) -> set[str]:
        return {field_name(node) for output in self.outputs for node in output.expression.atoms(AppliedUndef)}

    @cached_property
    def derivatives(self) -> list[tuple[str, Alpha]]:
        """(field, variables) of each derivative that is needed, and of those it is the derivative of, lowest first."""
        found = set()
        for output in self.outputs:
            for node in output.expression.atoms(sympy.Derivative):
                alpha = tuple(variable.name for variable in node.variables)
                found |= {(field_name(node.expr), alpha[:order]) for order in range(1, len(alpha) + 1)}
        return sorted(found, key=lambda each: (len(each[1]), each))

    @property
    def alone(self) -> bool:
        """Whether each of its residuals is taken on one set, point by point."""
        return all(len(output.term.sets) == 1 and output.term.kind == "pointwise" for output in self.outputs)


@dataclass
class Contents:
    """All that the text is made of."""

    problem: Problem
    plan: Plan
    seed: int
    dtype: str
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        for name in (*self.plan.coordinates, *self.plan.fields, *(unknown.name for unknown in self.plan.unknowns)):
            self.names(name)

    @property
    def domain(self) -> Domain:
        return self.problem.domain

    @cached_property
    def coordinates(self) -> list[str]:
        """The coordinates' names in the script."""
        return [self.names(name) for name in self.plan.coordinates]

    @cached_property
    def fields(self) -> list[str]:
        """The fields' names in the script."""
        return [self.names(name) for name in self.plan.fields]

    def derivative(self, of: str, alpha: Alpha) -> str:
        """The name of ∂^alpha of a field: "u_xx"; the field's own where alpha is empty."""
        return self.names(f"{of}_{''.join(alpha)}" if alpha else of)

    def spelled(self, expression: sympy.Expr, pattern: str = "{}") -> sympy.Expr:
        """The expression with all symbols as the script calls them, fields and derivatives by `pattern` of the name."""
        found = {symbol: _symbol(self.names(symbol.name)) for symbol in expression.free_symbols}
        for node in expression.atoms(sympy.Derivative):
            alpha = tuple(variable.name for variable in node.variables)
            found[node] = _symbol(pattern.format(self.derivative(field_name(node.expr), alpha)))
        for node in expression.atoms(AppliedUndef):
            found[node] = _symbol(pattern.format(self.names(field_name(node))))
        return expression.xreplace(found)

    @cached_property
    def functions(self) -> list[Function]:
        """In the order of the plan's sets; sets on which the same is evaluated share one."""
        found: dict[Any, Function] = {}
        for points in self.plan.point_sets:
            uses = list(self._uses(points.name))
            if not uses:
                continue
            key: Any = tuple(expression for _, _, expression in uses)
            if any(len(term.sets) > 1 or term.kind == "reduced" for term, _, _ in uses):
                key = points.name
            if key not in found:
                found[key] = Function(self.names(f"on_{points.name}"), [self._output(*use) for use in uses])
            found[key].sets.append(points.name)
        return list(found.values())

    def terms_on(self, set_name: str) -> list[Term]:
        """The terms of which something is evaluated on a set, in the order of its function's outputs."""
        return [term for term, _, _ in self._uses(set_name)]

    def _uses(self, set_name: str) -> Iterator[tuple[Term, int, sympy.Expr]]:
        part = self.plan.points(set_name).part
        normals = {} if part is None else normal(self.domain, self.domain.part(part))
        for term in self.plan.terms:
            for number, (used, expression) in enumerate(zip(term.sets, term.expressions, strict=True)):
                if used == set_name:
                    yield term, number, expression.xreplace(normals)

    def _output(self, term: Term, number: int, expression: sympy.Expr) -> Output:
        title = term.label.partition(" on ")[0]
        if len(term.sets) > 1:  # one side of a period: left, and left_1 of the first derivative
            title = f"{term.sets[number]} {term.label.partition(', order ')[2]}"
        return Output(self.names(title, f"output {number} of {term.name}"), term, expression)

    def weight(self, term: Term) -> float:
        """The share of a term in the loss: the plan's, times the one that was asked for."""
        asked = [each.options["weights"].get(term.name, 1.0) for each in self.plan.weighting]
        return term.weight * float(sympy.prod(asked))


def _symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)


def normal(domain: Domain, part: BoundaryPart) -> dict[Any, sympy.Expr]:
    """The outward normal's components on a face, or on a circle (x − c)/R, as expressions."""
    found = {_symbol(NORMAL + name): sympy.Integer(0) for name in domain.names}
    if part.coordinate is not None:
        return {**found, _symbol(NORMAL + part.coordinate): sympy.Integer(part.side)}
    shape: Any = domain.shape_of(part)
    for axis, center in zip(shape.axes, shape.center, strict=True):
        found[_symbol(NORMAL + axis.name)] = (axis.coordinate - center) / shape.radius
    return found
