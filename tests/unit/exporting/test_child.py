"""Processes of their own find what this one finds, give arrays back to the bit, and are not waited for for ever."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collocate.errors import ExportError
from collocate.exporting import child, node, to_executorch, to_python

ECHO = "def load(path):\n    print('a note of a library')\n    return lambda batch: batch\n"
RAISING = "def load(path):\n    raise ValueError('one\\ntwo')\n"
DYING = "def load(path):\n    import os\n    os.abort()\n"
SLEEPING = "def load(path):\n    import time\n    time.sleep(600)\n"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_come_back_to_the_bit_whatever_is_printed(dtype: str, tmp_path: Path):
    given = {"ν": np.array([np.nan, 0.1, -0.0, 1e-40, np.inf, -np.pi], dtype), "lambda": np.zeros(0, dtype)}
    (other, found), seconds = child.evaluated(ECHO, tmp_path, [{"x": np.ones(1)}, given], "it failed", repeats=3)
    assert [*found] == [*given] and [*other] == ["x"] and len(seconds) == 3
    for name, array in given.items():
        assert found[name].dtype == dtype and found[name].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("runner", "why"), [(RAISING, "it failed: two$"), (DYING, "it failed: it was ended by SIGABRT$")]
)
def test_why_a_process_died_is_said(runner: str, why: str, tmp_path: Path):
    with pytest.raises(ExportError, match=why):
        child.evaluated(runner, tmp_path, [], "it failed")


def test_a_users_own_packages_are_found_and_the_working_folder_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("own", "working", "model"):
        (tmp_path / name).mkdir()
    (tmp_path / "own" / "of_the_user.py").write_text("FACTOR = 3.0\n")
    (tmp_path / "working" / "numpy.py").write_text("raise RuntimeError('what lies in the working folder')\n")
    (tmp_path / "model" / "model.py").write_text(
        "import numpy as np\nimport of_the_user\n\nINPUTS = ('x',)\n\n\n"
        "def evaluate(x):\n    return {'u': np.asarray(x) * of_the_user.FACTOR}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path / "working")
    assert to_python.run(tmp_path / "model", [{"x": np.array([2.0])}])[0][0]["u"] == 6.0


def _node(folder: Path) -> Any:
    (folder / "waits.cjs").write_text("setTimeout(() => {}, 600000);\n")
    return node.run(folder / "waits.cjs", {}, folder)


def _executorch(folder: Path) -> Any:
    (folder / "model.json").write_text('{"inputs": ["x"], "outputs": ["u"], "dtype": "float64", "largest_batch": 8}')
    return to_executorch.load(folder)({"x": np.zeros(3)})


WAITING = {
    "a Python process": lambda folder: child.evaluated(SLEEPING, folder, [], "it failed"),
    "Node": _node,
    "ExecuTorch's runtime": _executorch,
}


@pytest.mark.parametrize("what", WAITING)
def test_what_never_ends_is_ended(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    node.node()  # found before its time is short
    monkeypatch.setattr(child, "SECONDS", 0.3)
    monkeypatch.setattr(node, "packages", lambda locked: locked)
    monkeypatch.setattr(to_executorch, "_CHILD", [sys.executable, "-c", "import time; time.sleep(600)"])
    with pytest.raises(ExportError, match=r"failed.*: it was ended after 0\.3 s$"):
        WAITING[what](tmp_path)
