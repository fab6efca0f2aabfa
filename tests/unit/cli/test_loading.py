"""FILE or NAME → problem and settings; every bad file gets one message with its line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import collocate
from collocate.cli.loading import load
from collocate.errors import CollocateError, StatementError

HEAD = "import collocate as co\nfrom sympy import *\nt = symbols('t')\nu = Function('u')(t)\n"


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "given.py"
    path.write_text(text)
    return str(path)


def test_a_file_gives_its_problem_and_settings_and_trains_nothing(growth: Path, monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    loaded = load(str(growth))
    assert loaded.problem.name == "growth"
    assert loaded.problem.field_names == ("u",)
    assert loaded.settings == {"network": (6,), "steps": 3, "points": 100}
    assert list(tmp_path.iterdir()) == []


def test_a_name_gives_a_problem_of_the_zoo():
    loaded = load("poisson2d")
    assert loaded.problem.name == "poisson2d"


def test_a_file_may_import_its_neighbours(tmp_path: Path):
    (tmp_path / "neighbour_of_given.py").write_text("rate = 2")
    text = HEAD + "from neighbour_of_given import rate\n"
    text += "problem = co.Problem(Eq(u.diff(t), -rate*u), co.Time(t, 0, 1), [co.Initial(u, 1)])"
    try:
        assert "2*u" in str(load(written(tmp_path, text)).problem.equations[0])
    finally:
        sys.path.remove(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", "holds no `problem`; it must say problem = co.Problem"),
        ("problem = 3", "`problem` in .* is of type int; it must be a co.Problem"),
        ("x = 1\ndef f(:\n    pass", r"given.py, line 2: invalid syntax.*def f\(:"),
        ("x = 1\n\nx / 0", "given.py, line 3: ZeroDivisionError: division by zero"),
        ("import no_such_module_anywhere", "given.py, line 1: ModuleNotFoundError: No module named"),
        ("raise SystemExit(0)", "given.py, line 1: SystemExit"),
        (HEAD + "co.Problem(Eq(u, u), co.Time(t, 0, 1))", "given.py, line 5: .*True"),
        (HEAD + "\n\nco.Interval(t, 1, 0)", "given.py, line 7: "),
        ("x = 1\0", "given.py is not a Python file: it holds null bytes"),
        (HEAD + "problem = co.Problem(Eq(u.diff(t), u), co.Time(t, 0, 1), [co.Initial(u, 1)])\nsettings = [1]",
         "`settings` in .* is of type list; it must be a dict"),
        (HEAD + "problem = co.Problem(Eq(u.diff(t), u), co.Time(t, 0, 1), [co.Initial(u, 1)])\nco.solve(problem)",
         "given.py, line 6: co.solve is called while the file is read.*__main__"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_message_with_its_line(tmp_path: Path, text: str, expected: str):
    path = written(tmp_path, text)
    with pytest.raises(CollocateError, match=f"(?s){expected}"):
        load(path)


def test_what_is_no_file_and_no_name_is_told(tmp_path: Path):
    with pytest.raises(StatementError, match=r"no problem is called 'nosuch'; there are poisson2d, .*file's path"):
        load("nosuch")
    with pytest.raises(StatementError, match=r"cannot read nosuch\.py: No such file"):
        load("nosuch.py")
    with pytest.raises(StatementError, match=r"cannot read .*: Is a directory"):
        load(str(tmp_path))


def test_solve_is_what_it_was_after_reading(growth: Path):
    before = collocate.solve
    load(str(growth))
    assert collocate.solve is before
    assert before.__module__ == "collocate.solution.solve"
