"""A problem as one training script in a framework's own idiom, which stands alone.

The script draws the parameters and the points that `solve` would start from, meets the same conditions exactly, and has
the same loss, ½ Σ_m w_m mean (r_m/s_m)²; its derivatives are the framework's nested automatic differentiation. It
trains by Adam with the rate that `optimizer="adam"` has here, on points that stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from collocate import planning
from collocate.ejection import drawing, residuals
from collocate.ejection.contents import Contents
from collocate.ejection.idioms import IDIOMS, Idiom
from collocate.ejection.printer import WIDTH
from collocate.ejection.refusals import check
from collocate.ejection.report import report
from collocate.errors import BackendError, PlanError
from collocate.optimizers import Adam
from collocate.planning.given_points import any_given
from collocate.residuals import initial_parameters
from collocate.statement import Problem
from collocate.store import write_text_atomic

_VARIANCES = {"glorot": ("Glorot's", "2 / (rows + columns)"), "lecun": ("LeCun's", "1 / rows")}
_DRAWS = {
    "normal": ("normal", "rng.normal(0, np.sqrt({}), (rows, columns))"),
    "uniform": ("uniform", "rng.uniform(-1, 1, (rows, columns)) * np.sqrt(3 * {})"),
}


def eject(
    problem: Problem,
    *,
    backend: str,
    out: Any = None,
    seed: int = 0,
    dtype: str = "float64",
    network: Any = None,
    points: Any = None,
    steps: int | None = None,
    conditions: str = "exact",
    weighting: Any = None,
    sampling: str | None = None,
    slabs: int | str = "auto",
) -> str:
    """A script of its own, without collocate, that trains a network for the problem in a framework's own idiom.

    It starts from the same parameters and points as `solve` with the same arguments, and has the same loss; it trains
    by Adam on points that stay. backend: "torch", "tensorflow" or "jax". out: a file to write it to, too.
    Raises PlanError for what a script cannot hold, such as measured values, slabs of time or a network of your own.
    """
    text = script(
        problem, backend=backend, seed=seed, dtype=dtype, network=network, points=points, steps=steps,
        conditions=conditions, weighting=weighting, sampling=sampling, slabs=slabs,
    )  # fmt: skip
    if out is not None:
        write_text_atomic(Path(out), text)
    return text


def script(problem: Problem, *, backend: str, seed: int = 0, dtype: str = "float64", **choices: Any) -> str:
    """The text of the script; `choices` are arguments of `co.plan`. Raises as `eject`."""
    if backend not in IDIOMS:
        raise BackendError(f"no script can be written for backend {backend!r}; choose {', '.join(map(repr, IDIOMS))}")
    if any_given(choices.get("points")):
        raise PlanError("a script draws its points; give numbers, like points={'interior': 2000}, in place of arrays")
    plan = planning.plan(problem, dtype=dtype, **{**choices, "optimizer": "adam"})
    check(problem, plan)
    contents, idiom = Contents(problem, plan, int(seed), dtype), IDIOMS[backend]
    template = resources.files("collocate.ejection").joinpath("templates", idiom.template).read_text(encoding="utf-8")
    body = Template(template).substitute(_values(contents, idiom))
    return _with_imports(body)


_IMPORTS = "#IMPORTS\n"


def _values(contents: Contents, idiom: Idiom) -> dict[str, Any]:
    adam = Adam()
    stage = contents.plan.stages[0]
    activation = idiom.activations[stage.network.activation]  # type: ignore[union-attr]
    return {
        "header": _header(contents, idiom),
        "standard_imports": _IMPORTS,
        "sampler_import": "" if contents.plan.sampling == "uniform" else "\nfrom scipy.stats import qmc",
        "double_precision": '\njax.config.update("jax_enable_x64", True)\n' if contents.dtype == "float64" else "",
        "seed": contents.seed,
        "steps": f"{contents.plan.phases[0].steps:_}",
        "rate": adam.learning_rate,
        "decay_rate": adam.decay_rate,
        "decay_steps": adam.decay_steps,
        "dtype": contents.dtype,
        "points": drawing.text(contents),
        "parameters": "\n".join(_parameters(contents)),
        "network_title": "Affine layers, with an activation between them.",
        "activation_layer": activation.format("layer(inputs)"),
        "activation_affine": activation.format("inputs @ weight + bias"),
        "initial_unknowns": "".join(f"{line}\n" for line in _initial_unknowns(contents, idiom)),
        "coordinates": ", ".join(contents.coordinates),
        "in_axes": ", 0" * len(contents.coordinates),
        "trial_title": residuals.trial_title(contents),
        "trial_body": "\n".join(residuals.trial(contents, idiom)),
        "shared": "\n".join(idiom.shared(contents)).rstrip(),
        "residuals": "\n\n\n".join("\n".join(block) for block in residuals.functions(contents, idiom)),
        "loss_title": "½ Σ weight · mean (residual / size)²; the sizes are those of the residuals' own summands.",
        "loss_body": "\n".join(residuals.loss(contents, idiom)),
        "fields": ", ".join(contents.fields),
        "field_tuple": ", ".join(contents.fields) + "," * (len(contents.fields) == 1),
        "report": "\n".join(f"    {line}" for line in report(contents, idiom)),
    }


def _with_imports(body: str) -> str:
    """The standard modules that the text uses."""
    wanted = {
        "import math": "math.",
        "from itertools import pairwise": "pairwise(",
        "from math import pi": r"\bpi\b",
    }
    lines = [line for line, mark in wanted.items() if re.search(mark.replace("(", r"\("), body.partition(_IMPORTS)[2])]
    return body.replace(_IMPORTS, "\n".join([*lines, ""]))


def _header(contents: Contents, idiom: Idiom) -> str:
    """The docstring: the statement, and how each condition is met."""
    name = re.sub(r'["\\]', "'", contents.problem.name or "a problem")
    stated = [
        line
        for line in contents.problem.describe().splitlines()
        if line.split()[0] in ("domain", "condition", "unknown") or line.startswith("equation")
    ]
    met = [choice for choice in contents.plan.choices if choice.subject.split()[0] in ("condition", "period")]
    lines = [
        f'"""{name}: a physics-informed neural network in {idiom.title}.',
        "",
        *(f"    {line}" for line in stated),
        "",
        "How the conditions are met:",
        "",
        *(f"    {choice.subject.removeprefix('condition ')}: {choice.value}, {choice.reason}" for choice in met),
        '"""',
    ]
    return "\n".join(piece for line in lines for piece in _folded(line))


