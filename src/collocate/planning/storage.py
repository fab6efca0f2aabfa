"""A plan as JSON and back; nothing read is trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collocate.errors import CollocateError, StoreError
from collocate.expressions import from_tree, to_tree
from collocate.networks import from_json as network_from_json
from collocate.planning.specification import (
    Along,
    Choice,
    Phase,
    Plan,
    PointSetPlan,
    Stage,
    Term,
    Trace,
    Trial,
    UnknownPlan,
    Weighting,
)


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as what JSON holds; expressions as trees, floats exact."""
    return {
        "coordinates": list(plan.coordinates),
        "bounds": [list(pair) for pair in plan.bounds],
        "time": plan.time,
        "fields": list(plan.fields),
        "trials": [[t.field, to_tree(t.particular), to_tree(t.factor)] for t in plan.trials],
        "stages": [_stage_to_json(stage) for stage in plan.stages],
        "unknowns": [[u.name, u.guess, u.low, u.high] for u in plan.unknowns],
        "constants": [list(pair) for pair in plan.constants],
        "terms": [
            [t.name, [to_tree(e) for e in t.expressions], list(t.sets), t.kind, t.scale, t.weight] for t in plan.terms
        ],
        "point_sets": [_points_to_json(points) for points in plan.point_sets],
        "sampling": plan.sampling,
        "blocks": plan.blocks,
        "phases": [[p.optimizer, dict(p.options), p.steps, p.redraw, p.adaptive, p.patience] for p in plan.phases],
        "choices": [[c.subject, c.value, c.reason] for c in plan.choices],
        "trial_error": [list(pair) for pair in plan.trial_error],
        "weighting": [[w.name, dict(w.options)] for w in plan.weighting],
        "batch": plan.batch,
        "traces": [[to_tree(t.node), t.field, t.order, to_tree(t.initial)] for t in plan.traces],
        "slabs": plan.slabs,
        "later": [_stage_to_json(stage) for stage in plan.later],
    }


def from_json(document: Any) -> Plan:
    """The plan that `to_json` wrote. Raises StoreError for anything else."""
    try:
        return Plan(
            coordinates=_texts(document["coordinates"]),
            bounds=tuple((float(low), float(high)) for low, high in document["bounds"]),
            time=None if document["time"] is None else _text(document["time"]),
            fields=_texts(document["fields"]),
            trials=_each(document["trials"], lambda f, g, phi: Trial(_text(f), from_tree(g), from_tree(phi))),
            stages=tuple(_stage(stage) for stage in document["stages"]),
            unknowns=_each(document["unknowns"], _unknown),
            constants=_each(document["constants"], lambda name, value: (_text(name), float(value))),
            terms=_each(document["terms"], _term),
            point_sets=_each(document["point_sets"], _points),
            sampling=_text(document["sampling"]),
            blocks=int(document["blocks"]),
            phases=_each(document["phases"], _phase),
            choices=_each(document["choices"], lambda *texts: Choice(*map(_text, texts))),
            trial_error=_each(document["trial_error"], lambda name, error: (_text(name), float(error))),
            # Files of 0.1 have neither.
            weighting=_each(document.get("weighting", ()), lambda name, options: Weighting(_text(name), dict(options))),
            batch=None if document.get("batch") is None else int(document["batch"]),
            traces=_each(document.get("traces", ()), _trace),
            slabs=_slabs(document),
            later=tuple(_stage(stage) for stage in document.get("later", ())),
        )
    except StoreError:
        raise
    except (CollocateError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise StoreError(f"the plan in the file is malformed: {error}") from error


def _each(rows: Any, build: Callable[..., Any]) -> tuple[Any, ...]:
    return tuple(build(*row) for row in rows)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise StoreError(f"the plan in the file is malformed: a text was expected, got {value!r}")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_text(value) for value in values)


def _trace(node: Any, field: Any, order: Any, initial: Any) -> Trace:
    return Trace(from_tree(node), _text(field), int(order), from_tree(initial))


def _slabs(document: Any) -> int | None:
    """Files of 0.1 do not say: one, or found in training where there are constants."""
    count = document.get("slabs", None if document["constants"] else 1)
    return None if count is None else int(count)


def _stage_to_json(stage: Stage) -> dict[str, Any]:
    features = [to_tree(feature) for feature in stage.features]
    return {"network": stage.network.to_json(), "features": features, "scales": list(stage.scales)}


def _stage(stage: Any) -> Stage:
    features = tuple(from_tree(feature) for feature in stage["features"])
    return Stage(network_from_json(stage["network"]), features, tuple(float(scale) for scale in stage["scales"]))


def _term(name: Any, expressions: Any, sets: Any, kind: Any, scale: Any, weight: Any) -> Term:
    trees = tuple(from_tree(expression) for expression in expressions)
    return Term(_text(name), trees, _texts(sets), _text(kind), float(scale), float(weight))


def _unknown(name: Any, guess: Any, low: Any = None, high: Any = None) -> UnknownPlan:
    return UnknownPlan(_text(name), float(guess), *(None if bound is None else float(bound) for bound in (low, high)))


def _points_to_json(points: PointSetPlan) -> list[Any]:
    where, line = points.predicate, points.along
    return [
        points.name,
        points.count,
        points.part,
        None if where is None else to_tree(where),
        points.mirrors,
        points.quadrature,
        None if line is None else [line.coordinate, to_tree(line.lower), to_tree(line.upper), line.nodes],
        points.observed,
    ]


def _points(
    name: Any,
    count: Any,
    part: Any,
    predicate: Any,
    mirrors: Any,
    quadrature: Any,
    along: Any = None,
    observed: Any = None,
) -> PointSetPlan:
    return PointSetPlan(
        _text(name),
        int(count),
        part and _text(part),
        None if predicate is None else from_tree(predicate),
        mirrors and _text(mirrors),
        bool(quadrature),
        None if along is None else _along(*along),
        observed and _text(observed),
    )


def _along(coordinate: Any, lower: Any, upper: Any, nodes: Any) -> Along:
    return Along(_text(coordinate), from_tree(lower), from_tree(upper), int(nodes))


def _phase(optimizer: Any, options: Any, steps: Any, redraw: Any, adaptive: Any, patience: Any) -> Phase:
    return Phase(_text(optimizer), dict(options), int(steps), int(redraw), bool(adaptive), int(patience))
