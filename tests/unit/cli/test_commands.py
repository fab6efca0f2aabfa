"""The commands in this process, on three steps of a small network."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

import collocate as co
from collocate import problems

KEYS = {
    "problem", "backend", "mode", "dtype", "device", "seed", "parameters", "points", "steps", "compile_seconds",
    "train_seconds", "total_seconds", "relative_l2", "max_error", "trial_error", "residual_heldout", "peak_rss_bytes",
    "stopped_because", "versions",
}  # fmt: skip


def test_solve_leaves_its_files_and_says_what_it_reached(solved):
    result, out = solved
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in out.iterdir()} == {"solution.collocate", "result.json", "figure.png", "checkpoint"}
    assert "noise of the file" in result.stderr
    assert "noise" not in result.stdout
    for part in ("growth on jax", "steps done, after 3 steps", "held-out residual", "relative L2 error", str(out)):
        assert part in result.stdout
    error = json.loads((out / "result.json").read_text())["relative_l2"]["u"]
    assert error < 0.05


def test_json_is_one_line_with_what_was_promised(growth: Path, collocate):
    result = collocate("solve", growth, "--json", "--quiet", "--steps", 2, "--network", "5", "--seed", 3)
    assert result.exit_code == 0, result.stderr
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert set(found) >= KEYS
    assert (found["problem"], found["steps"], found["seed"]) == ("growth", 2, 3)
    assert found["parameters"] == 16  # 1·5 + 5 and 5·1 + 1
    assert found["relative_l2"].keys() == found["max_error"].keys() == {"u"}
    assert result.stderr.splitlines() == ["noise of the file"]


def test_an_accuracy_that_is_not_reached_is_exit_code_3(growth: Path, collocate):
    result = collocate("solve", growth, "--quiet", "--steps", 1, "--accuracy", "1e-12")
    assert result.exit_code == 3
    assert "the accuracy 1e-12 was not reached: the estimated error is " in result.stderr
    assert "relative L2 error" in result.stdout


def test_an_accuracy_that_is_reached_is_exit_code_0(growth: Path, collocate):
    result = collocate("solve", growth, "--quiet", "--json", "--accuracy", "0.5")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["stopped_because"] == "accuracy reached"


BAD_CHOICES = [
    (["--backend", "fortran"], "backend 'fortran' is not known; choose one of 'jax'"),
    (["--dtype", "float16"], "dtype 'float16' is not known; choose one of 'float64', 'float32'"),
    (["--mode", "fast"], "mode 'fast' is not known"),
    (["--network", "wide"], "a network's text holds the widths"),
    (["--network", "0"], "widths must be positive"),
    (["--optimizer", "sgdd"], "unknown optimizer 'sgdd'"),
    (["--points", "0"], "points must be a positive number"),
]


@pytest.mark.parametrize(("arguments", "expected"), BAD_CHOICES)
def test_plan_refuses_what_solve_refuses(growth: Path, collocate, arguments: list[str], expected: str):
    result = collocate("plan", growth, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"error: {expected}" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        *BAD_CHOICES,
        (["--device", "abacus"], "device 'abacus'"),
        (["--resume"], "--resume needs --out DIR, the folder that holds the checkpoint"),
        (["--out", "/proc/nowhere/out"], "cannot write"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(growth: Path, collocate, arguments: list[str], expected: str):
    result = collocate("solve", growth, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = (line for line in result.stderr.splitlines() if line != "noise of the file")
    assert line.startswith("error: ")
    assert expected in line


def test_plan_shows_each_choice_and_trains_nothing(growth: Path, collocate, monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    result = collocate("plan", growth, "--steps", 7, "--seed", 5)
    assert result.exit_code == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["equation", "u_xx", "=", "u"] in rows
    assert ["seed", "5", "command", "line"] in rows
    assert ["backend", "jax", "default"] in rows
    assert ["levenberg_marquardt", "7"] in [row[:2] for row in rows]
    for title in ("choices", "trial functions", "residuals", "points", "phases", "error of the trial function"):
        assert title in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_plan_prints_what_the_function_returns(collocate):
    result = collocate("plan", "burgers", "--points", 700, "--optimizer", "adam")
    plan = co.plan(problems.load("burgers").problem, points=700, optimizer="adam")
    assert str(plan) in result.stdout
    assert result.stdout.startswith(problems.load("burgers").problem.describe())


@pytest.mark.parametrize("name", problems.names())
def test_plan_of_every_problem(name: str, collocate):
    result = collocate("plan", name)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("problem")


def test_problems_are_listed_with_their_first_line(collocate):
    result = collocate("problems")
    assert result.exit_code == 0
    for name in problems.names():
        (line,) = (line for line in result.stdout.splitlines() if line.split()[:1] == [name])
        assert len(line.split()) > 3


def test_info_tells_what_a_file_holds(solved, collocate):
    _, out = solved
    result = collocate("info", out / "solution.collocate")
    assert result.exit_code == 0, result.stderr
    for part in ("u_xx = u", "MLP(widths=(6,)", "float64", "stopped_because", "steps done"):
        assert part in result.stdout


@pytest.fixture(scope="module")
def solution(solved) -> Path:
    return solved[1] / "solution.collocate"


def test_evaluate_prints_exact_values(solution: Path, collocate, tmp_path: Path):
    points = tmp_path / "points.csv"
    points.write_text("note,x\na,0.1\nb,0.7\n")
    result = collocate("evaluate", solution, "--at", points, "--expression", "u.diff(x)", "--expression", "atan2(u, 1)")
    assert result.exit_code == 0, result.stderr
    header, *rows = csv.reader(io.StringIO(result.stdout))
    assert header == ["x", "u.diff(x)", "atan2(u, 1)"]
    x = np.array([0.1, 0.7])
    expected = [x, *co.load(solution).at(["u.diff(x)", "atan2(u, 1)"], x=x)]
    np.testing.assert_array_equal(np.array(rows, float), np.stack(expected, axis=1))


def test_evaluate_text_and_into_a_file(solution: Path, collocate, tmp_path: Path):
    result = collocate("evaluate", solution, "--at", "x=exp(-1)", "--out", tmp_path / "values.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    header, row = (tmp_path / "values.csv").read_text().splitlines()
    assert header == "x,u"
    assert float(row.split(",")[1]) == co.load(solution)(x=float(np.exp(-1)))


def test_evaluate_outside_the_domain_warns_in_one_line(solution: Path, collocate):
    result = collocate("evaluate", solution, "--at", "x=2")
    assert result.exit_code == 0
    assert result.stderr == "warning: 1 of 1 points lie outside x ∈ [0, 1], where nothing was trained\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--at", "x=0.5", "--expression", "v"], "v"),
        (["--at", "x=0.5", "--backend", "fortran"], "backend 'fortran' is not known"),
        (["--at", "t=0.5"], "'t' is no coordinate"),
        (["--at", "x=0.5", "--out", "/proc/nowhere/values.csv"], "cannot write"),
    ],
)
def test_bad_points_and_expressions_are_told(solution: Path, collocate, arguments: list[str], expected: str):
    result = collocate("evaluate", solution, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert expected in result.stderr


def test_a_report_lies_beside_the_solution_or_where_it_is_asked_for(solution: Path, collocate, tmp_path: Path):
    copy = tmp_path / "copy" / "solution.collocate"
    copy.parent.mkdir()
    copy.write_bytes(solution.read_bytes())
    beside, elsewhere = copy.parent / "report.html", tmp_path / "page.html"
    result = collocate("report", copy)
    assert (result.exit_code, result.stdout) == (0, f"wrote {beside}\n"), result.stderr
    assert "No verdict was made" in beside.read_text(encoding="utf-8")
    assert collocate("report", copy, "--out", elsewhere).exit_code == 0
    assert elsewhere.read_text(encoding="utf-8") == beside.read_text(encoding="utf-8")
    result = collocate("report", solution, "--out", "/proc/nowhere/page.html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot write" in result.stderr


def test_a_report_with_the_verdict(solution: Path, collocate, tmp_path: Path):
    pytest.importorskip("collocate.verification")
    page = tmp_path / "page.html"
    result = collocate("report", solution, "--out", page, "--verify")
    assert result.exit_code == 0, result.stderr
    assert '<div class="verdict">' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["plan", "solve"])
def test_a_solution_where_a_problem_is_expected_is_told(solution: Path, collocate, command: str):
    result = collocate(command, solution)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{solution} is a solution file; a problem file (Python) was expected" in result.stderr
    assert f"`collocate info {solution}`" in result.stderr
    assert "`collocate evaluate" in result.stderr


def test_a_damaged_solution_is_told(solution: Path, collocate, tmp_path: Path):
    cut = tmp_path / "cut.collocate"
    cut.write_bytes(solution.read_bytes()[:-9])
    for arguments in (["info", cut], ["evaluate", cut, "--at", "x=0"]):
        result = collocate(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "cut short" in result.stderr


def test_planted_code_in_an_expression_runs_nothing(solution: Path, collocate, tmp_path: Path):
    mark = tmp_path / "mark"
    for planted in (
        f"__import__('os').system('touch {mark}')",
        f"u.__class__.__init__.__globals__['os'].mkdir('{mark}')",
    ):
        assert collocate("evaluate", solution, "--at", "x=0.5", "--expression", planted).exit_code == 2
        assert collocate("evaluate", solution, "--at", f"x={planted}").exit_code == 2
    assert not mark.exists()


STATED = ["--equation", "u_xx = u", "--domain", "x: 0..1", "--boundary", "u = exp(x)", "--reference", "u = exp(x)"]


def test_a_statement_on_the_command_line_is_solved(collocate, tmp_path: Path):
    result = collocate("solve", *STATED, "--network", "6", "--steps", 8, "--points", 60, "--json", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["problem"] == "u_xx = u"
    assert found["relative_l2"]["u"] < 1e-3
    assert co.load(tmp_path / "solution.collocate")(x=0.5) == pytest.approx(np.exp(0.5), rel=1e-3)


def test_a_statement_on_the_command_line_is_planned(collocate):
    result = collocate("plan", "--equation", "u_t=-v", "--equation", "v_t=u", "--domain", "t:0..2*pi",
                       "--initial", "u=1", "--initial", "v=0")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "t ∈ [0, 2*pi]" in result.stdout
    assert "equation 2  v_t = u" in result.stdout


INVERSE = ["--equation", "u_t = -k*u", "--domain", "t: 0..2", "--unknown", "k = 1"]


def test_measurements_in_a_file_find_a_number(collocate, tmp_path: Path):
    times = np.linspace(0, 2, 9)
    rows = "".join(f"{float(2 * np.exp(-0.7 * t))!r},station {t},{t!r},0.1\n" for t in times.tolist())
    (tmp_path / "measured.csv").write_text(f"u, note, t, sigma\n\n{rows}")
    given = [*INVERSE, "--data", tmp_path / "measured.csv"]
    result = collocate("solve", *given, "--network", "6", "--steps", 40, "--points", 60)
    assert result.exit_code == 0, result.stderr
    found = dict(line.strip().split("  ", 1) for line in result.stdout.splitlines()[1:])
    assert float(found["unknowns"].split()[1]) == pytest.approx(0.7, abs=1e-3)
    lower, upper = (float(end) for end in found["unknowns"].split("(")[1].rstrip(")").split(" to "))
    assert lower < 0.7 < upper
    assert upper - lower > 0.01


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "--data takes a CSV file with a header; cannot read"),
        ("", "line 1: it is empty"),
        ("t,u,u\n", "line 1: two columns are called 'u'"),
        ("t,u\n\n0,1\n1\n", "line 4: 1 cells where the header has 2"),
        ("t,u\n", "one row or more"),
        ("t,u\n0,one\n", "the column u must hold real numbers"),
        ("t,w\n0,1\n", "a table has the columns t, w"),
        ("t,u\n3,1\n", "lies outside the domain"),
    ],
)
def test_wrong_measurements_are_told(collocate, tmp_path: Path, text: str | None, expected: str):
    if text is not None:
        (tmp_path / "measured.csv").write_text(text)
    result = collocate("plan", *INVERSE, "--data", tmp_path / "measured.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr


def test_a_value_at_the_end_of_time_is_planned(collocate):
    result = collocate("plan", "--equation", "u_tt=-u", "--domain", "t:0..1", "--initial", "u=0", "--final", "u=t")
    assert result.exit_code == 0, result.stderr
    assert "final u" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "give a FILE, a NAME from `collocate problems`, or a statement: --equation"),
        (["burgers", *STATED], "'burgers' and --equation are both given"),
        (["--equation", "u_xx = 0"], "--domain missing"),
        (["--initial", "u = 0"], "--equation and --domain missing"),
        ([*STATED, "--boundary", "u = 0 on lft"], "no part 'lft'"),
    ],
)
def test_a_wrong_statement_on_the_command_line_is_told(collocate, arguments: list[str], expected: str):
    result = collocate("plan", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr


WAVES = ["--equation", "u_t + 30*u_x = 0", "--domain", "x: 0..1, t: 0..1", "--initial", "u = sin(2*pi*x)"]


def test_time_in_slabs(collocate):
    stated = [*WAVES, "--boundary", "u periodic in x", "--network", "4"]
    result = collocate("plan", *stated)
    assert "in 20 slabs" in result.stdout, result.stderr
    result = collocate("plan", *stated, "--slabs", 2)
    assert "in 2 slabs" in result.stdout and "as asked" in result.stdout
    result = collocate("solve", *stated, "--slabs", 2, "--steps", 2, "--points", 30, "--json", "--quiet")
    assert json.loads(result.stdout)["slabs"] == 2, result.stderr
    result = collocate("solve", *stated, "--slabs", "few")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "slabs must be 'auto' or a whole number, one or more; got 'few'" in result.stderr


def test_help_tells_defaults(collocate):
    """Square brackets would be taken for markup and left out."""
    assert "default: jax" in " ".join(collocate("solve", "--help").stdout.split())
