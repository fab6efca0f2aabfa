"""Time of loss and gradient: jets against nested differentiation, compiled and eager, on three frameworks in one run.

    python benchmarks/derivatives.py [--rounds 5] [--backends torch tensorflow jax] [--orders 2 4] [--page PAGE.md]
    python benchmarks/derivatives.py --result RESULT.json [--page PAGE.md]

Every framework has two processes: one holds the jets with collocate's settings, one the hand-written program with the
framework's own. Only one works at a time; rounds go through all variants in turn. Before anything is timed, all
must agree in loss and gradient to 1e-4 (relative, float32). The result, every single time included, is kept as
JSON with the machine it came from.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import platform
import re
import time
import traceback
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

BACKENDS = ("torch", "tensorflow", "jax")
VARIANTS = (("jets", "compiled"), ("nested", "eager"), ("nested", "compiled"), ("jets", "eager"))
TOLERANCE = 1e-4
MARKS = ("<!-- measured -->", "<!-- end -->")
# A turn is one call that is not counted, for caches and sleeping threads, and calls for about this long. Where a
# call takes longer than SLOW, neither matters, and the call is counted alone.
TURN, FEWEST, SLOW = 0.4, 3, 1.5

Step = Callable[[], tuple[float, np.ndarray]]


class Worker:
    """A process that prepares and times the variants of one framework on one side."""

    def __init__(self, backend: str):
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, backend), daemon=True)
        self._process.start()

    def ask(self, request: str, *arguments: Any) -> Any:
        self._pipe.send((request, *arguments))
        found, failure = self._pipe.recv()
        if failure:
            raise RuntimeError(failure)
        return found

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


def _serve(pipe: Any, backend: str) -> None:
    steps: dict[Any, Step] = {}
    while True:
        request, key, *arguments = pipe.recv()
        try:
            if request == "prepare":
                found = _prepare(steps, backend, key, *arguments)
            else:
                found = _timed(steps[key])
            pipe.send((found, None))
        except Exception as error:  # the parent says which variant failed, and goes on without it
            traceback.print_exc()
            pipe.send((None, f"{type(error).__name__}: {error}"))


def _prepare(steps: dict[Any, Step], backend: str, key: Any, sizes: tuple[int, int], given: Any) -> Any:
    """Loss, gradient and seconds of the first call, compilation included."""
    steps[key] = prepare(backend, *key, sizes, given)
    started = time.perf_counter()
    loss, gradient = steps[key]()
    return loss, gradient, time.perf_counter() - started


def prepare(backend: str, order: int, side: str, mode: str, sizes: tuple[int, int], given: Any) -> Step:
    """The step of one variant. The side is imported here: collocate's settings must not reach the other's process."""
    if side == "jets":
        import by_jets

        return by_jets.prepare(backend, mode, order, *sizes)
    import by_nesting

    return by_nesting.prepare(backend, mode, order, *given)


def _timed(step: Step) -> list[float]:
    seconds = [_seconds(step)]
    if seconds[0] > SLOW:
        return seconds
    seconds = [_seconds(step) for _ in range(FEWEST)]
    while sum(seconds) < TURN:
        seconds.append(_seconds(step))
    return seconds


def _seconds(step: Step) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def case(order: int, sizes: tuple[int, int]) -> dict[str, Any]:
    """`by_jets.case`, computed in a process of its own for the same reason."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_case, (order, sizes))


def _case(order: int, sizes: tuple[int, int]) -> dict[str, Any]:
    import by_jets

    return by_jets.case(order, *sizes)


def disagreement(found: tuple[float, np.ndarray], reference: tuple[float, np.ndarray]) -> float:
    """The larger relative difference of loss and gradient."""
    loss = abs(found[0] - reference[0]) / abs(reference[0])
    return float(max(loss, np.linalg.norm(found[1] - reference[1]) / np.linalg.norm(reference[1])))


def measure(
    backends: Iterable[str], orders: Iterable[int], sizes: tuple[int, int], rounds: int
) -> tuple[list[dict[str, Any]], list[float]]:
    """One row per variant, and the machine's load after each round."""
    workers = {(backend, side): Worker(backend) for backend in backends for side in ("jets", "nested")}
    rows = _prepared(workers, backends, orders, sizes)
    loads = []
    for number in range(rounds):
        started = time.perf_counter()
        for row in rows:
            if row["void"] is None:
                key = (row["order"], row["side"], row["mode"])
                row["seconds"].append(workers[row["backend"], row["side"]].ask("time", key))
        loads.append(os.getloadavg()[0])
        print(
            f"round {number + 1} of {rounds}: {time.perf_counter() - started:.0f} s, load {loads[-1]:.1f}", flush=True
        )
    for worker in workers.values():
        worker.close()
    return rows, loads


