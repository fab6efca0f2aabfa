"""ExecuTorch: one program for phones and small devices; float32 by XNNPACK, float64 by the slower portable kernels.

    method = Runtime.get().load_program("model.pte").load_method("forward")

A program has no names, and a largest batch. `model.json` beside it tells both: the inputs, tensors (N,) of its dtype in
their order, the outputs in theirs, and the largest N. More points are more calls.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from collocate.errors import ExportError
from collocate.exporting import child, to_pt2
from collocate.exporting.graph import Graph

FILE, NAMES = "model.pte", "model.json"
# A program's memory is laid out for its largest batch: 1,024 points of 50 doubles are 0.4 MB a value that is alive.
LARGEST = 1024
_CHILD = [*child.PYTHON, str(Path(__file__).with_name("executorch_child.py"))]
_SAID = 3  # lines of a process that died which the error repeats


def write(graph: Graph, folder: Path) -> None:
    """`model.pte` and `model.json`. Raises ExportError with what the converter said last."""
    with tempfile.TemporaryDirectory() as room:
        given = Path(room, to_pt2.FILE)
        torch.export.save(to_pt2.program(graph, LARGEST), given)
        command = [*_CHILD, "convert", str(given), str(folder / FILE)]
        done = child.run(command, "ExecuTorch's converter failed", stdin=subprocess.DEVNULL)
    if done.returncode:
        raise _died("converter", done.returncode, done.stdout + done.stderr)
    names = {
        "inputs": [one.name for one in graph.inputs],
        "outputs": [one.name for one in graph.outputs],
        "dtype": graph.dtype,
        "largest_batch": LARGEST,
    }
    (folder / NAMES).write_text(json.dumps(names, indent=2) + "\n", encoding="utf-8")


def _died(what: str, code: int, said: bytes) -> ExportError:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    last = " / ".join(lines[-_SAID:]) or "nothing"
    return ExportError(f"ExecuTorch's {what} {child.ending(code)}; it said last: {last}")


def load(folder: Path) -> Callable[[Mapping[str, Any]], dict[str, np.ndarray]]:
    """The program as a function {input: (N,)} -> {output: (N,)}, any N, by ExecuTorch in a process of its own.

    Raises ExportError, when it is called, with what that process said before it died.
    """
    return _Runtime(folder)


class _Runtime:
    """The process lives as long as this; passing arrays costs a call about 0.1 ms."""

    def __init__(self, folder: Path):
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        self.inputs, self.outputs, self.largest = names["inputs"], names["outputs"], names["largest_batch"]
        self.dtype = np.dtype(names["dtype"])
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  (as long as the process)
        command = [*_CHILD, "run", str(folder / FILE), self.dtype.name, str(len(self.inputs))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)
        weakref.finalize(self, _end, self.process, self.said)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
        arrays = [np.asarray(batch[name], self.dtype) for name in self.inputs]
        with child.limited(self.process, "ExecuTorch's runtime failed"):
            parts = [
                self._part([array[start : start + self.largest] for array in arrays])
                for start in range(0, len(arrays[0]), self.largest)
            ]
        return {name: np.concatenate(each) for name, each in zip(self.outputs, zip(*parts, strict=True), strict=True)}

    def _part(self, arrays: list[np.ndarray]) -> list[np.ndarray]:
        count = len(arrays[0])
        given, found = self.process.stdin, self.process.stdout
        assert given is not None and found is not None
        size = count * self.dtype.itemsize
        try:
            given.write(b"".join([count.to_bytes(8, sys.byteorder), *(array.tobytes() for array in arrays)]))
            given.flush()
            answer = found.read(size * len(self.outputs))
        except BrokenPipeError:
            answer = b""
        if len(answer) < size * len(self.outputs):
            code = self.process.wait()
            self.said.seek(0)
            raise _died("runtime", code, self.said.read())
        return list(np.frombuffer(answer, self.dtype).reshape(len(self.outputs), count).copy())


def _end(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    """Its input ends, and so does it."""
    for file in (process.stdin, process.stdout, said):
        with suppress(OSError):  # it may be dead, with a call half written
            if file is not None:
                file.close()
    process.wait()
