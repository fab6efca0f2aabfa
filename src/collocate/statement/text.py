"""A problem from text, as a command line or a form on a page gives it. The safe parser reads it; nothing is executed.

    arguments(["u_t + u*u_x = 0.01/pi*u_xx"], "x: -1..1, t: 0..1", ["u = -sin(pi*x)"], ["u = 0"])

A name is a field where it has a derivative (`u_t`, `u.diff(t)`, `diff(u, t)`) or stands alone on the left of a
condition or of a reference. All other names are coordinates, declared unknowns, functions or constants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import field, number, parse, symbol
from collocate.expressions.nodes import CONSTANTS, SPELLINGS
from collocate.geometry import Domain, Interval, Time, as_domain
from collocate.statement.conditions import Condition, Data, Dirichlet, Final, Initial, Neumann, Periodic, Stated, normal
from collocate.statement.declarations import Unknown

_NAME = r"[^\W\d]\w*"
# A name in a formula: not the e in 1e-3, not what follows a dot, like the diff in u.diff(x).
_NAMES = re.compile(rf"(?<![\w.]){_NAME}")
_FUNCTIONS = {*SPELLINGS, "diff", "Derivative", "Piecewise"}
_KNOWN = {*CONSTANTS, *_FUNCTIONS}
# The = of an equation, not one of ==, <=, >=, !=.
_EQUALS = re.compile(r"(?<![=<>!])=(?!=)")
_AXIS = re.compile(rf"(?:(?P<kind>time|space)\s+)?(?P<name>{_NAME})\s*:(?P<bounds>.*)", re.DOTALL)
_TIMES = ("t", "time")
_FLUX = re.compile(rf"\bd({_NAME})\s*/\s*dn\b")
_DIFFERENTIATED = (
    re.compile(rf"(?<![\w.])({_NAME})\s*(?:\([^()]*\))?\s*\.\s*diff\s*\("),
    re.compile(rf"\b(?:diff|Derivative)\s*\(\s*({_NAME})\s*(?:\([^()]*\))?\s*,"),
    _FLUX,
)
_AT_A_POINT = re.compile(rf"(?P<name>{_NAME})\s*\((?P<point>[^()]*)\)")
# What else people write, and how it is written here.
_MEANT = (
    (re.compile("['′]"), "A derivative is written u_x or u.diff(x)"),
    (re.compile(r"\d\s*(?!e[-+\d])[^\W\d]|[\w)]\s+[\w(]|\)\s*[\w(]"), "A product is written with *, like 2*u"),
)
_PERIODIC = re.compile(
    rf"(?:periodic\s+(?P<first>{_NAME}(?:\s*,\s*{_NAME})*)|(?P<second>{_NAME}(?:\s*,\s*{_NAME})*)\s+periodic|periodic)"
    rf"\s+in\s+(?P<coordinate>{_NAME})"
)

_EQUATION = "u_t = 0.1*u_xx"
_DOMAIN = "x: -1..1, t: 0..1"
_INITIAL = "u = -sin(pi*x)"
_BOUNDARY = 'u = 0", "u = 0 on left", "du/dn = 0 on x = 1", "u periodic in x'
_UNKNOWN = "nu = 0.1"
_REFERENCE = "u = exp(-t)*sin(x)"
_FINAL = "u = 0"
_SIGMA = "sigma"

Names = dict[str, Any]


def arguments(
    equations: Any,
    domain: str,
    initial: Any = (),
    boundary: Any = (),
    unknowns: Any = (),
    reference: Any = (),
    final: Any = (),
    data: Any = (),
) -> dict[str, Any]:
    """The arguments of `Problem` that the texts state; each but `domain` is one text or a list of them, `data` one
    table or a list of them.

    Raises StatementError or ExpressionError that quotes the text, its wrong part, and a spelling that works.
    """
    stated = _texts(equations, "equation", _EQUATION)
    start, edge = _texts(initial, "initial condition", _INITIAL), _texts(boundary, "boundary condition", _BOUNDARY)
    truths, end = _texts(reference, "reference", _REFERENCE), _texts(final, "final condition", _FINAL)
    space_time = _domain(domain)
    guesses = dict(_guess(text) for text in _texts(unknowns, "unknown", _UNKNOWN))
    coordinates = {coordinate.name: coordinate for coordinate in space_time.coordinates}
    fixed: Names = {**coordinates, **{name: symbol(name) for name in guesses}}
    conditions = [*start, *end, *(_without_place(text) for text in edge), *truths]
    fields = {
        name: field(name, space_time.coordinates) for name in _field_names(stated, conditions, space_time.names, fixed)
    }
    if not fields:
        raise StatementError(
            f"the equations {', '.join(map(repr, stated))} hold no derivative of a field by {', '.join(coordinates)}; "
            f'a derivative is written with an underscore, like "{_EQUATION}"'
        )
    names: Names = {**fixed, **fields}
    return {
        "equations": [sympy.Eq(*_sides(text, "equation", _EQUATION, names), evaluate=False) for text in stated],
        "domain": space_time,
        "conditions": [
            *(Initial(*_in_time(text, "initial condition", _INITIAL, names)) for text in start),
            *(Final(*_in_time(text, "final condition", _FINAL, names)) for text in end),
            *(condition for text in edge for condition in _boundary(text, names, space_time)),
            *(condition for table in _tables(data) for condition in _observed(table, fields)),
        ],
        "unknowns": [Unknown(symbol(name), guess) for name, guess in guesses.items()],
        "reference": dict(_truth(text, names) for text in truths) or None,
    }


def _texts(given: Any, what: str, example: str) -> list[str]:
    """The texts, stripped. Raises StatementError for anything that is no text or an empty one."""
    texts = [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else [given]
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise StatementError(f'the {what} must be text like "{example}"; got {text!r}')
    if not texts and what == "equation":
        raise StatementError(f'no equation was given; write one like "{example}"')
    return [text.strip() for text in texts]


def _refuse(what: str, text: str, why: str, example: str) -> StatementError:
    return StatementError(f'{what} "{text}": {why}; write it like "{example}"')


def _domain(text: Any) -> Domain:
    """ "x: -1..1, t: 0..2*pi": a product of intervals; `t`, `time` and what is announced by "time s: …" are Times."""
    if not isinstance(text, str) or not text.strip():
        raise StatementError(f'the domain must be text like "{_DOMAIN}"; got {text!r}')
    factors: list[Interval | Time] = []
    for part in _split(text):
        found = _AXIS.fullmatch(part.strip())
        if found is None:
            raise _refuse("domain", text, f"{part.strip()!r} is no name with a range", _DOMAIN)
        lower, dots, upper = found["bounds"].partition("..")
        if not (dots and lower.strip() and upper.strip()):
            why = f"{found['bounds'].strip()!r} is no range, which has two dots between its bounds"
            raise _refuse("domain", text, why, f"{found['name']}: 0..1")
        is_time = found["kind"] == "time" or (found["kind"] is None and found["name"] in _TIMES)
        a, b = (_number(bound, f'domain "{text}", a bound of {found["name"]}') for bound in (lower, upper))
        if float(a) >= float(b):
            why = f"the range of {found['name']} does not go from the lower bound to the upper one"
            raise _refuse("domain", text, why, f"{found['name']}: {min(a, b)}..{max(a, b) if a != b else b + 1}")
        factors.append((Time if is_time else Interval)(symbol(found["name"]), a, b))
    product = as_domain(factors[0])
    for factor in factors[1:]:
        product = product * factor
    return product


def _split(text: str) -> list[str]:
    """Parts between the commas outside parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _number(text: str, what: str) -> Any:
    try:
        return number(parse(text, {}), what)
    except ExpressionError as error:
        raise ExpressionError(
            f"{what}: {text.strip()!r} is no finite number; write one like 0.5, 1e-3 or 2*pi"
        ) from error


