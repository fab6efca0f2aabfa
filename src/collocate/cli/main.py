"""`collocate solve | plan | new | problems | info | evaluate | verify | report | compare`.

Exit code 0: done; 2: bad input; 3: an asked accuracy was not reached, a solution is not to be trusted, or all runs of
a comparison failed; 130: interrupted. Commands import what they need when they run, so that `collocate --help` loads
neither SymPy nor a framework.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from collocate import compilation_cache
from collocate.errors import CollocateError

BAD_INPUT, NOT_REACHED, STOPPED_BY_USER = 2, 3, 130


class Commands(TyperGroup):
    """Turns each error that is raised on purpose into one message and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CollocateError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(BAD_INPUT) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Source = Annotated[
    str | None,
    typer.Argument(metavar="FILE|NAME", help="A Python file that holds `problem`, or a name from `collocate problems`"),
]
_TEXT = {"rich_help_panel": "A statement in place of a file", "show_default": False}
Equation = Annotated[list[str] | None, typer.Option(help='Like "u_t = 0.1*u_xx"; repeat for a system', **_TEXT)]
Domain = Annotated[
    str | None, typer.Option(metavar="RANGES", help='Like "x: -1..1, t: 0..2*pi"; t is the time', **_TEXT)
]
Initial = Annotated[list[str] | None, typer.Option(help='Like "u = sin(pi*x)" or "u_t = 0"; repeat for more', **_TEXT)]
Boundary = Annotated[
    list[str] | None,
    typer.Option(
        help='Like "u = 0", "u = 1 on left", "du/dn = 0 on x = 1", "u periodic in x"; repeat for more', **_TEXT
    ),
]
Final = Annotated[list[str] | None, typer.Option(help='At the end of time, like "u = 0"; repeat for more', **_TEXT)]
Data = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE.csv", help="Measurements: columns x, t, u … by their names, maybe sigma", **_TEXT),
]
Unknown = Annotated[
    list[str] | None, typer.Option(help='A number to be found, with a first guess: "nu = 0.1"', **_TEXT)
]
Reference = Annotated[list[str] | None, typer.Option(help='The truth where it is known: "u = exp(-t)*sin(x)"', **_TEXT)]
STATEMENT = ("equation", "domain", "initial", "boundary", "unknown", "reference", "final", "data")
Backend = Annotated[str | None, typer.Option(help="jax, torch or tensorflow [default: jax]", show_default=False)]
Mode = Annotated[str | None, typer.Option(help="compiled or eager [default: compiled]", show_default=False)]
DType = Annotated[str | None, typer.Option(help="float64 or float32 [default: float64]", show_default=False)]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 … [default: auto]", show_default=False)]
Seed = Annotated[int | None, typer.Option(help="Of parameters and points [default: 0]", show_default=False)]
Network = Annotated[
    str | None,
    typer.Option(
        metavar="WIDTHS",
        help="Hidden layers, like 20,20,20; before them gated:, pirate:, fourier: or separate: for another network",
        show_default=False,
    ),
]
Optimizer = Annotated[
    str | None,
    typer.Option(
        help="auto, adam, lbfgs, self_scaled_broyden, levenberg_marquardt, natural_gradient, or one of the "
        "framework's, like rmsprop",
        show_default=False,
    ),
]
Points = Annotated[
    str | None, typer.Option(metavar="COUNT", help="Interior points, or interior=2000,face=200", show_default=False)
]
Steps = Annotated[int | None, typer.Option(help="At most so many steps in the last phase", show_default=False)]
Weighting = Annotated[
    str | None,
    typer.Option(
        help="gradient_norm, ntk, residual_attention, self_adaptive, causal, or weights like 'initial u=10'",
        show_default=False,
    ),
]
Batch = Annotated[
    int | None, typer.Option(metavar="COUNT", help="Points a step, for first-order optimizers", show_default=False)
]
Sampling = Annotated[
    str | None,
    typer.Option(metavar="RULE", help="sobol, halton, latin_hypercube or uniform", show_default=False),
]
Slabs = Annotated[
    str | None,
    typer.Option(metavar="COUNT", help="Stretches of time, one after the other, or auto", show_default=False),
]
Stages = Annotated[
    int | None,
    typer.Option(metavar="COUNT", help="Networks, each added to those before, for more digits", show_default=False),
]
Accuracy = Annotated[
    float | None,
    typer.Option(
        help="Relative error at which to stop, as it is estimated; exit code 3 if not reached", show_default=False
    ),
]
TimeLimit = Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop training after it", show_default=False)]