def _prepared(
    workers: dict[tuple[str, str], Worker], backends: Iterable[str], orders: Iterable[int], sizes: tuple[int, int]
) -> list[dict[str, Any]]:
    """Rows without times; a variant that fails or disagrees is void, and its row says why."""
    rows = []
    for order in orders:
        given = case(order, sizes)
        reference = None
        for backend in backends:
            for side, mode in VARIANTS:
                row = {"backend": backend, "order": order, "side": side, "mode": mode, "blocks": given["blocks"]}
                rows.append(row | {"seconds": [], "void": None})
                try:
                    handed = None if side == "jets" else (given["layers"], given["points"])
                    *found, first = workers[backend, side].ask("prepare", (order, side, mode), sizes, handed)
                except RuntimeError as error:
                    rows[-1]["void"] = str(error)
                    continue
                reference = reference or found
                difference = disagreement(found, reference)
                rows[-1] |= {"first_seconds": first, "disagreement": difference}
                if not difference <= TOLERANCE:
                    rows[-1]["void"] = f"loss or gradient differs by {difference:.1e}"
                print(_line(rows[-1], f"first call {first:6.1f} s, differs by {difference:.1e}"), flush=True)
    return rows


def _line(row: dict[str, Any], text: str) -> str:
    return f"{row['backend']:10} order {row['order']} {row['side']:6} {row['mode']:8} {text}"


def milliseconds(row: dict[str, Any]) -> tuple[float, float, float]:
    """Median, 10th and 90th percentile of all calls."""
    calls = 1e3 * np.array([seconds for turn in row["seconds"] for seconds in turn])
    return tuple(float(np.percentile(calls, q)) for q in (50, 10, 90))  # type: ignore[return-value]


def machine() -> dict[str, Any]:
    """What the times depend on."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", text)
    distributions = ("torch", "tensorflow", "tensorflow-cpu", "jax", "numpy")
    return {
        "processor": model.group(1) if model else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "versions": {name: found for name in distributions if (found := _version(name))},
    }


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def table(result: dict[str, Any]) -> str:
    """The result in Markdown."""
    rows, where = result["rows"], result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    lines = [
        f"{result['date']}, {where['processor']}, {where['cores']} cores; {versions}. {result['points']} points, tanh "
        f"network 2-{result['width']}×4-1, float32, {result['rounds']} rounds. "
        f"The machine's load was {min(result['loads']):.1f} "
        f"to {max(result['loads']):.1f}, of it up to {where['cores']} the benchmark's own. Median milliseconds "
        "(10th to 90th percentile); the last column is the time of nested eager over that of compiled jets.",
        "",
        "| order | framework | jets compiled | nested eager | nested compiled | jets eager | jets are faster by |",
        "|---|---|---|---|---|---|---|",
    ]
    for order, backend in dict.fromkeys((row["order"], row["backend"]) for row in rows):
        cells = {(row["side"], row["mode"]): row for row in rows if (row["order"], row["backend"]) == (order, backend)}
        jets, nested = cells["jets", "compiled"], cells["nested", "eager"]
        ratio = (
            f"{milliseconds(nested)[0] / milliseconds(jets)[0]:.1f} ×" if jets["seconds"] and nested["seconds"] else ""
        )
        texts = [_cell(cells[variant]) for variant in VARIANTS]
        lines.append(f"| {order} | {backend} | {' | '.join(texts)} | {ratio} |")
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any]) -> str:
    if not row["seconds"]:
        return "void"
    median, low, high = (f"{value:.3g}" if value < 100 else f"{value:.0f}" for value in milliseconds(row))
    return f"{median} ({low} to {high})"


def on_page(page: str, text: str) -> str:
    """The page with what stands between the marks replaced."""
    before, _, rest = page.partition(MARKS[0])
    _, mark, after = rest.partition(MARKS[1])
    if not mark:
        raise SystemExit(f"the page needs the lines {MARKS[0]} and {MARKS[1]}")
    return f"{before}{MARKS[0]}\n{text}{MARKS[1]}{after}"


def save(result: dict[str, Any], folder: Path) -> Path:
    name = re.sub(r"[^a-z0-9]+", "-", result["machine"]["processor"].lower().replace("(r)", "")).strip("-")
    path = folder / f"derivatives-{name}-{result['machine']['cores']}-cores-{result['date']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--orders", nargs="+", type=int, choices=(2, 4), default=[2, 4])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--result", type=Path, help="show an earlier result and measure nothing")
    parser.add_argument("--page", type=Path, help="put the table between the marks on this page")
    given = parser.parse_args()
    if given.result:
        result = json.loads(given.result.read_text())
    else:
        result = {"date": datetime.date.today().isoformat(), "machine": machine()}
        result |= {"points": given.points, "width": given.width, "rounds": given.rounds}
        sizes = (given.points, given.width)
        result["rows"], result["loads"] = measure(given.backends, given.orders, sizes, given.rounds)
        print(f"kept in {save(result, given.out)}")
    print(table(result), end="")
    if given.page:
        given.page.write_text(on_page(given.page.read_text(), table(result)))


if __name__ == "__main__":
    main()
