"""`collocate solve | plan | eject | new | problems | choose | info | evaluate | verify | report | export | serve
| compare`.

Exit code 0: done; 2: bad input; 3: an asked accuracy was not reached, a solution is not to be trusted, all runs of a
comparison failed, or an artifact is not equal to its solution; 130: interrupted. Commands import what they need when
they run, so that `collocate --help` loads neither SymPy nor a framework.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from collocate import compilation_cache
from collocate.cli.options import (
    STATEMENT,
    Accuracy,
    Backend,
    Batch,
    Boundary,
    Data,
    Device,
    Domain,
    DType,
    Equation,
    Final,
    Initial,
    Mode,
    Network,
    Optimizer,
    Points,
    Reference,
    Sampling,
    Seed,
    Slabs,
    Source,
    Stages,
    Steps,
    TimeLimit,
    Unknown,
    Weighting,
)
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
def eject(
    context: typer.Context,
    source: Source = None,
    equation: Equation = None,
    domain: Domain = None,
    initial: Initial = None,
    boundary: Boundary = None,
    unknown: Unknown = None,
    reference: Reference = None,
    final: Final = None,
    backend: Backend = None,
    dtype: DType = None,
    seed: Seed = None,
    network: Network = None,
    points: Points = None,
    steps: Annotated[int | None, typer.Option(help="Of Adam", show_default=False)] = None,
    weighting: Annotated[str | None, typer.Option(help="Weights like 'initial u=10'", show_default=False)] = None,
    sampling: Sampling = None,
    slabs: Slabs = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there, not to standard output", show_default=False)
    ] = None,
) -> None:
    """Write one training script in a framework's own idiom, without collocate: the same start, by hand."""
    from collocate.cli import ejecting, evaluation, loading, streams

    with streams.results_only():
        text = ejecting.script(loading.load(source, _stated(context)), _given(context))
    evaluation.deliver(text, out)


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
def choose(
    need: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NEEDS",
            help="Like mobile,browser; each is a row of the table (default: show the table)",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on standard output, nothing else")] = False,
) -> None:
    """Say which framework to choose, PyTorch, TensorFlow or JAX, and on what that rests. Loads none of them."""
    from collocate.cli import choosing

    choosing.show(choosing.run(need or []), as_json)


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
        typer.Option(metavar="FILE", help="(default: report.html beside the solution)", show_default=False),
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
        typer.Option(help='Like "u.diff(x)"; may be repeated (default: the fields)', show_default=False),
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="(default: the one it was trained on)", show_default=False)
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
            metavar="SECONDS", help="Of training again; 0 leaves that out (default: 60, or twice what it took)"
        ),
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="(default: the one it was trained on)", show_default=False)
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
def export(
    solution: Annotated[Path | None, typer.Argument(metavar="SOLUTION", help="A solution file")] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="TARGETS",
            help="onnx, savedmodel, litert, tfjs, pt2, executorch, stablehlo, c, python, web; several with commas",
            show_default=False,
        ),
    ] = None,
    outputs: Annotated[
        str | None,
        typer.Option(help='Like "u, u.diff(x), flux=-k*u.diff(x)" (default: the fields)', show_default=False),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            help="float64 or float32 (default: the solution's; float32 where a target has no other)", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="(default: export beside the solution)", show_default=False)
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|NAME",
            help="The problem whose reference the web page shows: one that is a function is not in a solution's file",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="In place of an export: hold one against its manifests", show_default=False),
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="With --check: run it too, on its own vectors; trust it")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on standard output, nothing else")] = False,
) -> None:
    """Write a solution for a server, a phone, a browser or a C program, proven equal. Exit code 3: one is not."""
    from collocate.cli import exporting, streams

    with streams.results_only():
        if check is not None:
            given = {"SOLUTION": solution, "--to": to, "--outputs": outputs, "--dtype": dtype, "--out": out}
            found = exporting.run_check(check, run, {**given, "--against": against})
        else:
            found = exporting.run(solution, to, outputs, dtype, out, run, against)
    exporting.show(found, as_json)
    if found.failed:
        raise typer.Exit(NOT_REACHED)


@app.command()
def serve(
    solutions: Annotated[
        list[str],
        typer.Argument(
            metavar="SOLUTION...",
            help="Solution files, or folders that `collocate export` wrote; NAME=PATH or NAME@VERSION=PATH names one",
        ),
    ],
    host: Annotated[str, typer.Option(help="The address to listen at; this machine alone reaches 127.0.0.1")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="0 takes any that is free")] = 8000,
    workers: Annotated[int, typer.Option(metavar="COUNT", help="Processes")] = 1,
) -> None:
    """Answer requests over HTTP: Open Inference Protocol v2, TensorFlow Serving's predict API. Ctrl-C stops."""
    from collocate.cli import serving

    serving.run(solutions, host, port, workers)


@app.command()
def compare(
    context: typer.Context,
    problems: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROBLEM...", help="Files that hold `problem`, names from `collocate problems`"),
    ] = None,
    backends: Annotated[
        str, typer.Option(metavar="NAMES", help="Of torch, tensorflow and jax")
    ] = "torch,tensorflow,jax",
    modes: Annotated[str, typer.Option(metavar="NAMES", help="Of compiled and eager")] = "compiled",
    dtypes: Annotated[str, typer.Option(metavar="NAMES", help="Of float64 and float32")] = "float64",
    derivatives: Annotated[
        str, typer.Option(metavar="NAMES", help="Of jets and nested, the same by nested automatic differentiation")
    ] = "jets",
    optimizers: Annotated[str, typer.Option(metavar="NAMES", help="As in `collocate solve`, by commas")] = "auto",
    workload: Annotated[
        str | None,
        typer.Option(
            metavar="dense",
            help="In place of problems: the toy of lectures, a dense layer by each framework's own words",
            show_default=False,
        ),
    ] = None,
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

    if workload == "dense":
        return comparing.measure_dense(context.params, as_json)
    with streams.results_only():
        comparison = comparing.measure(problems or [], context.params, sys.argv[1:])
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
    return {name: context.params[name] for name in STATEMENT if context.params.get(name)}
