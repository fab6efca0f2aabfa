"""A web page that draws the solution and computes it in the browser, in a folder that needs no network.

`index.html` opens with a double click: a page from the disk may load scripts and nothing else, so models, runtimes and
tables lie in scripts too, as base64, those of WebAssembly compressed before. ONNX Runtime Web computes in the graph's
dtype, one model for each output, so that a picture costs no more than what it shows; TensorFlow.js in float32, where
that equals the solution to float32's tolerance, and to two digits of its largest value.

What is proven (`load`) is the ONNX models as they lie in those scripts, by ONNX Runtime; the browser's own build of it
is held to the same numbers by tests/exporting/test_web.py. TensorFlow.js is run by Node when the folder is written.
"""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from sympy.printing.pretty.pretty_symbology import pretty_symbol

from collocate import __version__
from collocate.errors import ExportError, warn
from collocate.exporting import node, parity, to_onnx, to_tfjs
from collocate.exporting.graph import Graph
from collocate.exporting.passes import optimise
from collocate.exporting.quantities import outputs, quantities, tables
from collocate.expressions import from_tree
from collocate.geometry import Domain
from collocate.solution import typeset
from collocate.solution.intervals import with_interval

if TYPE_CHECKING:
    from collocate.solution import Solution

__all__ = ["load", "outputs", "write"]

_FILES = Path(__file__).parent / "web"  # of the page itself

# Scripts and WebAssembly of the npm packages, and what the folder calls them.
_ONNX, _TENSORFLOW = "onnxruntime-web/dist", "@tensorflow"
_SCRIPTS = {
    "onnx.js": f"{_ONNX}/ort.wasm.min.js",
    "tfjs-core.js": f"{_TENSORFLOW}/tfjs-core/dist/tf-core.es2017.min.js",
    "tfjs-converter.js": f"{_TENSORFLOW}/tfjs-converter/dist/tf-converter.es2017.min.js",
    "tfjs-backend.js": f"{_TENSORFLOW}/tfjs-backend-wasm/dist/tf-backend-wasm.es2017.min.js",
}
_BINARIES = {
    "onnx loader": f"{_ONNX}/ort-wasm-simd-threaded.mjs",
    "onnx wasm": f"{_ONNX}/ort-wasm-simd-threaded.wasm",
    "tfjs wasm": f"{_TENSORFLOW}/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
}
_DRAWING = ("engines", "domain", "numbers", "chart", "map", "controls", "sampling", "page")
_PAGE = ("page.css", "bytes.js", *(f"{name}.js" for name in _DRAWING))
_ORDER = ("bytes.js", "problem.js", *(f"{name}.js" for name in _DRAWING))
_COLORS = {"plain": "viridis", "signed": "RdBu_r", "signed dark": "berlin"}
_START, _END = "deliver(", ");\n"


def write(graph: Graph, folder: Path, solution: Solution) -> None:
    """`index.html` with all that it loads beside it. Raises ExportError without Node or its packages."""
    (folder / "models").mkdir()
    (folder / "runtime").mkdir()
    for number, output in enumerate(graph.outputs):
        _deliver(folder / _model(number), output.name, _onnx(replace(graph, outputs=(output,))))
    float32 = _write_tfjs(graph, folder, solution)
    packages = node.packages()
    for name, source in _SCRIPTS.items():
        if float32 or name == "onnx.js":
            shutil.copyfile(packages / source, folder / "runtime" / name)
    for name, source in _BINARIES.items():
        if float32 or name.startswith("onnx"):
            _deliver(folder / "runtime" / f"{name.replace(' ', '-')}.js", name, _packed(packages / source))
    for name in _PAGE:
        (folder / name).write_text(_file(name), encoding="utf-8")
    _write_page(graph, folder, solution, float32)


@cache
def _packed(path: Path) -> bytes:
    """Compressed: a second of work for 14 MB."""
    return gzip.compress(path.read_bytes(), mtime=0)