@app.callback()
def prepare() -> None:
    """Differential equations by physics-informed neural networks."""
    compilation_cache.use()


@app.command()
def solve(
    context: typer.Context,
    source: Source = None,
    equation: Equation = None,
    domain: Domain = None,
    initial: Initial = None,
    boundary: Boundary = None,
    unknown: Unknown = None,
    reference: Reference = None,
    final: Final = None,
    data: Data = None,
    backend: Backend = None,
    mode: Mode = None,
    dtype: DType = None,
    device: Device = None,
    seed: Seed = None,
    network: Network = None,
    optimizer: Optimizer = None,
    points: Points = None,
    steps: Steps = None,
    weighting: Weighting = None,
    batch: Batch = None,
    sampling: Sampling = None,
    slabs: Slabs = None,
    stages: Stages = None,
    accuracy: Accuracy = None,
    time_limit: TimeLimit = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Leave solution, result, figure, checkpoint there", show_default=False),
    ] = None,
    log_dir: Annotated[
        str | None, typer.Option(metavar="DIR", help="Leave a log for TensorBoard there", show_default=False)
    ] = None,
    resume: Annotated[bool | None, typer.Option("--resume", help="Go on from the checkpoint in --out")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on standard output, nothing else")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on standard error")] = False,
) -> None:
    """Train a network on a problem. Ctrl-C stops and keeps the best."""
    from collocate.cli import loading, solving, streams

    with streams.results_only():
        solution, asked = solving.run(loading.load(source, _stated(context)), _given(context), quiet)
    solving.print_result(solution.result, asked.get("out"), as_json)
    if solution.result["stopped_because"] == "interrupted":
        raise typer.Exit(STOPPED_BY_USER)
    if message := solving.shortfall(solution.result, asked.get("accuracy")):
        typer.echo(message, err=True)
        raise typer.Exit(NOT_REACHED)


@app.command()
def plan(
    context: typer.Context,
    source: Source = None,
    equation: Equation = None,
    domain: Domain = None,
    initial: Initial = None,
    boundary: Boundary = None,
    unknown: Unknown = None,
    reference: Reference = None,
    final: Final = None,
    data: Data = None,
    backend: Backend = None,
    mode: Mode = None,
    dtype: DType = None,
    device: Device = None,
    seed: Seed = None,
    network: Network = None,
    optimizer: Optimizer = None,
    points: Points = None,
    steps: Steps = None,
    weighting: Weighting = None,
    batch: Batch = None,
    sampling: Sampling = None,
    slabs: Slabs = None,
    stages: Stages = None,
    accuracy: Accuracy = None,
    time_limit: TimeLimit = None,
) -> None:
    """Show how a problem would be solved: each choice and its reason. Trains nothing."""
    from collocate.cli import loading, planning, streams

    with streams.results_only():
        problem, chosen, origins = planning.prepare(loading.load(source, _stated(context)), _given(context))
    planning.print_plan(problem, chosen, origins)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The file NAME.py is written, and never over another")],
    kind: Annotated[str, typer.Option(help="heat, inverse, ode or poisson")] = "heat",
) -> None:
    """Write a problem file to start from, with comments."""
    from collocate.cli import new

    path = new.write(name, kind)
    typer.echo(f"wrote {path}; next: collocate solve {path}")


@app.command()
def problems() -> None:
    """List the problems that come with collocate."""
    from collocate.cli import zoo

    zoo.show()


@app.command()
def info(
    solution: Annotated[Path | None, typer.Argument(metavar="SOLUTION", help="A solution file: what it holds")] = None,
) -> None:
    """Show versions, frameworks, devices and cores; or what a solution file holds."""
    from collocate import tables
    from collocate.cli import information, streams

    with streams.results_only():
        found = information.machine() if solution is None else information.held(solution)
    tables.print_sections(found)


