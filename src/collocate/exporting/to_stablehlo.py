"""StableHLO: one program for CPU, CUDA and TPU, serialized by jax.export, and its text beside it, to read.

    exported = jax.export.deserialize(open("model.jax_export", "rb").read())
    with jax.enable_x64(True):  # for float64: else JAX makes float32 of the inputs, and refuses them
        values = exported.call({"x": x, "t": t})

takes arrays (N,) of the graph's dtype by their names, and gives {output: (N,)}.
"""

# pyright: reportAttributeAccessIssue=false
# (jax.extend.mlir tells no types)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
from jax.extend import mlir
from jax.extend.mlir import ir, passmanager
from jax.extend.mlir.dialects import chlo, stablehlo

from collocate.backends.jax import ELEMENTWISE
from collocate.exporting.graph import Graph
from collocate.exporting.interpret import Operations, interpret

FILE, TEXT = "model.jax_export", "model.mlir"
PLATFORMS = ("cpu", "cuda", "tpu")

_OPERATIONS: Operations = ELEMENTWISE | {
    "negative": jnp.negative, "add": jnp.add, "subtract": jnp.subtract, "multiply": jnp.multiply, "divide": jnp.divide,
    "where": jnp.where, "concat": lambda *parts: jnp.concatenate(parts, axis=1),
    # Else GPUs and TPUs multiply float32 with the digits of TF32 and bfloat16.
    "matmul": partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST),
}  # fmt: skip


def write(graph: Graph, folder: Path) -> None:
    """`model.jax_export`, with every batch size but 0, and `model.mlir`."""
    with jax.enable_x64(graph.dtype == "float64"):
        (count,) = jax.export.symbolic_shape("N")
        given = {one.name: jax.ShapeDtypeStruct((count,), graph.dtype) for one in graph.inputs}
        function = jax.jit(partial(_interpreted, graph))
        exported = jax.export.export(function, platforms=PLATFORMS)(given)
    module, text = _without_places(exported.mlir_module_serialized)
    (folder / FILE).write_bytes(replace(exported, mlir_module_serialized=module).serialize())
    (folder / TEXT).write_text(text, encoding="utf-8")


def _without_places(module: bytes) -> tuple[bytes, str]:
    """The module, and its text, without the paths and lines of the Python files that traced it."""
    with ir.Context() as context:
        stablehlo.register_dialect(context)
        chlo.register_dialect(context)
        found = mlir.deserialize_portable_artifact(module)
        passmanager.PassManager.parse("builtin.module(strip-debuginfo)").run(found.operation)
        # For readers that are four weeks older, as jax.export itself does it.
        oldest = stablehlo.get_version_from_compatibility_requirement(
            stablehlo.StablehloCompatibilityRequirement.WEEK_4
        )
        return bytes(mlir.serialize_portable_artifact(found, oldest, False)), str(found)


def _interpreted(graph: Graph, inputs: Mapping[str, jax.Array]) -> dict[str, jax.Array]:
    columns = {name: array.reshape(-1, 1) for name, array in inputs.items()}
    values = interpret(graph, columns, _OPERATIONS, graph.array)
    return {output.name: values[output.id].reshape(-1) for output in graph.outputs}


def load(folder: Path) -> Callable[[Mapping[str, Any]], dict[str, np.ndarray]]:
    """The program as a function {input: (N,)} -> {output: (N,)}, by JAX, compiled anew for each N."""
    exported = jax.export.deserialize(bytearray((folder / FILE).read_bytes()))
    (avals,), _ = jax.tree.unflatten(exported.in_tree, exported.in_avals)
    double = any(aval.dtype == np.float64 for aval in avals.values())
    call = jax.jit(exported.call)

    def run(batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
        with jax.enable_x64(double):
            found = call({name: np.asarray(batch[name], aval.dtype) for name, aval in avals.items()})
            return {name: np.asarray(value) for name, value in found.items()}

    return run
