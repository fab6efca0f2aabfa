"""Burgers' equation, trained on each framework, exported to every target: parity, size and time per point.

    python benchmarks/export_table.py run [--backend torch tensorflow jax] [--dtype float64 float32] [--to TARGET …]
    python benchmarks/export_table.py write                 # the table of docs/export.md; exports nothing

The network is the one that `collocate solve burgers` takes. It is trained for two steps only: neither parity nor size
nor time depend on how good it is. A row replaces the earlier one of the same target, framework and dtype.
"""

from __future__ import annotations

import argparse
import datetime
import json
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import runs
from derivatives import machine

import collocate as co
from collocate.exporting import parity, vectors
from collocate.exporting.manifest import Artifact
from collocate.exporting.targets import TARGETS
from collocate.problems import load
from collocate.store import write_text_atomic

OUTPUTS = "u, u_x, u_t, u_xx"
BACKENDS, DTYPES = ("torch", "tensorflow", "jax"), ("float64", "float32")
EVERY = tuple(TARGETS)
PAGE = runs.ROOT / "docs" / "export.md"
KEY = ("target", "dtype", "backend")

BEGIN, END = "<!-- measured -->", "<!-- end -->"  # what stands between them on the page is written anew


def run(backend: str, dtype: str, targets: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A row a target that has the dtype. Raises SystemExit where one failed."""
    solution = co.solve(load("burgers").problem, backend=backend, mode="eager", steps=2)
    about = {name: solution.result[name] for name in ("network", "parameters")}
    about |= {"date": datetime.date.today().isoformat(), "commit": runs.commit(), "machine": machine()}
    chosen = [name for name in targets if dtype in TARGETS[name].dtypes]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        found = co.export(solution, chosen, outputs=OUTPUTS, dtype=dtype, out=folder)
        if found.failed:
            raise SystemExit(f"{backend}, {dtype}: {found.failed}")
        for name, artifact in found.artifacts.items():
            yield {"target": name, "dtype": dtype, "backend": backend, **_figures(artifact), **about}


def _figures(artifact: Artifact) -> dict[str, Any]:
    told = artifact.manifest["parity"]
    outputs = told["outputs"].items()
    return {
        "relative": max(each["largest_difference"] / each["scale"] for _, each in outputs),
        "of_largest_value": max(parity.plain(each) for _, each in outputs),
        "absolute": {name: each["largest_difference"] for name, each in outputs},
        "bytes": sum(file["bytes"] for name, file in artifact.manifest["files"].items() if name != vectors.NAME),
        "seconds_per_point": told["seconds_per_point"],
        "versions": artifact.manifest["provenance"]["versions"],
    }


def keep(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Add them to the file, in place of the earlier ones of the same KEY."""
    replaced = {key(row) for row in rows}
    kept = [row for row in runs.held(path) if key(row) not in replaced]
    write_text_atomic(path, "".join(json.dumps(row, allow_nan=False) + "\n" for row in [*kept, *rows]))


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """In Markdown, a line a target and dtype, in the order of TARGETS, and what it was measured on."""
    headings = ["target", "dtype", "size, KiB", *(f"parity, {backend}" for backend in BACKENDS)]
    headings += ["of the largest value", "µs a point"]
    lines = [f"| {' | '.join(headings)} |", "|---" * len(headings) + "|"]
    for target in EVERY:
        for dtype in DTYPES:
            found = {row["backend"]: row for row in rows if (row["target"], row["dtype"]) == (target, dtype)}
            if found:
                parities = [f"{found[backend]['relative']:.0e}" if backend in found else "–" for backend in BACKENDS]
                plain = f"{max(row['of_largest_value'] for row in found.values()):.0e}"
                size = max(row["bytes"] for row in found.values()) / 1024
                times = [row["seconds_per_point"] for row in found.values() if row["seconds_per_point"] is not None]
                time = f"{1e6 * median(times):.2g}" if times else ""
                lines.append(f"| `{target}` | {dtype} | {size:.0f} | {' | '.join(parities)} | {plain} | {time} |")
    last, loads = rows[-1], [row["machine"]["load"] for row in rows]
    where, network = last["machine"], last["network"]
    layers = "-".join(map(str, network["widths"]))
    lines += [
        "",
        f"Network: {network['kind']} {layers}, {network['activation']}, {last['parameters']:,} parameters. "
        f"Outputs: {OUTPUTS}. Machine: {where['processor']}, {where['cores']} cores, "
        f"load {min(loads):.1f} to {max(loads):.1f} when the runs began.",
    ]
    return "\n".join(lines)


def write(rows: Sequence[dict[str, Any]], page: Path) -> None:
    """The table, to its place on the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    write_text_atomic(page, f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = found.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run")
    command.add_argument("--backend", nargs="+", choices=BACKENDS, default=BACKENDS)
    command.add_argument("--dtype", nargs="+", choices=DTYPES, default=DTYPES)
    command.add_argument("--to", nargs="+", choices=EVERY, default=EVERY)
    commands.add_parser("write").add_argument("--page", type=Path, default=PAGE)
    for each in commands.choices.values():
        each.add_argument("--result", type=Path, default=runs.default_path("export-table"), help="the file of rows")
    return found


if __name__ == "__main__":
    given = parser().parse_args()
    if given.command == "write":
        write(runs.held(given.result), given.page)
    else:
        for backend in given.backend:
            for dtype in given.dtype:
                keep([*run(backend, dtype, given.to)], given.result)