@app.command()
def report(
    solution: Annotated[Path, typer.Argument(metavar="SOLUTION", help="A solution file")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="[default: report.html beside the solution]", show_default=False),
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Train again to find a verdict, and show it")] = False,
) -> None:
    """Write a solution as one HTML page: statement, fields, errors, residuals, training, plan."""
    from collocate.cli import reporting, streams

    with streams.results_only():
        path = reporting.write(solution, out, verify)
    typer.echo(f"wrote {path}")


@app.command()
def evaluate(
    solution: Annotated[Path, typer.Argument(metavar="SOLUTION", help="A solution file")],
    at: Annotated[str, typer.Option(metavar="POINTS", help='A CSV file with a header, or "x=0.5, t=pi/4"')],
    expression: Annotated[
        list[str] | None,
        typer.Option(help='Like "u.diff(x)"; may be repeated [default: the fields]', show_default=False),
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="[default: the one it was trained on]", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write there, not to standard output")] = None,
) -> None:
    """Evaluate a solution at points: CSV of the coordinates, then the fields or expressions."""
    from collocate.cli import evaluation, streams

    with streams.results_only():
        text = evaluation.table(solution, at, expression, backend)
    evaluation.deliver(text, out)


@app.command()
def verify(
    solution: Annotated[Path, typer.Argument(metavar="SOLUTION", help="A solution file")],
    against: Annotated[
        str | None,
        typer.Option(metavar="FILE|NAME", help="Hold it against this problem, not its own", show_default=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="PLACE", help='Where it is meant to be used: "nu=0.2"', show_default=False)
    ] = None,
    tolerance: Annotated[float, typer.Option(help="The relative error up to which it is worth trusting")] = 1e-2,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Of training again; 0 leaves that out [default: 60, or twice what it took]"
        ),
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="[default: the one it was trained on]", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on standard output, nothing else")] = False,
) -> None:
    """Say whether to trust a solution, and why. Exit code 3: do not."""
    from collocate.cli import streams, verifying

    with streams.results_only():
        verdict = verifying.run(solution, backend, against, at, {"tolerance": tolerance, "budget": budget})
    verifying.show(verdict, as_json)
    if not verdict.trusted:
        raise typer.Exit(NOT_REACHED)


@app.command()
def compare(
    context: typer.Context,
    problems: Annotated[
        list[str],
        typer.Argument(metavar="PROBLEM...", help="Files that hold `problem`, names from `collocate problems`"),
    ],
    backends: Annotated[
        str, typer.Option(metavar="NAMES", help="Of torch, tensorflow and jax")
    ] = "torch,tensorflow,jax",
    modes: Annotated[str, typer.Option(metavar="NAMES", help="Of compiled and eager")] = "compiled",
    dtypes: Annotated[str, typer.Option(metavar="NAMES", help="Of float64 and float32")] = "float64",
    derivatives: Annotated[
        str, typer.Option(metavar="NAMES", help="Of jets and nested, the same by nested automatic differentiation")
    ] = "jets",
    optimizers: Annotated[str, typer.Option(metavar="NAMES", help="As in `collocate solve`, by commas")] = "auto",
    repeats: Annotated[int, typer.Option(help="Runs of each case, in alternating order")] = 3,
    case_limit: Annotated[float, typer.Option(metavar="SECONDS", help="Of training in each run")] = 60.0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 …")] = "auto",
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Leave results.json and the report there", show_default=False),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from results.json in --out")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on standard output, nothing else")] = False,
) -> None:
    """Measure which framework is best for a problem on this machine. Ctrl-C stops and keeps what was measured."""
    from collocate.cli import comparing, streams

    with streams.results_only():
        comparison = comparing.measure(problems, context.params, sys.argv[1:])
    comparing.show(comparison, as_json)
    if comparison.results["made"]["stopped_because"] == "interrupted":
        raise typer.Exit(STOPPED_BY_USER)
    if comparing.none_ran(comparison):
        raise typer.Exit(NOT_REACHED)


def _given(context: typer.Context) -> dict[str, Any]:
    """The options that stand on the command line; what is left out leaves room for the file's `settings`."""
    own = ("source", "as_json", "quiet", *STATEMENT)
    return {name: value for name, value in context.params.items() if name not in own and value is not None}


def _stated(context: typer.Context) -> dict[str, Any]:
    """The statement that stands on the command line, by the options' names; empty where there is none."""
    return {name: context.params[name] for name in STATEMENT if context.params[name]}
