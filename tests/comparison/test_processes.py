"""A run's process answers, dies, or hangs: each is a row, and nothing is left running."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from collocate.comparison import processes

CHILD = """
import json, os, subprocess, sys, time
request = json.load(sys.stdin)
print("this goes to whoever looks", file=sys.stderr)
if "compiled" in request:
    os.makedirs(os.environ["TORCHINDUCTOR_CACHE_DIR"], exist_ok=True)
    open(os.path.join(os.environ["TORCHINDUCTOR_CACHE_DIR"], request["compiled"]), "w").close()
if request["do"] == "answer":
    names = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TORCHINDUCTOR_CACHE_DIR")
    print(json.dumps({"failed": None, "environment": {name: os.environ.get(name) for name in names}}))
if request["do"] == "die":
    os.abort()
if request["do"] == "leave":
    sys.exit("there is no such thing")
if request["do"] == "hang":
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open(request["pids"], "w").write(f"{os.getpid()} {worker.pid}\\n")
    time.sleep(600)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that does as it is asked."""
    (tmp_path / "obedient.py").write_text(CHILD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "obedient"


def gone(pids: Path) -> bool:
    """Whether the processes ended, within a while."""
    for pid in map(int, pids.read_text().split()):
        for _ in range(100):
            state = Path(f"/proc/{pid}/stat")
            if not state.exists() or state.read_text().split()[2] == "Z":  # dead, and nobody's child in a container
                break
            time.sleep(0.05)
        else:
            return False
    return True


def test_an_answer_comes_from_an_environment_without_what_slows(child: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1")
    found = processes.ask(child, {"do": "answer"}, 60.0, {"TORCHINDUCTOR_CACHE_DIR": "here"})
    assert list(found["environment"].values()) == [None, None, "here"]


@pytest.mark.parametrize(
    ("do", "said"), [("die", "ended by SIGABRT and"), ("leave", "with exit code 1 and.*\nthere is no such thing")]
)
def test_a_process_that_ends_without_an_answer_is_a_failure(child: str, do: str, said: str):
    found = processes.ask(child, {"do": do}, 60.0)
    assert re.search(said, found["failed"])


def test_a_process_that_hangs_is_ended_with_its_children(child: str, tmp_path: Path):
    pids = tmp_path / "pids"
    found = processes.ask(child, {"do": "hang", "pids": str(pids)}, 3.0)
    assert found == {"failed": "no answer after 3 s, and ended"}
    assert gone(pids)


def test_ctrl_c_ends_it_too(child: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pids, communicate = tmp_path / "pids", subprocess.Popen.communicate

    def interrupted(process: Any, text: str | None = None, timeout: float | None = None) -> Any:
        if text is None:
            return communicate(process)
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None
        while not (pids.exists() and pids.read_text().endswith("\n")):
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        processes.ask(child, {"do": "hang", "pids": str(pids)}, 600.0)
    assert gone(pids)


def test_a_run_ends_with_the_comparison_that_started_it():
    """Here from the start: that parent is not there."""
    code = "import time; from collocate.comparison import child; child._end_with(0); time.sleep(600)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1


def test_a_cache_that_held_all_is_told(child: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "RUN", child)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "of the user"))
    runs = processes.Runs(tmp_path / "caches")
    compiling = {"do": "answer", "case_limit": 1.0, "compiled": "a kernel"}
    case = {"id": "poisson2d/torch", "backend": "torch", "mode": "compiled"}
    first = runs(case, compiling)
    assert first["compiled_from_cache"] is False
    assert first["environment"]["TORCHINDUCTOR_CACHE_DIR"].startswith(str(tmp_path / "caches"))
    assert runs(case, compiling)["compiled_from_cache"] is True
    assert runs(case, {**compiling, "compiled": "another kernel"})["compiled_from_cache"] is False
    assert runs({**case, "id": "poisson2d/torch/nested"}, compiling)["compiled_from_cache"] is False
    assert runs({**case, "mode": "eager"}, compiling)["compiled_from_cache"] is None
    keeps_nothing = {**case, "id": "poisson2d/tensorflow", "backend": "tensorflow"}
    assert [runs(keeps_nothing, compiling)["compiled_from_cache"] for _ in range(2)] == [False, False]
