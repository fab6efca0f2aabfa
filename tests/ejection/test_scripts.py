"""Scripts run by themselves, on each framework: their first loss is that of `solve`, and they train."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import collocate as co
from collocate.ejection import script
from collocate.ejection.idioms import IDIOMS
from collocate.problems import load

from . import oracle, statements

SMALL: dict[str, Any] = {"network": (6, 6), "points": {"interior": 50, "face": 10}, "seed": 2}
STEPS = 5
STATED: dict[str, tuple[Any, dict[str, Any]]] = {
    "burgers": (lambda: load("burgers").problem, {}),
    "kovasznay": (lambda: load("kovasznay").problem, {}),
    "advection": (lambda: load("advection").problem, {"slabs": 1}),
    "disk": (statements.diffusion_on_a_disk, {"conditions": "soft", "weighting": {"initial u (initial)": 10.0}}),
    "functions": (statements.every_function, {"sampling": "halton"}),
}
RUN = """
import runpy, sys
for path in sys.argv[1:]:
    print("script", path)
    runpy.run_path(path, run_name="__main__")
assert not [name for name in sys.modules if name.startswith("collocate")]
"""


@pytest.fixture(scope="module")
def problems() -> dict[str, co.Problem]:
    return {name: make() for name, (make, _) in STATED.items()}


@pytest.fixture(scope="module")
def expected(problems: dict[str, co.Problem]) -> dict[str, float]:
    """The first losses of `solve`."""
    return {name: oracle.first_loss(problem, **SMALL, **STATED[name][1]) for name, problem in problems.items()}


@pytest.fixture(scope="module")
def by_our_adam(problems: dict[str, co.Problem]) -> list[float]:
    return oracle.losses(problems["burgers"], STEPS, **SMALL)


@pytest.fixture(scope="module", params=sorted(IDIOMS))
def output(request: pytest.FixtureRequest, problems: dict[str, co.Problem], tmp_path_factory: Any) -> dict[str, str]:
    """What each script prints, all of one framework run in one process where nothing of collocate is loaded."""
    folder = tmp_path_factory.mktemp(request.param)
    paths: list[Path] = []
    for name, problem in problems.items():
        text = script(problem, backend=request.param, steps=STEPS, **SMALL, **STATED[name][1])
        assert "collocate" not in text
        assert max(map(len, text.splitlines())) <= 120, name
        paths.append(folder / f"{name}.py")
        paths[-1].write_text(text, encoding="utf-8")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-W", "error::SyntaxWarning", "-c", RUN, *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert ran.returncode == 0, ran.stderr[-4000:]
    found = re.split(r"^script .*\n", ran.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(problems, found, strict=True))


def losses(text: str) -> list[float]:
    return [float(value) for value in re.findall(r"loss (\S+)", text)]


def test_the_first_loss_is_that_of_solve(output: dict[str, str], expected: dict[str, float]):
    for name, text in output.items():
        assert losses(text)[0] == pytest.approx(expected[name], rel=1e-10), name


def test_the_loss_falls_as_it_does_by_our_adam(output: dict[str, str], by_our_adam: list[float]):
    for name, text in output.items():
        assert losses(text)[-1] < losses(text)[0], name
    assert losses(output["burgers"]) == pytest.approx([by_our_adam[0], by_our_adam[-1]], rel=1e-4)


def test_what_is_found_is_shown(output: dict[str, str]):
    assert re.search(r"u lies between \S+ and \S+\n", output["burgers"])
    for field in "puv":
        assert re.search(rf"relative L2 error of {field}: \d", output["kovasznay"])
    assert 0.1 < float(re.findall(r"k = (\S+)", output["disk"])[0]) < 2.0
    assert float(re.findall(r"in = (\S+)", output["functions"])[0]) > 1.0