def _folded(line: str) -> Iterator[str]:
    """A line of prose over several, the later ones indented more."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    while len(line) > WIDTH:
        place = line.rfind(" ", len(indent), WIDTH)
        if place < 0:
            break
        yield line[:place]
        line = indent + line[place + 1 :]
    yield line


def _parameters(contents: Contents) -> Iterator[str]:
    """`initial_parameters()`: drawn by the same generator, in the same order."""
    stage = contents.plan.stages[0]
    network: Any = stage.network
    rule, kind = network.initialisation.split("_")
    whose, variance = _VARIANCES[rule]
    shape, drawn = _DRAWS[kind]
    sizes = [len(stage.features), *network.widths, len(contents.fields)]
    yield f"SIZES = {sizes}  # inputs, hidden layers, fields"
    yield ""
    yield ""
    yield "def initial_parameters():"
    yield f'    """{whose} {shape} weights and zero biases."""'
    yield "    rng = np.random.default_rng(SEED)"
    yield "    layers = []"
    yield "    for rows, columns in pairwise(SIZES):"
    yield f"        layers.append(({drawn.format(variance)}, np.zeros(columns)))"
    if network.slope != 1.0:
        yield "    # The first layer is steeper, each of its neurons zero at a place in the inputs' box [-1, 1]^d."
        yield f"    weight = {network.slope!r} * layers[0][0]"
        yield "    layers[0] = weight, -np.sum(weight * rng.uniform(-1, 1, weight.shape), axis=0)"
    yield "    return layers"


def _initial_unknowns(contents: Contents, idiom: Idiom) -> Iterator[str]:
    """Unknown numbers, trained beside the network; of one with bounds, the free number that it is a function of."""
    values = initial_parameters(contents.plan, contents.seed)["unknowns"]
    for unknown in contents.plan.unknowns:
        yield idiom.initial_unknown.format(residuals.free(contents, unknown), repr(float(values[unknown.name])))
