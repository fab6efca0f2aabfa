"""Functions written with others are the functions, to rounding, in the far and in the small."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from collocate.backends import select
from collocate.exporting.builder import Builder
from collocate.exporting.decompose import FORMULAS, decompose
from collocate.exporting.evaluate import evaluate
from collocate.exporting.recording import Recorded, RecordingBackend

TRUTHS = {
    "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "erf": special.erf,
}  # fmt: skip
NEAR = np.concatenate([np.linspace(-1, 1, 2001), [1e-9, -1e-9, 0.0]])
FAR = np.concatenate([np.linspace(-40, 40, 4001), [1e200, -1e200]])


@pytest.mark.parametrize("name", FORMULAS)
def test_each_formula(name: str):
    x = NEAR if name in ("asin", "acos") else np.concatenate([NEAR, FAR[:-2] if name == "tan" else FAR])
    with np.errstate(all="ignore"):
        found, expected = FORMULAS[name](select.get("numpy"), x), TRUTHS[name](x)
    np.testing.assert_allclose(found, expected, rtol=4e-15, atol=1e-300)


def test_only_what_is_lacking_is_rewritten():
    builder = Builder(["x"], "float64")
    bk = RecordingBackend(builder)
    x = Recorded(builder, 0)
    graph = decompose(builder.finish({"u": (bk.erf(x) + bk.tan(x)).id}), ("erf", "sinh"))
    operations = {node.operation for node in graph.nodes}
    assert "erf" not in operations and "tan" in operations
    found = evaluate(graph, {"x": NEAR})["u"]
    np.testing.assert_allclose(found, special.erf(NEAR) + np.tan(NEAR), rtol=0, atol=1e-14)
