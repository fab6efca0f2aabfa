"""The zoo's benchmark: rows resume, tables hold what was measured; and the pages in docs/problems tell the truth."""

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
def zoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import zoo

    yield zoo


@pytest.fixture
def pages(zoo: ModuleType) -> ModuleType:
    import zoo_pages

    return zoo_pages


def row(zoo: ModuleType, name: str, **other: object) -> dict[str, object]:
    found = {"problem": name, "backend": "jax", "seed": 0, "time_limit": None, "source": zoo.source(name)}
    found |= {"relative_l2": {"u": 1.23e-9}, "max_error": {"u": 4.5e-8}, "residual_heldout": 6.7e-7, "steps": 89}
    found |= {"train_seconds": 12.3, "stopped_because": "steps done", "date": "2026-11-22T00:00:00", "commit": "abc"}
    return found | {"parameters": 337, "machine": {"processor": "P", "cores": 2, "load": 0.5}} | other


def test_what_is_done_is_skipped(
    zoo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = []
    monkeypatch.setattr(zoo, "run", lambda name, *rest: ran.append(name) or row(zoo, name))
    path = tmp_path / "rows.jsonl"
    for names in (["poisson2d"], ["poisson2d", "heat1d"]):
        monkeypatch.setattr("sys.argv", ["zoo.py", *names, "--result", str(path)])
        zoo.main()
    assert ran == ["poisson2d", "heat1d"]
    assert [json.loads(line)["problem"] for line in path.read_text().splitlines()] == ran
    assert "| heat1d (jax) | u 1.2e-09 | u 4.5e-08 | 6.7e-07 | 89 | 12 | steps done |" in capsys.readouterr().out


def test_another_seed_or_a_changed_file_is_another_run(zoo: ModuleType) -> None:
    one = row(zoo, "heat1d")
    assert zoo.key(one) != zoo.key(one | {"seed": 1})
    assert zoo.key(one) != zoo.key(one | {"source": "another"})
    assert zoo.key(one) == zoo.key(one | {"steps": 1})


def test_a_run_that_fails_leaves_a_row_that_says_why(zoo: ModuleType) -> None:
    found = zoo.run("poisson2d", "no_such_backend", 0, None, None)
    assert "no_such_backend" in found["failed"] and found["problem"] == "poisson2d"
    assert "failed: error: " in zoo.table([found])


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


def test_a_page_without_a_run_says_so_and_one_with_a_run_shows_it(pages: ModuleType, zoo: ModuleType) -> None:
    assert "Not measured yet." in pages.page("heat1d", None, False)
    text = pages.page("poisson2d", row(zoo, "poisson2d", unknowns={"k": 2.5}), True, {"left": 0.1})
    assert "u 1.2e-09" in text and "network = (16, 16)" in text and "Found: k = 2.5" in text and "left: 1.0e-01" in text
