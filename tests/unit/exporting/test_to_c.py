"""The C program, compiled with warnings as errors, computes the oracle's values; it keeps to itself and its arrays."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from collocate.errors import ExportError
from collocate.exporting import c_source, to_c
from collocate.exporting.builder import Builder
from collocate.exporting.c_source import STACK
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.exporting.recording import Recorded, RecordingBackend

from .test_writers import GRAPHS, check

SANITIZERS = ("-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@pytest.mark.parametrize("graph", [name for name in GRAPHS if name != "slabs, single"])
def test_the_program_agrees(graph: str, tmp_path: Path):
    check(GRAPHS[graph](), to_c, tmp_path)


def of_one(build: object, dtype: str = "float64") -> Graph:
    """{"u": build(bk, x)} of x."""
    builder = Builder(["x"], dtype)  # type: ignore[arg-type]
    found = build(RecordingBackend(builder), Recorded(builder, 0))  # type: ignore[operator]
    return builder.finish({"u": found.id})


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_it_computes_itself_is_exact_to_rounding_everywhere(dtype: str, tmp_path: Path):
    builder = Builder(["x"], dtype)  # type: ignore[arg-type]
    bk, x = RecordingBackend(builder), Recorded(builder, 0)
    to_c.write(builder.finish({"tanh": bk.tanh(x).id, "sigmoid": bk.sigmoid(x).id}), tmp_path)
    sizes = 10.0 ** np.linspace(-30, 1.8, 3000)
    points = np.concatenate([np.linspace(-25, 25, 5001), sizes, -sizes]).astype(dtype)
    found, exact = to_c.load(tmp_path)({"x": points}), points.astype(np.longdouble)
    rounding = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(found["tanh"].astype(np.longdouble), np.tanh(exact), rtol=2 * rounding)
    np.testing.assert_allclose(found["sigmoid"].astype(np.longdouble), 1 / (1 + np.exp(-exact)), rtol=2 * rounding)
    far = to_c.load(tmp_path)({"x": np.array([np.inf, -np.inf, np.nan, 1e30, -0.0])})
    np.testing.assert_array_equal(far["tanh"], np.array([1, -1, np.nan, 1, -0.0]))
    np.testing.assert_allclose(far["sigmoid"], [1, 0, np.nan, 1, 0.5], atol=1e-30)
    assert np.signbit(far["tanh"][4])


def test_names_may_be_keywords_greek_or_those_that_the_program_uses(tmp_path: Path):
    names = ["double", "new", "ν", "n", "count", "BLOCK", "input_0", "argument_1", "_start", "linux"]
    builder = Builder(names, "float64")
    total = sum((Recorded(builder, k) * float(k + 1) for k in range(1, len(names))), Recorded(builder, 0))
    graph = builder.finish({"v6": total.id, "int": total.id, "start": 2, "NAN": 0})
    check(graph, to_c, tmp_path)
    (tmp_path / "main.cpp").write_text('#include <cmath>\n#include <cstdio>\n#include "solution.h"\n')
    compiled("g++", "-Wall", "-Wextra", "-Werror", "-c", tmp_path / "main.cpp", "-o", tmp_path / "main.o")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weights_are_in_the_program_to_the_last_bit(dtype: str, tmp_path: Path):
    builder = Builder(["x"], dtype)  # type: ignore[arg-type]
    weights = np.random.default_rng(0).normal(size=(1, 50)) * 10.0 ** np.arange(-25, 25)
    row = Recorded(builder, 0) @ weights
    to_c.write(builder.finish({f"u_{k}": row[:, k : k + 1].id for k in range(50)}), tmp_path)
    found = to_c.load(tmp_path)({"x": np.ones(1)})
    np.testing.assert_array_equal([found[f"u_{k}"][0] for k in range(50)], weights[0].astype(dtype))


def test_nan_stays_nan_and_its_neighbours_numbers(tmp_path: Path):
    graph = of_one(lambda bk, x: bk.tanh(bk.concat([x, x * x], axis=1) @ np.ones((2, 5))) @ np.ones((5, 1)))
    to_c.write(graph, tmp_path)
    batch = {"x": np.where(np.arange(50) % 7 == 3, np.nan, 0.1)}
    np.testing.assert_allclose(to_c.load(tmp_path)(batch)["u"], evaluate(graph, batch)["u"], rtol=1e-14)


def test_return_codes_no_points_and_an_output_in_place_of_its_input(tmp_path: Path):
    to_c.write(of_one(lambda bk, x: bk.sin(x)), tmp_path)
    library = ctypes.CDLL(str(to_c.compiled(tmp_path, tmp_path)))
    values = np.linspace(0, 1, 100)
    expected, pointer = np.sin(values), ctypes.c_void_p(values.ctypes.data)
    assert library.solution_evaluate(ctypes.c_size_t(100), None, pointer) == 1
    assert library.solution_evaluate(ctypes.c_size_t(0), None, None) == 0
    assert library.solution_evaluate(ctypes.c_size_t(100), pointer, pointer) == 0
    np.testing.assert_allclose(values, expected, rtol=1e-15)


@pytest.mark.parametrize("places", [(0, 1), (1, 0), (1, 2), (2, 1), (2, 0)])
def test_outputs_may_be_written_over_any_input(places: tuple[int, int], tmp_path: Path):
    """u and v each in the array of x (0), of y (1), or one of its own (2): over several blocks."""
    builder = Builder(["x", "y"], "float64")
    x, y = Recorded(builder, 0), Recorded(builder, 1)
    to_c.write(builder.finish({"u": (x + 2.0 * y).id, "v": (x - y).id}), tmp_path)
    library = ctypes.CDLL(str(to_c.compiled(tmp_path, tmp_path)))
    arrays = np.random.default_rng(0).random((3, 100))
    expected = (arrays[0] + 2 * arrays[1], arrays[0] - arrays[1])
    pointers = [ctypes.c_void_p(row.ctypes.data) for row in arrays]
    given = [*pointers[:2], *(pointers[place] for place in places)]
    assert library.solution_evaluate(ctypes.c_size_t(100), *given) == 0
    np.testing.assert_allclose(arrays[[*places]], expected, rtol=1e-15)


def test_a_compiler_may_have_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    to_c.write(of_one(lambda bk, x: bk.sin(x)), tmp_path)
    monkeypatch.setenv("CC", "env gcc -DNOTHING='a b'")
    assert to_c.load(tmp_path)({"x": np.zeros(1)})["u"] == 0.0


def test_however_wide_the_network_the_stack_is_small(tmp_path: Path):
    wide = np.full((1, 3000), 1e-3)
    graph = of_one(lambda bk, x: bk.tanh(bk.tanh(x @ wide) * bk.tanh(x @ (2 * wide)) + (x @ wide)) @ wide.T)
    check(graph, to_c, tmp_path)
    text = (tmp_path / "solution.c").read_text()
    rows = sum(map(int, re.findall(r"^    real a\w+\[(\d+) \* BLOCK\];$", text, re.MULTILINE)))
    block = re.search(r"#define BLOCK (\d+)", text)
    assert rows > 6000 and block and int(block[1]) > 1 and rows * int(block[1]) * 8 <= STACK


def test_arrays_are_used_again(tmp_path: Path):
    """A hundred layers in a row need two arrays, not a hundred."""

    def layers(bk: RecordingBackend, x: Recorded) -> Recorded:
        value = x @ np.ones((1, 6))
        for k in range(100):
            value = bk.tanh(value @ np.full((6, 6), 0.01 * k))
        return value[:, 2:3]

    check(of_one(layers), to_c, tmp_path)
    assert len(re.findall(r"^    real a6_", (tmp_path / "solution.c").read_text(), re.MULTILINE)) == 2


MAIN = """
#include "solution.h"
#include <stdlib.h>
int main(void)
{
    for (size_t count = 1; count < 140; count += 23) {
        solution_real *given[2], *found[SOLUTION_OUTPUTS];
        for (size_t k = 0; k < 2; k++) {
            given[k] = malloc(count * sizeof(solution_real));
            for (size_t p = 0; p < count; p++)
                given[k][p] = (solution_real)(p + 1 + k) / (solution_real)(count + 2);
        }
        for (size_t k = 0; k < SOLUTION_OUTPUTS; k++)
            found[k] = malloc(count * sizeof(solution_real));
        if (solution_evaluate(count, given[0], given[1], OUTPUTS))
            return 1;
        for (size_t k = 0; k < 2; k++)
            free(given[k]);
        for (size_t k = 0; k < SOLUTION_OUTPUTS; k++)
            free(found[k]);
    }
    return 0;
}
"""


@pytest.mark.parametrize("graph", ["every operation", "slabs, single"])
def test_it_stays_within_its_arrays_and_the_language(graph: str, tmp_path: Path):
    made = GRAPHS[graph]()
    to_c.write(made, tmp_path)
    outputs = ", ".join(f"found[{k}]" for k in range(len(made.outputs)))
    (tmp_path / "main.c").write_text(MAIN.replace("OUTPUTS)", f"{outputs})"))
    sources = (tmp_path / "solution.c", tmp_path / "main.c")
    compiled("gcc", *SANITIZERS, *sources, "-o", tmp_path / "main", "-lm")
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_it_needs_and_shows_nothing_but_its_own(tmp_path: Path):
    to_c.write(GRAPHS["slabs"](), tmp_path)
    compiled("gcc", *to_c.FLAGS, "-c", tmp_path / "solution.c", "-o", tmp_path / "solution.o")
    table = subprocess.run(["nm", "--format=posix", tmp_path / "solution.o"], capture_output=True, text=True).stdout
    symbols = [line.split()[:2] for line in table.splitlines()]
    assert {name for name, kind in symbols if kind == "U"} <= {
        "memset",
        "memcpy",
        "sin",
        "cos",
        "_GLOBAL_OFFSET_TABLE_",
        *("__cpu_indicator_init", "__cpu_model"),  # of GCC itself, which asks the processor
    }
    shown = {"solution_evaluate", "solution_inputs", "solution_outputs"}
    assert {name for name, kind in symbols if kind.isupper() and kind != "U"} == shown
    assert not [name for name, kind in symbols if kind in "bBC"], "no variables"


def test_without_a_compiler_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    to_c.write(of_one(lambda bk, x: bk.sin(x)), tmp_path)
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(ExportError, match=r"there is no no-such-compiler: install gcc or clang"):
        to_c.load(tmp_path)


def test_a_program_that_does_not_compile_or_run_as_it_should_says_why(tmp_path: Path):
    to_c.write(of_one(lambda bk, x: bk.sin(x)), tmp_path)
    with pytest.raises(ExportError, match=r"does not compile solution.c: .*compile without -ffast-math"):
        to_c.load(tmp_path, ("-ffast-math",))
    (tmp_path / "solution.c").write_text("int solution_evaluate(void) { return 0; }\n")
    with pytest.raises(ExportError, match=r"no program of collocate's: .*solution_inputs"):
        to_c.load(tmp_path)


def compiled(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_no_stack_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(c_source, "STACK", 64)
    with pytest.raises(ExportError, match=r"would need \d+ bytes of stack for a point; it has 64"):
        to_c.write(GRAPHS["slabs"](), tmp_path)