def load(folder: Path) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    """{input: (N,)} -> {output: (N,)} by ONNX Runtime, of the models as they lie in the page's scripts."""
    runs = []
    count = len(list((folder / "models").glob("[0-9]*.js")))
    for number in range(count):
        with tempfile.TemporaryDirectory() as room:
            Path(room, to_onnx.FILE).write_bytes(_delivered(folder / _model(number)))
            runs.append(to_onnx.load(Path(room)))

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: values for one in runs for name, values in one(batch).items()}

    return run


def _model(number: int) -> str:
    """By number: names of outputs may differ in their case alone, or be no names of files."""
    return f"models/{number}.js"


def _onnx(graph: Graph) -> bytes:
    with tempfile.TemporaryDirectory() as room:
        to_onnx.write(optimise(graph), Path(room))
        return Path(room, to_onnx.FILE).read_bytes()


def _write_tfjs(graph: Graph, folder: Path, solution: Solution) -> list[str]:
    """`models/tfjs.js`; the outputs in it, those that float32 is enough for.

    Raises ExportError where these, written without the others, are not what they were beside them.
    """
    graph = replace(graph, dtype="float32")
    batches = parity.batches(solution.problem.domain, "float32")
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        room, differences = Path(first), _tfjs(graph, Path(first), batches)
        kept = [
            name
            for name, each in differences.items()
            if each.relative <= parity.TOLERANCES["float32"] and not each.is_cancelled
        ]
        if left := [name for name in differences if name not in kept]:
            warn(f"float32 is not enough for {', '.join(left)}: TensorFlow.js is left out of the page there")
        if not kept:
            return []
        if left:
            chosen = tuple(output for output in graph.outputs if output.name in kept)
            room = Path(second)
            parity.check(_tfjs(optimise(replace(graph, outputs=chosen)), room, batches), parity.TOLERANCES["float32"])
        model = json.loads((room / to_tfjs.FILE).read_text(encoding="utf-8"))
        (group,) = model.pop("weightsManifest")
        weights = b"".join((room / path).read_bytes() for path in group["paths"])
    model |= {"weightSpecs": group["weights"], "weightData": _base64(weights)}
    (folder / "models" / "tfjs.js").write_text(_script("tfjs model", model), encoding="utf-8")
    return kept


def _tfjs(graph: Graph, room: Path, batches: Sequence[Mapping[str, np.ndarray]]) -> dict[str, parity.Difference]:
    """The model, written to an empty folder, beside the oracle."""
    to_tfjs.write(graph, room)
    return parity.differences(to_tfjs.run(room, batches, repeats=0)[0], graph, batches)


def _write_page(graph: Graph, folder: Path, solution: Solution, float32: Sequence[str]) -> None:
    problem = solution.problem
    title, tabulated = problem.name or "Solution", tables(problem)
    told = {
        "title": title,
        "axes": [
            {
                "name": axis.name,
                "label": pretty_symbol(axis.name),
                "role": axis.role,
                "lower": float(axis.lower),
                "upper": float(axis.upper),
            }
            for axis in problem.domain.axes
        ],
        "shapes": _shapes(problem.domain),
        "until": _until(solution),
        "outputs": [output.name for output in graph.outputs],
        "dtype": graph.dtype,
        "float32": list(float32),
        "quantities": quantities(graph, solution, list(tabulated)),
        "counts": next((table["counts"] for table in tabulated.values()), None),
        "colors": {name: _colors(color) for name, color in _COLORS.items()},
    }
    (folder / "problem.js").write_text(_script("problem", told), encoding="utf-8")
    for number, table in enumerate(tabulated.values()):
        told_of = {"counts": table["counts"], "values": _base64(table["values"].astype("<f8").tobytes())}
        (folder / "models" / f"table-{number}.js").write_text(_script(f"table {number}", told_of), encoding="utf-8")
    filled = Template(_file("index.html")).substitute(
        title=escape(title),
        equations="".join(map(typeset.equation, problem.equations)),
        found=_found(solution),
        domain=typeset.domain(problem.domain),
        short=_short(solution),
        conditions="".join(
            f"<li>{typeset.condition(each)} <span>{typeset.place(each, problem)}</span></li>"
            for each in problem.conditions
        ),
        provenance=_provenance(solution),
        scripts="\n".join(f'<script src="{name}"></script>' for name in _ORDER),
    )
    (folder / "index.html").write_text(filled, encoding="utf-8")


