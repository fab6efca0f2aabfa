"""The options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

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
Backend = Annotated[str | None, typer.Option(help="jax, torch or tensorflow (default: jax)", show_default=False)]
Mode = Annotated[str | None, typer.Option(help="compiled or eager (default: compiled)", show_default=False)]
DType = Annotated[str | None, typer.Option(help="float64 or float32 (default: float64)", show_default=False)]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 … (default: auto)", show_default=False)]
Seed = Annotated[int | None, typer.Option(help="Of parameters and points (default: 0)", show_default=False)]
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
