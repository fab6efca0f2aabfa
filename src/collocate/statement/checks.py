"""Whether the conditions fit the equations: counted in time (an error), weighed in space (a warning), never at odds.

Only the order in time can be counted: a problem with inflow data alone, or with terminal data, is well posed with
fewer or other conditions in space than a count suggests. The same holds for equations and unknown numbers: a count
that is odd is remarked on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, pairwise

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError
from collocate.expressions.canonical import field_name
from collocate.geometry import BoundaryPart, Domain
from collocate.statement.regions import fraction, overlap
from collocate.statement.resolve import ResolvedCondition

Order = Callable[[str, str], int]
Resolved = Sequence[ResolvedCondition]


def check_time_order(
    fields: Sequence[AppliedUndef], order: Order, conditions: Resolved, domain: Domain, unknowns: bool
) -> None:
    """Each field of order m in time has m conditions at its two ends: Initial ones of the orders 0 … m − 1, or Final
    ones in place of some.

    Fewer will do where the field is observed (`Data`, `Point`), more where there are `unknowns` to be found by them.
    Raises StatementError that shows what to add or remove.
    """
    if domain.time is None:
        return
    for u in fields:
        name, wanted = field_name(u), order(field_name(u), domain.time)
        of_kind = {
            kind: [c.order for c in conditions if c.kind == kind and c.field == name] for kind in ("initial", "final")
        }
        said = f"{u} is of order {wanted} in {domain.time}, so it takes {wanted} initial condition{'s' * (wanted != 1)}"
        for kind, given in of_kind.items():
            twice = sorted({k for k in given if given.count(k) > 1})
            if twice:
                raise StatementError(f"{_in_time(kind, u, twice[0], domain.time)} is given twice; keep one. {said}")
            extra = [k for k in given if k >= wanted]
            if extra and not (kind == "final" and unknowns):
                remove = ", ".join(_in_time(kind, u, k, domain.time) for k in extra)
                raise StatementError(f"too many {kind} conditions: {said}. Remove {remove}")
        count = sum(map(len, of_kind.values()))
        missing = [k for k in range(wanted) if k not in of_kind["initial"]][: max(wanted - count, 0)]
        if missing and not any(c.kind == "data" and name in c.fields for c in conditions):
            add = ", ".join(_in_time("initial", u, k, domain.time) for k in missing)
            raise StatementError(f"too few initial conditions: {said}. Add {add}")
        if count > wanted and not unknowns:
            remove = ", ".join(_in_time("final", u, k, domain.time) for k in of_kind["final"])
            raise StatementError(f"too many conditions in time: {said}, at the start or at the end. Remove {remove}")


def _in_time(kind: str, u: AppliedUndef, order: int, time: str) -> str:
    derivative = {0: str(u), 1: f"{u}.diff({time})"}.get(order, f"{u}.diff({time}, {order})")
    return f"{kind.title()}({derivative}, …)"


def check_conflicts(conditions: Resolved, domain: Domain) -> None:
    """No two conditions of one kind on the same field and place. Raises StatementError naming both."""
    for one, other in combinations(conditions, 2):
        if not _contend(one, other):
            continue
        for here in one.selections:
            for there in other.selections:
                if here.part not in ("initial", "final") and overlap(here, there, domain):
                    raise StatementError(
                        f"{one.label!r} and {other.label!r} are both stated on {here.part}; keep one of them, "
                        "or say with on= where each holds"
                    )


def _contend(one: ResolvedCondition, other: ResolvedCondition) -> bool:
    if not set(one.fields) & set(other.fields):
        return False
    if one.kind == other.kind == "condition":
        return one.residual in (other.residual, -other.residual)
    if "periodic" in (one.kind, other.kind):
        return True
    return one.kind == other.kind


def equation_warnings(fields: Sequence[AppliedUndef], equations: int) -> list[str]:
    """A remark where there are not as many equations as fields, those not counted that are to be found."""
    if equations == len(fields):
        return []
    outcome = "the fields are not all determined" if equations < len(fields) else "they may contradict each other"
    held = ", ".join(map(str, fields))
    return [
        f"{_several(equations, 'equation')} for {_several(len(fields), 'field')} ({held}): {outcome}. What is known "
        "is written as an expression of the coordinates, not as a field"
    ]


def mean_warnings(
    floating: Sequence[str], sees: Mapping[str, Sequence[str]], order: Order, domain: Domain
) -> list[str]:
    """A remark for each field that only a `Mean` fixes and no equation differentiates in time.

    The mean is one number for all times: it leaves free any function of time whose own mean is zero.
    """
    if domain.time is None:
        return []
    return [
        f"the mean of {name} is over all of {domain.time} at once, and no equation has a derivative of {name} by "
        f"{domain.time}: it may drift by a function of {domain.time}. Fix it at a place for all times, with "
        "Dirichlet(…, on=…) or Condition(Eq(…, …), on=…)"
        for name in floating
        if domain.time in sees[name] and order(name, domain.time) == 0
    ]


def level_warnings(unlevelled: Sequence[AppliedUndef]) -> list[str]:
    """A remark for each field that stands under derivatives only, in all equations and conditions."""
    return [
        f"{u} is determined up to a constant only: every equation and condition holds derivatives of it alone. Fix its "
        f"mean, Mean({u}, 0), or its value at a point, Point({u}, 0, …)"
        for u in unlevelled
    ]


def derivative_warnings(equations: Sequence[sympy.Expr], fields: Sequence[AppliedUndef]) -> list[str]:
    """A remark where no equation holds a derivative or an integral of any field."""
    if not fields or any(equation.has(sympy.Derivative, sympy.Integral) for equation in equations):
        return []
    held = ", ".join(map(str, fields))
    return [
        f"no equation holds a derivative of {held}: SymPy makes a derivative by a symbol that the field does not "
        "depend on zero before it is seen here. Write each field with all its coordinates, as in Function('u')(x, t)"
    ]


def jump_warnings(equations: Sequence[sympy.Expr]) -> list[str]:
    """A remark where a coefficient that jumps multiplies a second or higher derivative.

    SymPy's derivative of a Piecewise knows no delta (that of Heaviside and sign does, and is refused): (a u′)′ arrives
    as a u″ on either side, without the condition that the flux a u′ is continuous, and is then no longer told from a u″
    stated on purpose.
    """
    return [
        f"the coefficient {jumping} of {derivative} jumps. If it stood inside a derivative, as in "
        "(a*u.diff(x)).diff(x), SymPy has dropped the derivative of the jump, and with it that the flux is continuous: "
        "make the flux a field, Eq(q, a*u.diff(x)), and write q.diff(x) in the equation"
        for equation in equations
        if equation.has(sympy.Piecewise)
        for jumping, derivative in _jumping(equation)
    ]


def _jumping(equation: sympy.Expr) -> list[tuple[sympy.Expr, sympy.Expr]]:
    """(coefficient, derivative) of each summand of second or higher order whose coefficient jumps."""
    found = []
    for summand in sympy.Add.make_args(sympy.expand_mul(equation)):
        factors = sympy.Mul.make_args(summand)
        high = [f for f in factors if isinstance(f, sympy.Derivative) and f.derivative_count > 1]
        jumps = [f for f in factors if any(map(_jumps, f.atoms(sympy.Piecewise)))]
        found += [(jumps[0], high[0])] if high and jumps else []
    return found


def _jumps(piecewise: sympy.Piecewise) -> bool:
    """Whether neighbouring pieces differ where they meet, as far as it shows: at x = c of a condition x < c."""
    for (one, where), (other, _) in pairwise(piecewise.args):
        if not isinstance(where, sympy.core.relational.Relational) or not where.lhs.is_Symbol:
            return True
        if not (one - other).subs(where.lhs, where.rhs).equals(0):
            return True
    return False


def space_warnings(
    fields: Sequence[AppliedUndef], order: Order, conditions: Resolved, domain: Domain, unknowns: Sequence[str]
) -> list[str]:
    """A remark for each field and space coordinate of order m ≥ 2 whose two ends don't hold m conditions in all,
    or whose closed boundary doesn't hold m/2 all along; what is observed may make up for those that lack.

    Unknown numbers take one more each: a remark where there is none too many to find them by.
    """
    found, surplus = [], _first_order_surplus(fields, order, conditions, domain)
    observed = {name for c in conditions if c.kind == "data" for name in c.fields}
    extra = float(sum(c.kind in ("mean", "data", "final") for c in conditions))
    for u in fields:
        for coordinate in _counted_coordinates(domain):
            highest = order(field_name(u), coordinate)
            wanted, places = _usual(highest, coordinate, domain)
            given = sum(_count(c, coordinate, places, domain) for c in conditions if field_name(u) in c.fields)
            counted = (
                f"{u} is of order {highest} in {coordinate}, for which {_several(wanted, 'condition')} on "
                f"{' and '.join(part.name for part in places)} together are usual; there are {given:.2g}: "
            )
            extra += max(given - wanted, 0.0) if wanted else 0.0
            if highest >= 2 and given < wanted - 0.01 and not observed & {field_name(u)}:
                found.append(f"{counted}the solution may not be unique")
            elif highest >= 2 and given > wanted + 0.01:
                surplus.append(f"{counted}they may contradict each other")
    if extra > len(unknowns) + 0.01:
        found += surplus
    if unknowns and extra < 0.01 and not observed:
        found.append(
            f"there are only as many conditions as the equations need, so {', '.join(unknowns)} may be left "
            "undetermined: an unknown number takes one more condition. A Dirichlet condition without on= gives way "
            "to others on its field; name its parts to keep both"
        )
    return found


def _first_order_surplus(
    fields: Sequence[AppliedUndef], order: Order, conditions: Resolved, domain: Domain
) -> list[str]:
    """A remark for each coordinate in which all fields are of first order at most, with more conditions at its ends
    than fields of first order; in a system they may be shared out among the fields in any way."""
    found = []
    for coordinate in _counted_coordinates(domain):
        orders = [order(field_name(u), coordinate) for u in fields]
        wanted, places = _usual(max(orders, default=0), coordinate, domain)
        counted = [c for c in conditions if c.kind not in ("initial", "final", "mean", "data")]
        given = sum(len(c.fields) * _count(c, coordinate, places, domain) for c in counted)
        if max(orders, default=0) == 1 and wanted and given > sum(orders) + 0.01:
            found.append(
                f"{', '.join(map(str, fields))}: first order in {coordinate}, for which "
                f"{_several(sum(orders), 'condition')} on {' and '.join(part.name for part in places)} together are "
                f"usual; there are {given:.2g}: they may contradict each other"
            )
    return found


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _counted_coordinates(domain: Domain) -> list[str]:
    """Coordinates with whole ends, and the first of every shape without: all of a shape's share one boundary."""
    ended = {part.coordinate for part in domain.parts}
    first = {shape.axes[0].name for shape in domain.shapes}
    return [name for name in domain.space if name in ended or name in first]


def _usual(order: int, coordinate: str, domain: Domain) -> tuple[int, list[BoundaryPart]]:
    """How many conditions are usual on which parts together: m on two ends, m/2 all along a closed boundary."""
    ends = [part for part in domain.parts if part.coordinate == coordinate]
    if ends:
        return order, ends
    return order // 2, [part for part in domain.parts if coordinate in domain.shape_of(part).names]


def _count(condition: ResolvedCondition, coordinate: str, places: Sequence[BoundaryPart], domain: Domain) -> float:
    """How many conditions on one field this is on the parts; shared out where it holds several fields."""
    if condition.kind in ("initial", "final", "mean", "data"):
        return 0.0
    if condition.kind == "periodic":
        return float(condition.order if condition.coordinate == coordinate else 0)
    ends = places[0].coordinate is not None
    sizes = {part.name: 1.0 if ends else part.measure for part in places}
    held = sum(fraction(s, domain) * sizes[s.part] for s in condition.selections if s.part in sizes)
    return held / (1.0 if ends else sum(sizes.values())) / len(condition.fields)
