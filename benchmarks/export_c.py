"""Time per point of an exported C program beside ONNX Runtime: u, u_x, u_t and u_xx of Burgers' equation, 2-64×4-1.

    python benchmarks/export_c.py

The program is compiled at -O3, and at -O3 -march=native; ONNX Runtime computes with one thread, as the program does,
and with its default. All are called from Python, on the same points, in turn, and must agree with the oracle first. The
medians, every single time and the machine are kept in benchmarks/results/, one row a precision and batch, and the table
in docs/how-to/other-languages.md is written. Takes about a minute, in which the machine should do nothing else.
"""

from __future__ import annotations

import datetime
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from derivatives import machine, on_page
from runs import commit, default_path

import collocate as co
from collocate.exporting import parity, to_c, to_onnx
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record
from collocate.exporting.targets import Batch, Run
from collocate.problems import burgers

BATCHES = (1, 1000, 100_000)
PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "other-languages.md"
ROUNDS, TURN = 7, 0.1  # of each: the median of so many turns, a turn being calls for about so many seconds


def runtimes(graph: Graph, folder: Path) -> dict[str, Run]:
    to_c.write(graph, folder)
    to_onnx.write(graph, folder)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    names = [output.name for output in graph.outputs]

    def by_onnx(options: Any) -> Run:
        session = onnxruntime.InferenceSession(folder / to_onnx.FILE, options, providers=["CPUExecutionProvider"])
        return lambda batch: dict(zip(names, session.run(names, batch), strict=True))

    return {
        "c -O3": to_c.load(folder),
        "c -O3 -march=native": to_c.load(folder, (*to_c.FLAGS, "-march=native")),
        "onnxruntime, 1 thread": by_onnx(options),
        "onnxruntime": by_onnx(onnxruntime.SessionOptions()),
    }


def points(count: int, dtype: str) -> dict[str, np.ndarray]:
    drawn = np.random.default_rng(0).uniform((-1, 0), (1, 1), (count, 2)).astype(dtype)
    return {"x": np.ascontiguousarray(drawn[:, 0]), "t": np.ascontiguousarray(drawn[:, 1])}


def seconds(run: Run, batch: Batch) -> float:
    """Of one call, over a turn."""
    calls, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < TURN:
        run(batch)
        calls += 1
    return (time.perf_counter() - begun) / calls


def measured(solution: co.Solution, dtype: Any) -> Iterator[dict[str, Any]]:
    graph = record(solution, read_outputs(solution.problem, "u, u_x, u_t, u_xx"), dtype)
    with tempfile.TemporaryDirectory() as folder:
        found = runtimes(graph, Path(folder))
        for run in found.values():
            parity.check(parity.measure(run, graph, [points(1000, dtype)]), parity.TOLERANCES[dtype])
        for count in BATCHES:
            batch = points(count, dtype)
            times: dict[str, list[float]] = {name: [] for name in found}
            for number in range(ROUNDS):
                for name in list(times)[:: -1 if number % 2 else 1]:
                    times[name].append(seconds(found[name], batch) / count)
            medians = {name: statistics.median(each) for name, each in times.items()}
            ratio = medians["c -O3"] / medians["onnxruntime, 1 thread"]
            yield {"dtype": dtype, "batch": count, "seconds_per_point": medians, "ratio": ratio, "times": times}


def main() -> None:
    solution = co.solve(burgers.problem, backend="torch", mode="eager", network=(64,) * 4, points=100, steps=1)
    about = {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "machine": machine(),
        "onnxruntime": onnxruntime.__version__,
    }
    rows = []
    with default_path("export-c").open("a") as file:
        for dtype in ("float64", "float32"):
            for row in measured(solution, dtype):
                rows.append(row | about)
                file.write(json.dumps(rows[-1]) + "\n")
    PAGE.write_text(on_page(PAGE.read_text(), table(rows)))
    print(table(rows))


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of one run in Markdown."""
    names, about = list(rows[0]["seconds_per_point"]), rows[0]
    lines = [
        f"Microseconds a point for u, u_x, u_t and u_xx of a network 2-64×4-1, called from Python: {about['date']}, "
        f"{about['machine']['processor']}, {about['machine']['cores']} cores, ONNX Runtime {about['onnxruntime']}. "
        "The ratio is that of C at -O3 to ONNX Runtime with one thread.",
        "",
        f"| | points in a call | {' | '.join(names)} | ratio |",
        f"|{'---|' * (len(names) + 3)}",
    ]
    for row in rows:
        times = " | ".join(f"{1e6 * seconds:.2f}" for seconds in row["seconds_per_point"].values())
        lines.append(f"| {row['dtype']} | {row['batch']:,} | {times} | {row['ratio']:.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
