"""The trial function, the functions that evaluate residuals on point sets, and the loss, in a framework's idiom."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from collocate.ejection.contents import Contents, Function
from collocate.ejection.idioms import Idiom
from collocate.ejection.printer import code, listed, number, statement
from collocate.expressions.canonical import symbol
from collocate.planning import Term, UnknownPlan


def trial_title(contents: Contents) -> str:
    """What the docstring of `trial` says."""
    if all(trial.factor == 1 and trial.particular == 0 for trial in contents.plan.trials):
        return "The network's outputs, each times the size of its field."
    return "G + Φ * size * N: G (particular) meets the exact conditions, and Φ (factor) is zero where they hold."


def trial(contents: Contents, idiom: Idiom) -> list[str]:
    """The body of `trial`: u = G + Φ · s · N for each field."""
    plan, indent = contents.plan, 4
    inputs = [code(contents.spelled(feature), idiom.spelling) for feature in plan.stages[0].features]
    lines = listed(f"inputs = {idiom.stacked[0]}", inputs, idiom.stacked[1], indent)
    lines.append(f"    output = {idiom.network}")
    for position, (own, scale) in enumerate(zip(plan.trials, plan.stages[0].scales, strict=True)):
        which = f" {own.field}" if len(plan.trials) > 1 else ""
        start, times = "", idiom.column.format(position, position + 1)
        times = times if scale == 1.0 else f"{number(scale)} * {times}"
        if own.particular != 0:
            name = contents.names(f"particular{which}")
            lines += statement(f"{name} =", code(contents.spelled(own.particular), idiom.spelling), indent)
            start = f"{name} + "
        if own.factor != 1:
            name = contents.names(f"factor{which}")
            lines += statement(f"{name} =", code(contents.spelled(own.factor), idiom.spelling), indent)
            times = f"{name} * {times}"
        lines += statement(f"{contents.names(own.field)} =", start + times, indent)
    return [*lines, f"    return {', '.join(contents.fields)}"]


def functions(contents: Contents, idiom: Idiom) -> Iterator[list[str]]:
    """The text of each function that is evaluated on point sets."""
    for function in contents.functions:
        where = ", ".join(function.sets)
        what = ", ".join(dict.fromkeys(output.term.label.partition(" on ")[0] for output in function.outputs))
        title = f"{what}, on {where}" if len(where) < 60 else f"{what}, on {len(function.sets)} sets of points"
        body = [*_unknowns(contents, idiom, function), *idiom.derivatives(contents, function)]
        yield [
            *([idiom.over_points] if idiom.over_points else []),
            f"def {function.name}({', '.join((idiom.model, *contents.coordinates))}):",
            f'    """Residual of {title}."""',
            *(f"    {line}" for line in body),
            *_residuals(contents, idiom, function),
        ]


def _residuals(contents: Contents, idiom: Idiom, function: Function) -> Iterator[str]:
    """The end of a function: what it returns."""
    texts = [code(contents.spelled(each.expression, idiom.use), idiom.spelling) for each in function.outputs]
    if len(texts) == 1:
        yield from statement("return", texts[0], 4)
        return
    for output, text in zip(function.outputs, texts, strict=True):
        yield from statement(f"{output.name} =", text, 4)
    yield f"    return {', '.join(output.name for output in function.outputs)}"


def free(contents: Contents, unknown: UnknownPlan) -> str:
    """The name of what is trained: an unknown, or for one with bounds the free number that it is a function of."""
    bounded = unknown.low is not None or unknown.high is not None
    return contents.names(f"{unknown.name} free" if bounded else unknown.name)


def worth(unknown: UnknownPlan, read: str, exponential: str) -> str:
    """An unknown from the number that is trained, as `read` by the script (see `collocate.residuals.parameters`)."""
    low, high = unknown.low, unknown.high
    if low is not None and high is not None:
        decay = exponential.format(f"-{read}")
        return f"{number(low)} + {number(high - low)} / (1 + {decay})"
    if low is not None:
        return f"{number(low)} + {exponential.format(read)}"
    return read if high is None else f"{number(high)} - {exponential.format(read)}"


def _unknowns(contents: Contents, idiom: Idiom, function: Function) -> Iterator[str]:
    used: set[sympy.Basic] = set().union(*(output.expression.free_symbols for output in function.outputs))
    for unknown in contents.plan.unknowns:
        if symbol(unknown.name) in used:
            read = idiom.unknown.format(free(contents, unknown))
            yield f"{contents.names(unknown.name)} = {worth(unknown, read, idiom.spelling.functions['exp'])}"


def loss(contents: Contents, idiom: Idiom) -> list[str]:
    """The body of `loss`: residuals on each set, then their squares."""
    lines, later = ["total = 0.0"], []
    for function in contents.functions:
        if function.alone and _can_loop(contents, function):
            lines += _loop(contents, idiom, function)
            continue
        for name in function.sets:
            terms, outputs = contents.terms_on(name), [output.name for output in function.outputs]
            lines.append(f"{', '.join(outputs)} = {_call(idiom, function, repr_of(name))}")
            if function.alone:
                pairs = zip(outputs, terms, strict=True)
                lines += [_added(idiom, output, term, contents.weight(term)) for output, term in pairs]
            else:
                later += [(output.name, output.term) for output in function.outputs]
    return [f"    {line}" for line in (*lines, *_joined(contents, idiom, later), "return 0.5 * total")]


def repr_of(name: str) -> str:
    """A text in double quotes."""
    return f'"{name}"'


def _call(idiom: Idiom, function: Function, key: str) -> str:
    return f"{function.name}({idiom.model}, *points[{key}])"


def _added(idiom: Idiom, output: str, term: Term, weight: float, scale: str | None = None) -> str:
    scale = number(term.scale) if scale is None else scale
    square = f"{output}**2" if scale == "1" else f"({output} / {scale}) ** 2"
    return f"total += {_times(weight)}{idiom.mean.format(square)}"


def _times(weight: float) -> str:
    return "" if weight == 1.0 else f"{number(weight)} * "


def _can_loop(contents: Contents, function: Function) -> bool:
    """Where the residuals on many sets differ in their sizes only."""
    terms = [term for name in function.sets for term in contents.terms_on(name)]
    return len(function.sets) > 1 and all(contents.weight(term) == 1.0 for term in terms)


def _loop(contents: Contents, idiom: Idiom, function: Function) -> list[str]:
    outputs = [output.name for output in function.outputs]
    sizes = [contents.names(f"size of {output}") for output in outputs]
    rows = [
        f"    ({', '.join([repr_of(name), *(number(term.scale) for term in contents.terms_on(name))])}),"
        for name in function.sets
    ]
    return [
        "sizes = [",
        *rows,
        "]",
        f"for name, {', '.join(sizes)} in sizes:",
        f"    {', '.join(outputs)} = {_call(idiom, function, 'name')}",
        *(
            f"    {_added(idiom, output.name, output.term, 1.0, size)}"
            for output, size in zip(function.outputs, sizes, strict=True)
        ),
    ]


def _joined(contents: Contents, idiom: Idiom, later: list[tuple[str, Term]]) -> Iterator[str]:
    """Terms of several sets, and those that are one number: a mean by quadrature."""
    for term in dict.fromkeys(term for _, term in later):
        outputs = [name for name, own in later if own is term]
        weight, scale = contents.weight(term), number(term.scale)
        if term.kind == "pointwise":
            row = " + ".join(outputs)
            yield _added(idiom, f"({row})" if len(outputs) > 1 else row, term, weight)
        elif contents.plan.points(term.sets[0]).quadrature:
            yield f"(weight,) = points[{repr_of(term.sets[0] + ' weight')}]"
            yield f"total += {_times(weight)}({idiom.total.format(f'weight * {outputs[0]}')} / {scale}) ** 2"
        else:
            yield f"total += {_times(weight)}({idiom.mean.format(outputs[0])} / {scale}) ** 2"
