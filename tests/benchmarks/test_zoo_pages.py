"""The pages in docs/problems tell what the statements say and what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from collocate import problems

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "problems"


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import zoo_pages

    yield zoo_pages


def row(name: str, **other: object) -> dict[str, object]:
    found: dict[str, object] = {"problem": name, "backend": "jax", "seed": 0, "variant": None, "time_limit": None}
    found |= {"relative_l2": {"u": 1.23e-9}, "max_error": {"u": 4.5e-8}, "residual_heldout": 6.7e-7, "steps": 89}
    found |= {"train_seconds": 12.3, "stopped_because": "steps done", "date": "2026-11-22T00:00:00", "commit": "abc"}
    return found | {"parameters": 337, "machine": {"processor": "P", "cores": 2, "load": 0.5}} | other


def test_the_table_holds_what_was_measured(pages: ModuleType) -> None:
    assert "| heat1d (jax) | u 1.2e-09 | u 4.5e-08 | 6.7e-07 | 89 | 12 | steps done |" in pages.table([row("heat1d")])


def test_a_page_shows_the_latest_plain_run_of_seed_0(pages: ModuleType, tmp_path: Path) -> None:
    later = "2026-11-23"
    others = [{"seed": 1}, {"backend": "torch"}, {"variant": "soft"}, {"failed": "no memory"}]
    rows = [row("heat1d", steps=1), row("heat1d", steps=2), *(row("heat1d", date=later, **each) for each in others)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert pages.latest([path])["heat1d"]["steps"] == 2


@pytest.mark.parametrize("name", problems.names())
def test_the_page_holds_the_statement_and_the_settings(pages: ModuleType, name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    module = problems.load(name)
    assert module.problem.describe() in text
    assert module.__doc__.strip() in text
    assert pages.settings(module) in text
    figure = PAGES / "figures" / f"{name}.png"
    assert (f"figures/{name}.png" in text) == figure.exists()
    assert not figure.exists() or figure.stat().st_size <= pages.LARGEST


def test_the_index_lists_every_problem() -> None:
    text = (PAGES / "index.md").read_text(encoding="utf-8")
    assert all(f"]({name}.md)" in text for name in problems.names())


def test_a_page_without_a_run_says_so_and_one_with_a_run_shows_it(pages: ModuleType) -> None:
    assert "Not measured yet." in pages.page("heat1d", None, False)
    text = pages.page("poisson2d", row("poisson2d", unknowns={"k": 2.5}), True, {"left": 0.1})
    assert "u 1.2e-09" in text and "network = (16, 16)" in text and "Found: k = 2.5" in text and "left: 1.0e-01" in text
