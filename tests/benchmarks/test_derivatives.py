"""The derivative benchmark, small and untimed: all its variants compute the same loss and gradient."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT))
    import derivatives

    return derivatives


@pytest.mark.filterwarnings("ignore:u.x, t. is of order 4")
@pytest.mark.parametrize("order", [2, 4])
def test_hand_written_programs_agree_with_jets(benchmark, order: int):
    import by_jets

    sizes = (64, 8)
    case = by_jets.case(order, *sizes)
    given = (case["layers"], case["points"])
    reference = benchmark.prepare("tensorflow", order, "jets", "eager", sizes, None)()
    assert np.linalg.norm(reference[1]) > 0.01
    for backend in benchmark.BACKENDS:
        found = benchmark.prepare(backend, order, "nested", "eager", sizes, given)()
        assert benchmark.disagreement(found, reference) < benchmark.TOLERANCE, backend


def test_another_gradient_is_no_agreement(benchmark):
    one = (1.0, np.array([1.0, 2.0]))
    assert benchmark.disagreement((1.0, np.array([1.0, 2.001])), one) > benchmark.TOLERANCE
    assert benchmark.disagreement((1.001, one[1]), one) > benchmark.TOLERANCE
    assert not benchmark.disagreement((math.nan, one[1]), one) <= benchmark.TOLERANCE


def test_the_page_shows_the_kept_result(benchmark):
    page = (ROOT.parent / "docs" / "derivatives.md").read_text()
    kept = sorted((ROOT / "results").glob("derivatives-*.json"))
    assert kept and any(benchmark.table(json.loads(path.read_text())) in page for path in kept)
