"""C99: `solution.c` and `solution.h`, which need the C library and nothing else."""

from __future__ import annotations

import ctypes
import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from collocate.errors import ExportError
from collocate.exporting import c_compiler, child
from collocate.exporting.c_source import Source
from collocate.exporting.graph import Graph

HEADER, SOURCE = "solution.h", "solution.c"
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O3")


def write(graph: Graph, folder: Path) -> None:
    """A function `solution_evaluate` of arrays, in the graph's dtype; see the header for how it is called."""
    source = Source(graph)
    (folder / HEADER).write_text(source.header(), encoding="ascii")
    (folder / SOURCE).write_text(source.source(), encoding="ascii")


def load(folder: Path, flags: Sequence[str] = FLAGS) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    """The compiled program as a function {input: (N,)} -> {output: (N,)}, in this process.

    Raises ExportError where there is no C compiler, or it does not take the program.
    """
    with tempfile.TemporaryDirectory() as room:
        library = ctypes.CDLL(str(compiled(folder, Path(room), flags)))
    header = (folder / HEADER).read_text(encoding="ascii")
    dtype = np.float64 if "typedef double solution_real;" in header else np.float32
    given, found = (_names(library, kind) for kind in ("inputs", "outputs"))

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        inputs = [np.ascontiguousarray(batch[name], dtype) for name in given]
        count = len(inputs[0])
        outputs = {name: np.empty(count, dtype) for name in found}
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (*inputs, *outputs.values())]
        code = library.solution_evaluate(ctypes.c_size_t(count), *pointers)
        if code:
            raise ExportError(f"solution_evaluate returned {code}")
        return outputs

    return run


def compiled(folder: Path, room: Path, flags: Sequence[str] = FLAGS) -> Path:
    """A shared library, written to `room`."""
    library = room / "solution.so"
    command = [*c_compiler.command(), *flags, "-fPIC", "-shared", str(folder / SOURCE), "-o", str(library), "-lm"]
    failure = f"{Path(command[0]).name} does not compile {SOURCE}"
    done = child.run(command, failure, text=True)
    if done.returncode:
        raise ExportError(f"{failure}: {done.stderr.strip()[:2000]}")
    return library


def _names(library: ctypes.CDLL, kind: str) -> list[str]:
    """The texts of `solution_inputs` or `solution_outputs`, up to the null pointer."""
    try:
        table = ctypes.c_char_p.in_dll(library, f"solution_{kind}")
    except ValueError as error:
        raise ExportError(f"{SOURCE} is no program of collocate's: {error}") from None
    names = ctypes.cast(ctypes.pointer(table), ctypes.POINTER(ctypes.c_char_p))
    return [text.decode() for text in itertools.takewhile(bool, (names[number] for number in itertools.count()))]