def _parsed(text: str, names: Mapping[str, Any], what: str) -> Any:
    """The expression, with what it belongs to in front of every complaint."""
    try:
        return parse(text, names)
    except ExpressionError as error:
        hint = next((f". {hint}" for spelling, hint in _MEANT if spelling.search(text)), "")
        raise ExpressionError(f"{what}: {error}{hint}") from error


def _guess(text: str) -> tuple[str, Any]:
    name, value = _halves(text, "unknown", _UNKNOWN)
    if re.fullmatch(_NAME, name) is None:
        raise _refuse("unknown", text, f"{name!r} is no name", _UNKNOWN)
    return name, _number(value, f'unknown "{text}", its first guess')


def _halves(text: str, what: str, example: str) -> tuple[str, str]:
    """Left and right of the one "="."""
    found = list(_EQUALS.finditer(text))
    if len(found) != 1:
        why = "== compares; an equation has a single =" if "==" in text else f"it has {len(found)} signs =, not one"
        raise _refuse(what, text, why, f"{text} = 0" if not found and "==" not in text else example)
    left, right = text[: found[0].start()].strip(), text[found[0].end() :].strip()
    if not left or not right:
        raise _refuse(what, text, f"there is nothing {'after' if left else 'before'} the =", example)
    return left, right


