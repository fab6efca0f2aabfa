"""What only a process of its own shows: imports, the real standard output, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from collocate import compilation_cache

HEAVY = {"jax", "torch", "tensorflow", "sympy", "scipy", "numpy", "matplotlib"}
RUN = "from collocate.cli.main import app; app()"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", RUN, *map(str, arguments)]


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules in memory when the command ends."""
    code = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {RUN}"
    run = [sys.executable, "-c", code, *arguments]
    found = subprocess.run(run, check=True, capture_output=True, text=True, timeout=120)
    return {name.split(".")[0] for name in found.stderr.split()}


def test_help_and_the_list_of_problems_load_nothing_heavy():
    assert loaded_by("--help") & HEAVY == set()
    assert loaded_by("solve", "--help") & HEAVY == set()
    assert loaded_by("problems") & HEAVY == set()


def test_noise_below_python_does_not_reach_standard_output(growth: Path, tmp_path: Path):
    noisy = tmp_path / "noisy.py"
    shout = "import ctypes, os\nos.system('echo from the shell')\nctypes.CDLL(None).printf(b'from C\\n')\n"
    noisy.write_text(shout + growth.read_text())
    run = command("solve", noisy, "--json", "--steps", 1)
    # Without that variable C code buffers what it writes to a pipe, which is how it comes out too late.
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    found = subprocess.run(run, capture_output=True, text=True, timeout=120, env=buffered)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["problem"] == "noisy"
    assert found.stdout.count("\n") == 1
    for noise in ("from the shell", "from C", "noise of the file"):
        assert noise in found.stderr


def test_ctrl_c_stops_and_keeps_the_best(growth: Path, tmp_path: Path):
    endless = ["--optimizer", "adam", "--steps", 10_000_000, "--accuracy", 1e-300]
    run = command("solve", growth, "--json", "--out", tmp_path / "out", *endless)
    process = subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "step" in line:  # the first event has been shown: it trains
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert json.loads(out)["stopped_because"] == "interrupted"
    assert (tmp_path / "out" / "solution.collocate").exists()


def test_a_second_process_finds_what_the_first_compiled(growth: Path, tmp_path: Path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    environment.pop("JAX_COMPILATION_CACHE_DIR", None)
    held: list[set[Path]] = []
    for _ in range(2):
        run = command("solve", growth, "--json", "--quiet", "--steps", 1)
        subprocess.run(run, check=True, capture_output=True, timeout=120, env=environment)
        place = {"JAX_COMPILATION_CACHE_DIR": str(tmp_path / "collocate" / "jax")}
        held.append(compilation_cache.entries("jax", place) or set())
    assert held[0] and held[0] == held[1]