def _until(solution: Solution) -> dict[str, Any] | None:
    """How far training came in time, where it did not come to the end."""
    until, time = solution.result.get("solved_until"), solution.problem.domain.time
    return None if until is None or time is None else {"name": time, "value": until}


def _short(solution: Solution) -> str:
    """That time was not solved to its end, in a line; else nothing."""
    if (until := _until(solution)) is None:
        return ""
    upto = escape(f"{pretty_symbol(until['name'])} = {until['value']:.4g}".replace("-", "−"))
    return f'<p class="short">Solved until {upto}: beyond that there are no values.</p>'


def _found(solution: Solution) -> str:
    """The unknown numbers with their intervals, in a line; nothing where there are none."""
    intervals = solution.intervals
    each = [
        f"{pretty_symbol(name)} = {with_interval(value, intervals.get(name))}, found"
        for name, value in solution.unknowns.items()
    ]
    return f'<p class="found">{escape("; ".join(each).replace("-", "−"))}</p>' if each else ""


def _shapes(domain: Domain) -> list[dict[str, Any]]:
    """The factors of the domain, numbers in place of expressions."""
    return [
        {"names": list(shape.names), "shape": _numbers(shape.to_json()), "extent": shape.extent}
        for shape in domain.factors
    ]


def _numbers(stored: Any) -> Any:
    """A stored shape, or what is inside one, with its expressions evaluated."""
    if isinstance(stored, Mapping) and ("coordinates" in stored or "shapes" in stored):
        return {name: each if name in ("kind", "coordinates") else _numbers(each) for name, each in stored.items()}
    return [_numbers(each) for each in stored] if isinstance(stored, list) else float(from_tree(stored))


def _colors(name: str) -> str:
    """256 colors, each as six hexadecimal digits."""
    table = matplotlib.colormaps[name](np.linspace(0, 1, 256), bytes=True)
    return np.asarray(table)[:, :3].tobytes().hex()


def _provenance(solution: Solution) -> str:
    """How the solution came to be, in a line."""
    settings, result = solution.settings, solution.result
    parts = [f"Solved by collocate {__version__} on {settings['backend']} in {settings['dtype']}"]
    for name, what in (("relative_l2", "relative L² error"), ("residual_heldout", "held-out residual")):
        value = result.get(name)
        shown = value if isinstance(value, Mapping) else {"": value}
        texts = [f"{field} {each:.2g}".strip() for field, each in shown.items() if isinstance(each, float)]
        parts += [f"{what} {', '.join(texts)}"] if texts else []
    return escape(" · ".join(parts))


def _script(key: str, value: Any) -> str:
    return f"{_START}{json.dumps(key)}, {json.dumps(value, allow_nan=False)}{_END}"


def _deliver(path: Path, key: str, content: bytes) -> None:
    path.write_text(_script(key, _base64(content)), encoding="utf-8")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _delivered(path: Path) -> bytes:
    """What `_deliver` put there. Raises ExportError for a file of another form."""
    text = path.read_text(encoding="utf-8")
    try:
        _, content = json.loads(f"[{text.removeprefix(_START).removesuffix(_END)}]")
        return base64.b64decode(content, validate=True)
    except (ValueError, TypeError) as error:
        raise ExportError(f"{path} holds no model: {error}") from error


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")