def _field_names(
    equations: Iterable[str], conditions: Iterable[str], coordinates: Sequence[str], fixed: Names
) -> list[str]:
    """The names that are fields, in the order of their appearance."""
    found: dict[str, None] = {}
    for text in [*equations, *conditions]:
        for name in (match.group() for match in _NAMES.finditer(text)):
            base, underscore, suffix = name.rpartition("_")
            if name not in fixed and underscore and base and _spells(suffix, coordinates):
                found[base] = None
        found |= dict.fromkeys(name for spelling in _DIFFERENTIATED for name in spelling.findall(text))
    for text in conditions:
        left = _EQUALS.split(text)[0].strip()
        if re.fullmatch(_NAME, left) and not _of_a_field(left, found, coordinates):
            found[left] = None
    return [name for name in found if name not in _FUNCTIONS and name not in fixed]


def _of_a_field(name: str, fields: Iterable[str], coordinates: Sequence[str]) -> bool:
    base, _, suffix = name.rpartition("_")
    return base in fields and (suffix == "n" or _spells(suffix, coordinates))


def _spells(suffix: str, coordinates: Sequence[str]) -> bool:
    """Whether the suffix is made of coordinates' names. By the places that can be reached: a pattern for x and xx would
    try every way to cut xxxx… up."""
    reached = {0}
    for place in range(len(suffix)):
        if place in reached:
            reached |= {place + len(name) for name in coordinates if suffix.startswith(name, place)}
    return bool(suffix) and len(suffix) in reached


def _sides(text: str, what: str, example: str, names: Names) -> tuple[Any, Any]:
    left, right = (_side(half, what, text, names) for half in _halves(text, what, example))
    return left, right


def _side(half: str, what: str, text: str, names: Names) -> Any:
    where = f'{what} "{text}"'
    for match in _NAMES.finditer(half):
        called = half[match.end() :].lstrip().startswith("(")
        if not _is_known(match.group(), called, names):
            raise StatementError(f"{where}: {_stranger(match.group(), called, names)}")
    found = _parsed(half, names, where)
    if isinstance(found, Boolean) and not isinstance(found, sympy.Symbol):
        raise _refuse(what, text, f"{half!r} is a comparison, not a value", _EQUATION)
    return found


def _is_known(name: str, called: bool, names: Names) -> bool:
    if name in _KNOWN or (name in names and (not called or isinstance(names[name], AppliedUndef))):
        return True
    base, _, suffix = name.rpartition("_")
    known: Any = names.get(base)
    return isinstance(known, AppliedUndef) and _spells(suffix, [argument.name for argument in known.args])


def _stranger(name: str, called: bool, names: Names) -> str:
    """What to say of a name that is no coordinate, unknown, field, function or constant."""
    symbols = [key for key, value in names.items() if isinstance(value, sympy.Symbol)]
    fields = [key for key, value in names.items() if isinstance(value, AppliedUndef)]
    base, _, suffix = name.rpartition("_")
    if base in fields:
        return f"{name!r} is no derivative of {base}: {suffix!r} is not made of coordinates ({', '.join(symbols)})"
    if (leibniz := re.fullmatch(r"d\d?(\w+)", name)) and leibniz[1] in fields:
        return (
            f"{name!r} is not known; a derivative is written {leibniz[1]}_{symbols[0]}, a second one with two letters"
        )
    close = get_close_matches(name, [*_KNOWN, *names], n=1)
    meant = f", did you mean {close[0]!r}?" if close else "."
    if called and name not in names:
        return f"there is no function {name!r}{meant} Functions: {', '.join(SPELLINGS)}"
    if called:
        return f"{name!r} is a number, not a function; a product is written {name}*(…)"
    return (
        f"{name!r} is not known{meant} Coordinates and unknowns: {', '.join(symbols)}; fields: {', '.join(fields)}. "
        f'Put a number in its place, or have it found: unknown "{name} = 0.1"'
    )


def _in_time(text: str, what: str, example: str, names: Names) -> tuple[Any, Any]:
    _refuse_a_point(text, what, example, names)
    return _sides(text, what, example, names)


def _tables(data: Any) -> list[Any]:
    return list(data) if isinstance(data, (list, tuple)) else [data]


def _observed(table: Any, fields: Names) -> list[Stated]:
    """Data on each field that the table has a column of; its column "sigma" is their standard deviation."""
    columns = [str(name) for name in table] if isinstance(table, Mapping) or hasattr(table, "columns") else []
    measured = [name for name in fields if name in columns]
    if not measured:
        held = f"the columns {', '.join(columns)}" if columns else f"no columns: {type(table).__name__}"
        raise StatementError(
            f"data: a table has {held}; it needs those of the coordinates, and one named after a field "
            f"({', '.join(fields)}) for what was measured"
        )
    sigma = _SIGMA if _SIGMA in columns and _SIGMA not in fields else None
    return [Data(fields[name], table, sigma) for name in measured]


