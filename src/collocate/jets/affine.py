"""The affine primitive z = a W + b on jets, the one place where parameters meet points. z = α a with a number α is the
other map that it knows: W = α I, without a bias.

A derivative of an affine map is the affine map of the derivative without its bias, so every entry is one matrix
product. At the first layer the derivative of a coordinate is a constant: its entry is a *row of W*, not the product
of a zero/one matrix with W (faster, and some exporters break on such matrices).
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Features(NamedTuple):
    """One entry of the network's input: a tuple of columns, each an array (n, 1), a float (constant) or None (zero)."""

    columns: tuple[Any, ...]


def affine(bk: Any, layer: dict[str, Any], jet: tuple[Any, ...]) -> tuple[Any, ...]:
    """z = a W + b for each entry of `jet`; `layer` holds "weight" (inputs, outputs) and "bias" (outputs,).

    Or "factor" (1,) alone: z = factor · a, for a jet of arrays.
    """
    if "factor" in layer:
        return tuple(None if entry is None else layer["factor"] * entry for entry in jet)
    weight, bias = layer["weight"], layer["bias"]
    value, *rest = (_times(bk, entry, weight) for entry in jet)
    return (value + bias, *rest)


def _times(bk: Any, entry: Any, weight: Any) -> Any:
    if entry is None:
        return None
    if not isinstance(entry, Features):
        return bk.matmul(entry, weight)
    columns = entry.columns
    arrays = [k for k, column in enumerate(columns) if column is not None and not isinstance(column, float)]
    total = None
    if arrays:
        matrix = bk.concat([columns[k] for k in arrays], axis=1)
        rows = weight if len(arrays) == len(columns) else bk.concat([weight[k : k + 1] for k in arrays], axis=0)
        total = bk.matmul(matrix, rows)
    for k, column in enumerate(columns):
        if isinstance(column, float):
            row = column * weight[k : k + 1]
            total = row if total is None else total + row
    return total
