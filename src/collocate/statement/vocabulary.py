"""The words of one statement, coordinates, fields and unknowns, and the one way in which its expressions are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import canonicalise, check_supported, field
from collocate.expressions.canonical import field_name
from collocate.expressions.printing import to_text
from collocate.geometry import NORMAL, Domain
from collocate.jets import MAX_ORDER
from collocate.statement.integrals import OUTER, as_written, moved, without_integrals


@dataclass(frozen=True)
class Equation:
    """left = right, canonical; `residual` is left − right."""

    name: str
    left: sympy.Expr
    right: sympy.Expr

    @property
    def residual(self) -> sympy.Expr:
        return self.left - self.right

    def __str__(self) -> str:
        return f"{to_text(as_written(self.left))} = {to_text(as_written(self.right))}"


@dataclass(frozen=True)
class Vocabulary:
    """Coordinates of the domain, names of unknown numbers, and fields by the form in which the user wrote them.

    A canonical field has all coordinates of the domain, parameters too; `sees` says on which of them it depends.
    """

    domain: Domain
    unknowns: tuple[str, ...]
    fields: dict[AppliedUndef, AppliedUndef]
    sees: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        domain: Domain,
        unknowns: tuple[str, ...],
        equations: Iterable[tuple[str, Any, Any]],
        unknown_fields: Sequence[str] = (),
    ) -> Vocabulary:
        """Collects the fields of the equations, under integrals too.

        Raises StatementError for a field that doesn't fit the domain.
        """
        found: dict[AppliedUndef, AppliedUndef] = {}
        sees: dict[str, tuple[str, ...]] = {}
        for where, left, right in equations:
            for written in sorted(moved(left - right, domain, where).atoms(AppliedUndef), key=str):
                name = field_name(written)
                found[written] = _on_domain(written, domain, where, name in unknown_fields)
                own = {coordinate.name for coordinate in written.args}
                sees[name] = tuple(n for n in domain.names if n in own) if name in unknown_fields else domain.names
        _check_names(domain, unknowns, list(found))
        if not found:
            raise StatementError("the equations hold no field; a field is written u = Function('u')(x, t)")
        return cls(domain, unknowns, found, sees)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, sorted."""
        return tuple(sorted(map(field_name, self.fields.values())))

    def read(
        self, value: Any, where: str, *, fields: bool = True, normals: bool = False, integrals: bool = False
    ) -> Any:
        """The canonical expression, fields in the domain's order of coordinates.

        Raises StatementError or ExpressionError for unknown symbols and fields, for derivatives of too high an order,
        and for nodes that can't be computed; for fields unless `fields`, for normals unless `normals`, for integrals
        of fields unless `integrals`.
        """
        found = moved(canonicalise(value, where), self.domain, where)
        if not integrals and found.has(sympy.Integral):
            raise StatementError(f"{where} holds an integral of a field; integral terms stand in the equations only")
        for written in found.atoms(AppliedUndef):
            self._check_field(written, where)
        found = found.xreplace(self.fields)
        found = found.doit(integrals=False) if found.atoms(sympy.Derivative) else found
        if not fields and found.atoms(AppliedUndef):
            held = ", ".join(sorted(map(str, found.atoms(AppliedUndef))))
            raise StatementError(
                f"{where}: {to_text(found)} holds the field {held}; write it as Condition(Eq(…, …), on=…)"
            )
        self._check_symbols(found, where, normals)
        self._check_derivatives(found, where)
        for part in (without_integrals(found), *(node.function for node in found.atoms(sympy.Integral))):
            check_supported(part, where)
        return found

    def field(self, value: Any, where: str) -> AppliedUndef:
        """A bare field of this statement, canonical."""
        found = self.read(value, where)
        if not isinstance(found, AppliedUndef):
            known = ", ".join(sorted(map(str, self.fields)))
            raise StatementError(f"{where}: {to_text(found)} was given where one of the fields {known} is expected")
        return found

    def _check_field(self, written: AppliedUndef, where: str) -> None:
        if written in self.fields:
            return
        name = field_name(written)
        for known in self.fields:
            if field_name(known) == name:
                raise StatementError(f"{where}: the field is written {written} here, but {known} in the equations")
        known = ", ".join(sorted(map(str, self.fields)))
        raise StatementError(f"{where}: the field {written} stands in no equation; the equations' fields: {known}")

    def _check_symbols(self, found: Any, where: str, normals: bool) -> None:
        allowed = {*self.domain.names, *self.unknowns}
        for name in sorted(symbol.name for symbol in found.free_symbols):
            if name.startswith(NORMAL):
                self._check_normal(name.removeprefix(NORMAL), where, normals)
            elif name not in allowed and name.removeprefix(OUTER) not in self.domain.names:
                raise StatementError(f"{where}: the symbol {name!r} is unknown. {self._hint(name)}")

    def _check_normal(self, coordinate: str, where: str, normals: bool) -> None:
        if not normals:
            raise StatementError(f"{where}: normal({coordinate}) has a meaning on the boundary only, in a Condition")
        if coordinate not in self.domain.space:
            raise StatementError(
                f"{where}: normal({coordinate}) needs a space coordinate; those are {', '.join(self.domain.space)}"
            )

    def _hint(self, name: str) -> str:
        known = f"The coordinates are {', '.join(self.domain.names)}"
        field_called_so = next((str(written) for written in self.fields if field_name(written) == name), None)
        if field_called_so:
            return f"{known}; {name} is a field: write it {field_called_so}"
        close = get_close_matches(name, [*self.domain.names, *self.unknowns], n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        return (
            f"{known}.{meant} Put a number in its place, or declare it: "
            f"unknowns=[Unknown({name}, guess)] to have it found, parameters=[Parameter({name}, lo, hi)] for a range"
        )

    def _check_derivatives(self, found: Any, where: str) -> None:
        for node in found.atoms(sympy.Derivative):
            if not isinstance(node.expr, AppliedUndef):
                raise ExpressionError(f"{where}: {node} isn't a derivative of a field, and SymPy can't evaluate it")
            for variable in node.variables:
                if variable.name not in self.domain.names:
                    raise StatementError(
                        f"{where}: {to_text(node)} is a derivative by {variable}, which isn't a coordinate; "
                        f"those are {', '.join(self.domain.names)}"
                    )
            if node.derivative_count > MAX_ORDER:
                raise StatementError(
                    f"{where}: {to_text(node)} is of order {node.derivative_count}; orders up to {MAX_ORDER} are "
                    "supported. Introduce a second field for a lower derivative (w = u_xx), with an equation of its own"
                )


def read_equations(equations: Any) -> list[tuple[str, Any, Any]]:
    """(name, left, right) of each `Eq`, canonical. Raises StatementError for anything but Eq, shown how to mend it."""
    given = list(equations) if isinstance(equations, (list, tuple)) else [equations]
    if not given:
        raise StatementError("no equation was given; a problem has one or more, like Eq(u.diff(t), u.diff(x, 2))")
    names = ["equation"] if len(given) == 1 else [f"equation {k}" for k in range(1, len(given) + 1)]
    return [(name, *sides(equation, name)) for name, equation in zip(names, given, strict=True)]


def sides(equation: Any, where: str) -> tuple[Any, Any]:
    """Both sides of an `Eq`, canonical. Raises StatementError for a collapsed Eq or something else."""
    if equation is True or equation is False or equation in (sympy.true, sympy.false):
        raise StatementError(
            f"{where} collapsed to {bool(equation)} when it was built: SymPy decided it, like Eq(u, u) (always true) "
            "or Eq(u**2, -1) (never true for real u), or `==` was written for Eq. Write Eq(left, right) with two sides "
            "that differ, or Eq(left, right, evaluate=False) to keep it"
        )
    if not isinstance(equation, sympy.Eq):
        raise StatementError(f"{where} is {equation}; an equation is written Eq(left, right), like Eq(u.diff(x, 2), 0)")
    left, right = (canonicalise(side, where) for side in equation.args)
    if (left - right).is_number:
        holds = "always" if left == right else "never"
        raise StatementError(f"{where}, {equation}, {holds} holds: its two sides differ by the number {left - right}")
    return left, right


def _on_domain(written: AppliedUndef, domain: Domain, where: str, is_unknown: bool) -> AppliedUndef:
    """The canonical field. It is of all coordinates, or without the parameters; an unknown field of some of them."""
    names = {coordinate.name for coordinate in written.args}
    needed = set() if is_unknown else set(domain.names) - set(domain.parameters)
    if not needed <= names <= set(domain.names):
        stated = [name for name in domain.names if name not in domain.parameters]
        expected = f"{field_name(written)}({', '.join(stated)})"
        raise StatementError(
            f"{where}: the field {written} doesn't have the domain's coordinates ({', '.join(stated)}); "
            f"write it {expected}, or state the domain in its coordinates; a known function is written as an "
            f"expression, one to be found is declared, unknowns=[Unknown({written})]"
        )
    return field(field_name(written), domain.coordinates)


def _check_names(domain: Domain, unknowns: tuple[str, ...], fields: Sequence[AppliedUndef]) -> None:
    called: dict[str, str] = dict.fromkeys(domain.names, "coordinate")
    for kind, names in (("unknown", unknowns), ("field", tuple(map(field_name, fields)))):
        for name in names:
            if name in called:
                raise StatementError(_name_twice(name, kind, called[name], fields))
            called[name] = kind
    for name, kind in called.items():
        if not name.isidentifier() or name.startswith((NORMAL, "__")):
            raise StatementError(
                f"the {kind} {name!r} can't be called so: solution(x=…) takes names as keywords, so a name is a Python "
                f"identifier, and {NORMAL!r} at its start is kept for normals, '__' for our own use"
            )


def _name_twice(name: str, kind: str, other: str, fields: Sequence[AppliedUndef]) -> str:
    spellings = [str(written) for written in fields if field_name(written) == name]
    if kind == other == "field":
        return f"the field {name} is written in two ways, {' and '.join(spellings)}; use one"
    if kind == other:
        return f"the {kind} {name!r} is declared twice"
    return f"{name!r} names both the {other} and the {kind}{f' {spellings[0]}' if spellings else ''}; rename one"
