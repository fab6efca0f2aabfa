"""A solution as a C program, called from each language of `examples/bindings/`: it gives the oracle's values there.

A language that is not installed is skipped; in CI it fails, since `make test` installs all of them.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from collocate.exporting import to_c
from collocate.exporting.evaluate import evaluate
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record

from ..small import heat
from ..unit.exporting.untrained import points_of, untrained

EXAMPLES = Path(__file__).parents[2] / "examples" / "bindings"
# Of each language: its program, and the tools that it is compiled and run with beside a C compiler.
LANGUAGES = {
    "c": ("main.c", ()),
    "cpp": ("main.cpp", ("c++",)),
    "fortran": ("main.f90", ("gfortran",)),
    "go": ("main.go", ("go",)),
    "rust": ("main.rs", ("rustc",)),
    "java": ("Main.java", ("javac", "java")),
    "csharp": ("Main.cs", ("mcs", "mono")),
    "r": ("main.R", ("R", "Rscript")),
    "octave": ("main.m", ("mkoctfile", "octave-cli")),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with solution.c, solution.h and vectors.csv of x, t, u and u_x at a hundred points."""
    folder = tmp_path_factory.mktemp("exported")
    solution = untrained(heat())
    graph = record(solution, read_outputs(solution.problem, "u, u_x"))
    to_c.write(graph, folder)
    points = points_of(solution.problem, 100)
    table = {**points, **evaluate(graph, points)}
    with (folder / "vectors.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*(map(repr, values.tolist()) for values in table.values()), strict=True))
    return folder


def built(exported: Path, language: str, folder: Path) -> list[str]:
    """Compiles the example in `folder` as its first lines say, and gives the last command, which runs it."""
    program, tools = LANGUAGES[language]
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        what = f"{language} needs {', '.join(missing)}, not installed here"
        if os.environ.get("CI"):
            pytest.fail(f"{what}; `make test` installs it on Debian as root", pytrace=False)
        pytest.skip(what)
    shutil.copytree(EXAMPLES / language, folder, dirs_exist_ok=True)
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    commands = re.findall(r"^\W*\$ (.+)$", (folder / program).read_text(), re.MULTILINE)
    for command in commands[:-1]:
        done = ran(command, folder)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return commands


def ran(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True)


def environment() -> dict[str, str]:
    javac = shutil.which("javac")
    home = {"JAVA_HOME": str(Path(javac).resolve().parents[1])} if javac else {}
    return {**home, **os.environ}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_gets_the_solution_s_values(language: str, exported: Path, tmp_path: Path):
    command = built(exported, language, tmp_path)[-1]
    done = ran(command, tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "100 points are equal"), done.stderr
    lines = (tmp_path / "vectors.csv").read_text().splitlines()
    *numbers, last = lines[60].split(",")
    lines[60] = ",".join([*numbers, repr(float(last) + 2e-12)])
    (tmp_path / "vectors.csv").write_text("\n".join(lines) + "\n")
    assert ran(command, tmp_path).returncode != 0, "a value that differs must be told"


def test_every_example_is_run():
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == set(LANGUAGES)


def test_the_c_program_under_sanitizers(exported: Path, tmp_path: Path):
    built(exported, "c", tmp_path)
    flags = "-std=c99 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"
    command = f"gcc {flags} main.c solution.c -lm -o checked && ./checked vectors.csv"
    done = ran(command, tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "100 points are equal"), done.stderr


TWO = """
#include "burgers.h"
#include "solution.h"
int main(void)
{
    double x = 0.3, t = 0.2, first[2], second[2];
    return solution_evaluate(1, &x, &t, first, first + 1) || burgers_evaluate(1, &x, &t, second, second + 1)
        || first[0] != second[0] || first[1] != second[1];
}
"""


def test_two_solutions_in_one_program(exported: Path, tmp_path: Path):
    """As docs/how-to/other-languages.md tells: by another name for one of them."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    (tmp_path / "main.c").write_text(TWO)
    for ending in ("c", "h"):
        rename = f"sed 's/solution/burgers/g; s/SOLUTION/BURGERS/g' solution.{ending} > burgers.{ending}"
        assert ran(rename, tmp_path).returncode == 0
    done = ran("cc -std=c99 -Wall -Wextra -Werror main.c solution.c burgers.c -lm -o main && ./main", tmp_path)
    assert done.returncode == 0, done.stderr