def _refuse_a_point(text: str, what: str, shown: str, names: Names) -> None:
    """u(0) = 1 and u(x, 0) = sin(x): the place is said otherwise."""
    found = _AT_A_POINT.match(text)
    if found and found["name"] not in _KNOWN:
        coordinates = [name for name, value in names.items() if isinstance(value, sympy.Symbol)]
        if any(part.strip() not in coordinates for part in found["point"].split(",")):
            raise _refuse(what, text, f"{found.group()!r} says the place in the field's brackets", shown)


def _without_place(text: str) -> str:
    return _placed(text)[0] if _PERIODIC.fullmatch(text) is None else ""


def _placed(text: str) -> tuple[str, str | None]:
    """The relation and what stands after " on "."""
    relation, on, place = re.sub(r"\s+", " ", text).rpartition(" on ")
    return (relation, place.strip()) if on else (text, None)


def _boundary(text: str, names: Names, domain: Domain) -> list[Stated]:
    what = "boundary condition"
    if found := _PERIODIC.fullmatch(text):
        return _periodic(text, found, names, domain)
    if re.search(r"\bperiodic\b", text):
        raise _refuse(what, text, "a periodic condition names its coordinate", f"u periodic in {domain.names[0]}")
    relation, place = _placed(text)
    _refuse_a_point(relation, what, "u = 0 on x = 0", names)
    on = None if place is None else _place(place, text, domain, names)
    known = {**names, **_fluxes(names, domain)}
    left, right = _sides(_FLUX.sub(r"\1_n", relation), what, _BOUNDARY, known)
    for name, flux in _fluxes(names, domain).items():
        if left == flux:
            return [Neumann(names[name.removesuffix("_n")], right, on)]
    if isinstance(left, AppliedUndef):
        return [Dirichlet(left, right, on)]
    return [Condition(sympy.Eq(left, right, evaluate=False), on)]


def _fluxes(names: Names, domain: Domain) -> Names:
    """{"u_n": ∂u/∂n} for each field, unless n is a coordinate; and the normal's components."""
    space = [symbol(name) for name in domain.space]
    fields = {name: value for name, value in names.items() if isinstance(value, AppliedUndef)}
    fluxes = {f"{name}_n": sympy.Add(*(normal(x) * sympy.diff(u, x) for x in space)) for name, u in fields.items()}
    return {} if "n" in domain.names else fluxes


def _periodic(text: str, found: re.Match[str], names: Names, domain: Domain) -> list[Stated]:
    fields = [name for name, value in names.items() if isinstance(value, AppliedUndef)]
    listed = found["first"] or found["second"]
    chosen = [name.strip() for name in listed.split(",")] if listed else fields
    coordinate = found["coordinate"]
    for name in chosen:
        if name not in fields:
            why = f"{name!r} is no field; fields: {', '.join(fields)}"
            raise _refuse("boundary condition", text, why, f"{fields[0]} periodic in {coordinate}")
    if coordinate not in domain.space:
        why = f"{coordinate!r} is no coordinate of space; those are {', '.join(domain.space) or 'none'}"
        raise _refuse("boundary condition", text, why, f"{chosen[0]} periodic in {(*domain.space, 'x')[0]}")
    return [Periodic(names[name], symbol(coordinate)) for name in chosen]


def _place(place: str, text: str, domain: Domain, names: Names) -> Any:
    """Names of parts ("left, right", "left and right"), or a predicate ("x = 1", "(x = 1) & (y > 0)")."""
    parts = [part.strip() for part in re.split(r",|\band\b", place)]
    if all(re.fullmatch(_NAME, part) for part in parts):
        known = [part.name for part in domain.parts]
        for part in parts:
            if part not in known:
                why = f"the boundary has no part {part!r}; its parts: {', '.join(known) or 'none'}"
                raise _refuse("boundary condition", text, why, f"u = 0 on {(*known, 'left')[0]}")
        return parts
    where = f'boundary condition "{text}", the place {place!r}'
    coordinates = {name: names[name] for name in domain.names}
    found = _parsed(_EQUALS.sub("==", place), coordinates, where)
    if not isinstance(found, Boolean):
        raise StatementError(f'{where} is neither a part of the boundary nor a comparison; write "u = 0 on x = 1"')
    return found


def _truth(text: str, names: Names) -> tuple[str, Any]:
    left, right = _halves(text, "reference", _REFERENCE)
    if not isinstance(names.get(left), AppliedUndef):
        raise _refuse("reference", text, f"{left!r} is no field of the equations", _REFERENCE)
    return left, _side(right, "reference", text, names)
