"""The table of capabilities is whole and rests on what is there; a choice follows from it by one rule."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from collocate import __version__
from collocate.cli.main import app
from collocate.comparison import capabilities
from collocate.comparison.capabilities import FILE, OWN, RATINGS, Cell, Row, Table, choose, load
from collocate.errors import StatementError, StoreError

ROOT = Path(__file__).resolve().parents[2]
CELLS = [pytest.param(cell, id=f"{row.name}-{column}") for row in load().rows for column, cell in row.cells.items()]
ASKED = ("serving", "mobile", "browser", "embedded", "tpu", "multi-gpu", "debugging", "visualisation", "high-order")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["choose", *arguments])


def test_the_table_has_the_needs_that_people_ask_about():
    table = load()
    assert set(ASKED) <= set(table.needs)
    assert [*table.columns] == ["torch", "tensorflow", "jax", OWN]
    assert datetime.date.fromisoformat(table.checked)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_rests_on_what_a_reader_can_see(cell: Cell):
    if cell.source:
        assert datetime.date.fromisoformat(cell.source.read) <= datetime.date.fromisoformat(load().checked)
        assert cell.source.address.startswith(("https://", "pip index versions ", "npm view "))
    else:
        assert cell.by and (ROOT / cell.by).exists()


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.values[0].tested])  # type: ignore[union-attr]
def test_what_was_tested_here_is_what_runs_here(cell: Cell):
    """Another version in constraints.txt means: look at the cell again."""
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    here = {name.replace("_", "-"): version for name, version in pins.items()} | {"collocate": __version__}
    for part in (cell.tested or "").split(", "):
        name, version = part.split()
        assert here[name] == version


@pytest.mark.parametrize("cell", [cell for cell in CELLS if " ms" in cell.values[0].text])  # type: ignore[union-attr]
def test_measured_times_are_those_of_the_page(cell: Cell):
    page = (ROOT / "docs" / "derivatives.md").read_text()
    assert cell.by == "docs/derivatives.md"
    for number in re.findall(r"([\d.]+) ms", cell.text):
        assert f"| {number} (" in page


def test_the_table_knows_of_the_export():
    assert not any("no export" in row.cells[OWN].text for row in load().rows)


@pytest.mark.parametrize(
    ("needs", "chosen"),
    [
        (["tpu"], ("jax",)),
        (["serving"], ("tensorflow",)),
        (["debugging"], ("torch",)),
        (["mobile", "browser"], ("torch", "tensorflow")),
        (["multi-gpu"], ("torch", "tensorflow", "jax")),
        (["multi-gpu", "tpu", "tpu"], ("jax",)),
    ],
)
def test_the_choice_for_needs(needs: list[str], chosen: tuple[str, ...]):
    assert choose(needs).chosen == chosen


def made(**ratings: list[str]) -> Table:
    """A table of rows a, b, c; ratings: those of each column."""
    rows = [
        Row(name, name, {column: Cell(given[number], "", "x 1", "y") for column, given in ratings.items()})
        for number, name in enumerate("abc")
    ]
    return Table("2026-01-01", {column: column for column in ratings}, rows)


def test_the_worst_rating_counts_first_and_then_the_sum():
    own = ["good"] * 3
    table = made(
        one=["good", "poor", "good"], two=["fair", "fair", "fair"], three=["fair", "good", "fair"], collocate=own
    )
    assert choose("a", table).chosen == ("one",)
    assert choose("ab", table).chosen == ("three",)  # the worst: poor, fair, fair; the sums of the last two: 4, 5
    assert choose("ac", table).chosen == ("one",)
    assert OWN not in choose("abc", table).chosen


def test_an_unknown_need_lists_the_known_ones():
    with pytest.raises(StatementError, match="did you mean 'mobile'") as found:
        choose(["mobil"])
    assert all(need in str(found.value) for need in load().needs)
    result = run("--need", "tpu,quantum")
    assert result.exit_code == 2
    assert "'quantum' is not known; choose from serving, mobile" in result.stderr
    assert run("--need", ",").exit_code == 2


def test_the_command_shows_the_whole_table():
    result = run()
    assert result.exit_code == 0
    for row in load().rows:
        assert row.name in result.stdout and row.title in result.stdout
        for cell in row.cells.values():
            assert f"{cell.rating}: {cell.text.split()[0]}" in result.stdout
    addresses = {cell.source.address for row in load().rows for cell in row.cells.values() if cell.source}
    assert all(address in result.stdout for address in addresses)


def test_the_command_gives_the_choice_and_its_reasons():
    result = run("--need", "serving,mobile", "--need", "tpu")
    assert result.stdout.startswith("For serving, mobile, tpu: TensorFlow\n")
    for reason in ("TorchServe", "ExecuTorch", "LiteRT", "torch_xla", "2025-08-07"):
        assert reason in result.stdout


def test_json_is_one_line_that_holds_all():
    table, choice = run("--json"), run("--need", "tpu", "--json")
    assert table.stdout.count("\n") == choice.stdout.count("\n") == 1
    held = json.loads(table.stdout)
    assert list(held["needs"]) == load().needs
    assert held["needs"]["serving"]["torch"]["source"]["dated"] == "2025-08-07"
    chosen = json.loads(choice.stdout)
    assert (chosen["needs"], chosen["chosen"]) == (["tpu"], ["jax"])
    assert chosen["reasons"]["tpu"]["jax"] == held["needs"]["tpu"]["jax"]


def test_it_answers_at_once_as_it_loads_nothing_heavy():
    code = "import sys; from collocate.cli.main import app; app(['choose'], standalone_mode=False); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)
    loaded = {name.split(".")[0] for name in found.stdout.splitlines()[-1].split()}
    assert "typer" in loaded
    assert loaded & {"torch", "tensorflow", "jax", "keras", "numpy", "scipy", "sympy", "matplotlib"} == set()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('rating = "good"', 'rating = "splendid"', "rating 'splendid' is none of none, poor, fair, good"),
        ("[rows.jax]", "[rows.jacks]", "row serving has no jax"),
        ('source = "torchserve"', "", "row serving, torch rests on nothing"),
        ('source = "torchserve"', 'source = "torchserve"\ntested = "torch 1"', "row serving, torch rests on both"),
        ('source = "torchserve"', 'source = "hearsay"', "source 'hearsay' is not among the sources"),
        ('source = "torchserve"', 'source = "litert"', "no cell rests on torchserve"),
        ('by = "README.md"', "", "by is None; text is expected"),
        ('name = "mobile"', 'name = "serving"', "each name is expected once"),
        ("collocate = ", "ours = ", "frameworks and 'collocate' are expected"),
        ("[[rows]]", "[[rows", "cannot be read as a table"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(tmp_path: Path, old: str, new: str, message: str):
    text = FILE.read_text()
    assert old in text
    broken = tmp_path / "broken.toml"
    broken.write_text(text.replace(old, new, 1))
    with pytest.raises(StoreError, match=re.escape(message)):
        load(broken)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(StoreError, match=re.escape(str(tmp_path / "none.toml"))):
        load(tmp_path / "none.toml")


def test_ratings_go_from_bad_to_good():
    assert capabilities._mark(["good"]) > capabilities._mark(["fair"]) > capabilities._mark(["poor", "good"])
    assert RATINGS[0] == "none"
