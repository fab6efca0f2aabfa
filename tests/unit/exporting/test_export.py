"""An export leaves proven artifacts with their manifests, and what was there before wherever it does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate.errors import ArgumentError, ExportError, StoreError
from collocate.exporting import export, manifest, node, vectors
from collocate.exporting.checking import check
from collocate.exporting.export import make
from collocate.exporting.graph import Graph
from collocate.exporting.record import record
from collocate.exporting.targets import TARGETS, Target

from ...small import heat, oscillator
from . import fake
from .untrained import untrained


@pytest.fixture(scope="module")
def warm() -> co.Solution:
    return untrained(heat())


def add(monkeypatch: pytest.MonkeyPatch, name: str, **choices: Any) -> None:
    monkeypatch.setitem(TARGETS, name, replace(fake.REGISTERED, name=name, title=name.title(), **choices))


def left(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def factor(folder: Path) -> float:
    """Of the `fake.graph()` that lies there, found to be whole."""
    values = fake.load(manifest.read(folder).folder)({"x": np.array([1.0]), "t": np.array([1.0])})
    return float(values["u"][0] / np.sin(1.0))


def test_an_artifact_is_what_its_solution_is(target: ModuleType, warm: co.Solution, tmp_path: Path):
    found = co.export(warm, "fake", "u, u.diff(x), flux=-0.1*u_xx", out=tmp_path / "out")
    artifact = found.artifacts["fake"]
    assert left(tmp_path) == ["out/fake/manifest.json", "out/fake/model.json", "out/fake/vectors.json"]
    assert artifact.folder == tmp_path / "out" / "fake"
    points = {"x": np.array([0.25, 0.5]), "t": np.array([0.0, 1.0])}
    values = fake.load(artifact.folder)(points)
    assert list(values) == ["u", "u_x", "flux"]
    for name, expression in (("u", "u"), ("u_x", "u_x"), ("flux", "-0.1*u_xx")):
        assert values[name] == pytest.approx(warm.at(expression, **points), rel=1e-12)


def test_a_target_may_compute_more_than_is_asked_and_be_told_the_solution(target, warm, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(
        target, "outputs", lambda problem, asked: {**asked, "twice": 2 * problem.fields[0]}, raising=False
    )
    write = target.write
    monkeypatch.setattr(target, "write", lambda graph, folder, solution: told.append(solution) or write(graph, folder))
    add(monkeypatch, "fake", of_solution=True)
    artifact = co.export(warm, "fake", "u", out=tmp_path).artifacts["fake"]
    assert told == [warm]
    assert [each["name"] for each in artifact.manifest["outputs"]] == ["u", "twice"]
    values = fake.load(artifact.folder)({"x": np.array([0.25]), "t": np.array([0.5])})
    assert values["twice"] == pytest.approx(2 * warm(x=0.25, t=0.5), rel=1e-12)


def test_the_manifest_says_what_it_is_and_of_whom(target: ModuleType, warm: co.Solution, tmp_path: Path):
    told = co.export(warm, ["fake"], ["u", "u_x"], out=tmp_path).artifacts["fake"].manifest
    x = {"name": "x", "role": "space", "lower": 0.0, "upper": 1.0, "unit": None}
    assert told["inputs"] == [x, {**x, "name": "t", "role": "time"}]
    assert told["outputs"] == [{"name": name, "expression": name, "unit": None} for name in ("u", "u_x")]
    assert (told["target"], told["dtype"]) == ("fake", "float64")
    assert told["parity"]["batches"] == [1, 7, 1000]
    assert told["parity"]["seconds_per_point"] > 0
    for each in told["parity"]["outputs"].values():
        assert each["largest_difference"] <= 1e-12 * each["scale"]
        assert each["scale"] > 0
    provenance = told["provenance"]
    assert "u(x, t)" in provenance["problem"]["statement"]
    assert provenance["solution"] == {**warm.settings, "slabs": 1, "stages": 1}
    assert provenance["versions"]["collocate"] == co.__version__
    assert json.loads((tmp_path / "fake" / "manifest.json").read_text()) == told


def test_it_is_shown_as_a_table(target: ModuleType, warm: co.Solution, tmp_path: Path):
    found = co.export(warm, "fake", "u, u_x", dtype="float32", out=tmp_path)
    heading, _, row = str(found).splitlines()
    for part in ("target", "files", "size", "dtype", "largest difference", "of the largest value", "time per point"):
        assert part in heading
    outputs = found.artifacts["fake"].manifest["parity"]["outputs"].values()
    assert f" {max(each['largest_difference'] / each['largest_value'] for each in outputs):.1e} " in row
    for part in ("fake", "model.json", "KiB", "float32", "u ", "u_x ", "µs"):
        assert part in row


def test_of_what_cancels_in_single_precision_is_warned(target: ModuleType, warm: co.Solution, tmp_path: Path):
    lost = "lost=sqrt(1e8 + u**2) - sqrt(1e8 + u**2 + 0.001)"
    with pytest.warns(UserWarning, match="Fake: lost is off by up to .* larger terms cancel in it, and float32 holds"):
        assert not co.export(warm, "fake", lost, dtype="float32", out=tmp_path).failed
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not co.export(warm, "fake", lost, dtype="float64", out=tmp_path).failed


def test_vectors_are_points_and_what_comes_out(target: ModuleType, warm: co.Solution, tmp_path: Path):
    co.export(warm, "fake", "u, u_x", dtype="float32", out=tmp_path)
    stored = json.loads((tmp_path / "fake" / vectors.NAME).read_text())
    points = {name: np.array(values) for name, values in stored["inputs"].items()}
    assert list(points) == ["x", "t"]
    assert 16 <= len(points["x"]) <= 32
    assert {(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)} <= set(
        zip(*map(np.ndarray.tolist, points.values()), strict=True)
    )
    for name, values in stored["outputs"].items():
        assert np.array_equal(points["x"].astype(np.float32), points["x"])
        assert np.allclose(values, warm.at(name, **points), rtol=1e-12, atol=1e-12)
        assert 5e-6 * np.max(np.abs(values)) <= stored["tolerances"][name] < 1e-3


def test_a_file_of_the_user_s_own_is_not_replaced(target: ModuleType, warm: co.Solution, tmp_path: Path):
    co.export(warm, "fake", out=tmp_path)
    own = tmp_path / "fake" / "main.c"
    own.touch()
    with pytest.raises(StoreError, match=r"fake holds main\.c, which no export wrote"):
        co.export(warm, "fake", out=tmp_path)
    assert own.exists()


def spoiled(folder: Path) -> Any:
    run = fake.load(folder)
    return lambda batch: {name: values * (1 + 1e-10) for name, values in run(batch).items()}


def test_a_failed_parity_deletes_the_artifact_and_others_go_on(
    target: ModuleType, warm: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "wrong_target", ModuleType("wrong_target"))
    for name, value in {"write": fake.write, "load": spoiled}.items():
        monkeypatch.setattr(sys.modules["wrong_target"], name, value, raising=False)
    add(monkeypatch, "wrong", module="wrong_target")
    found = co.export(warm, "wrong,fake", out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fake"]
    assert list(found.artifacts) == ["fake"]
    assert "not equal to its solution to 1e-12: u is off by" in found.failed["wrong"]
    assert "wrong failed: it is not equal" in str(found)


@pytest.mark.parametrize("named", ["write", "load"])
def test_what_a_library_raises_is_told_and_the_earlier_artifact_stays(
    target: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
):
    solution = untrained(oscillator(), slabs=1)
    co.export(solution, "fake", out=tmp_path)
    before = (tmp_path / "fake" / "manifest.json").read_bytes()
    monkeypatch.setattr(fake, named, lambda *_: {}["Erf"])
    found = co.export(solution, "fake", out=tmp_path)
    place = tmp_path / "fake"
    assert found.failed == {"fake": f"KeyError: 'Erf'; {place} stays as an earlier export left it"}
    assert (tmp_path / "fake" / "manifest.json").read_bytes() == before
    assert os.listdir(tmp_path) == ["fake"]


@pytest.mark.parametrize(
    ("name", "function", "why"),
    [
        ("write", lambda graph, folder: None, "its writer left no file"),
        ("load", lambda folder: (folder / "cache").touch() or fake_load(folder), "its runtime changed its files"),
        ("write", lambda graph, folder: (folder / "model.json").symlink_to("/etc/hostname"), "leads through the link"),
    ],
)
def test_a_writer_that_does_not_keep_to_its_folder(
    target: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, function: Any, why: str
):
    monkeypatch.setattr(fake, name, function)
    with pytest.raises((ExportError, StoreError), match=why):
        make(fake.REGISTERED, fake.graph(), fake.batches(), fake.about(), tmp_path / "fake")
    assert os.listdir(tmp_path) == []


fake_load = fake.load


@pytest.mark.parametrize(("told", "seconds"), [([], None), ([25.0, 12.5, 12.0], 0.25)])
def test_a_target_in_a_process_of_its_own_is_run_once_and_timed_by_itself_or_not_at_all(
    target: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[float], seconds: float | None
):
    asked = []

    def run(folder: Path, batches: Any) -> Any:
        asked.append([len(batch["x"]) for batch in batches])
        return [fake.load(folder)(batch) for batch in batches], told

    module = ModuleType("by_run")
    module.__dict__.update(write=fake.write, run=run)
    monkeypatch.setitem(sys.modules, "by_run", module)
    add(monkeypatch, "other", module="by_run")
    artifact = make(TARGETS["other"], fake.graph(), fake.batches(), fake.about(), tmp_path / "other")
    assert artifact.manifest["parity"]["seconds_per_point"] == seconds
    assert asked == [[1, 7, 50]]
    assert check(tmp_path, run=True).failed == {} and len(asked) == 2


def test_a_runtime_that_stays_is_loaded_once(target: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    loads = []
    monkeypatch.setattr(target, "load", lambda folder: loads.append(folder) or fake_load(folder))
    artifact = make(fake.REGISTERED, fake.graph(), fake.batches(), fake.about(), tmp_path / "fake")
    assert artifact.manifest["parity"]["seconds_per_point"] > 0 and len(loads) == 1


def test_a_run_that_is_killed_leaves_a_whole_export(target: ModuleType, tmp_path: Path):
    script = Path(__file__).with_name("killed.py")
    process = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    ended = json.loads(process.stdout)
    assert set(ended.values()) == {signal.SIGKILL}
    found = {moment: factor(tmp_path / moment / "fake") for moment in ended if moment != "moved aside"}
    # Where names cannot be exchanged there is a moment in which it lies beside.
    found["moved aside"] = factor(tmp_path / "moved aside" / ".fake.previous")
    old, new = pytest.approx(2.0, rel=1e-14), pytest.approx(3.0, rel=1e-14)
    assert found.pop("after the exchange") == new
    assert found == {"written": old, "proven": old, "before the exchange": old, "moved aside": old}
    for moment in ended:  # and the next export takes away what they left
        assert len(os.listdir(tmp_path / moment)) == 2
        make(fake.REGISTERED, fake.graph(), fake.batches(), fake.about(), tmp_path / moment / "fake")
        assert os.listdir(tmp_path / moment) == ["fake"]


def test_float64_is_left_only_with_a_word(
    target: ModuleType, warm: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    add(monkeypatch, "small", dtypes=("float32",))
    with pytest.warns(UserWarning, match="Small has no float64: its artifact computes in float32"):
        found = co.export(warm, "small,fake", out=tmp_path)
    assert {name: each.manifest["dtype"] for name, each in found.artifacts.items()} == {
        "small": "float32",
        "fake": "float64",
    }
    with pytest.raises(ExportError, match="Small has no float64, only float32: ask for the dtype float32, or for none"):
        co.export(warm, "fake,small", dtype="float64", out=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = co.export(warm, "small", dtype="float32", out=tmp_path)
    assert found.artifacts["small"].manifest["parity"]["tolerance"] == 5e-6


def test_all_that_is_missing_is_named_with_its_extra(warm: co.Solution, tmp_path: Path, monkeypatch: Any):
    add(monkeypatch, "one", packages=("onyx", "json"), extra="export")
    add(monkeypatch, "two", packages=("lite_rt",))
    with pytest.raises(ExportError) as caught:
        co.export(warm, ["one", "two"], out=tmp_path / "out")
    for part in ('One needs onyx: pip install "collocate[export]"', "Two needs lite_rt: pip install lite_rt"):
        assert part in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_package_that_cannot_be_imported_is_named_too(
    target: ModuleType, warm: co.Solution, tmp_path: Path, monkeypatch: Any
):
    add(monkeypatch, "broken", module="no_such_module", packages=("json",), extra="litert")
    found = co.export(warm, "broken", out=tmp_path)
    assert found.failed["broken"] == ("Broken: No module named 'no_such_module'; pip install \"collocate[litert]\"")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"to": "onyx"}, "there is no target 'onyx'; the targets are onnx, savedmodel, litert, tfjs, pt2, executorch"),
        ({"to": " , "}, "no target is given; the targets are onnx"),
        ({"to": []}, "no target is given"),
        ({"to": "fake", "dtype": "float16"}, "the dtype is 'float64' or 'float32'; got 'float16'"),
        ({"to": "fake", "outputs": "u, u"}, "two outputs are called 'u'"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_anything_is_written(
    target: ModuleType, warm: co.Solution, tmp_path: Path, given: dict[str, Any], why: str
):
    with pytest.raises(ExportError, match=why):
        co.export(warm, **given, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_no_export_wrote_is_not_replaced(target: ModuleType, warm: co.Solution, tmp_path: Path):
    own = tmp_path / "fake" / "manifest.json"
    own.parent.mkdir()
    own.write_text('{"name": "a progressive web app"}')
    with pytest.raises(StoreError, match="fake is there, and no export wrote it"):
        co.export(warm, "fake", out=tmp_path)
    assert own.read_text() == '{"name": "a progressive web app"}'
    own.unlink()
    co.export(warm, "fake", out=tmp_path)  # an empty folder is room
    (tmp_path / "fake" / "model.json").write_text("cut")
    co.export(warm, "fake", out=tmp_path)  # a damaged export is mended
    assert manifest.read(tmp_path / "fake").target == "fake"


def test_where_nothing_can_be_written(target: ModuleType, warm: co.Solution, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot make the folder .*file: "):
        co.export(warm, "fake", out=tmp_path / "file")


def test_a_file_that_cannot_be_kept_ends_its_own_target_alone(
    target: ModuleType, warm: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "linking", ModuleType("linking"))
    write = lambda graph, folder: (folder / "model.json").symlink_to("/etc/hostname")  # noqa: E731
    monkeypatch.setattr(sys.modules["linking"], "write", write, raising=False)
    add(monkeypatch, "linked", module="linking")
    found = co.export(warm, "linked,fake", out=tmp_path)
    assert "is refused: model.json leads through the link" in found.failed["linked"]
    assert [*found.artifacts] == ["fake"]


def test_a_graph_that_is_not_its_solution_is_never_delivered(
    target: ModuleType, warm: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As a pass of `optimise` that is wrong would make it: every runtime agrees with it."""

    def wrong(solution: co.Solution, expressions: Any, dtype: Any) -> Graph:
        graph = record(solution, expressions, dtype)
        constants = (replace(graph.constants[0], value=graph.constants[0].value * (1 + 1e-9)), *graph.constants[1:])
        return replace(graph, constants=constants)

    monkeypatch.setattr(export, "record", wrong)
    add(monkeypatch, "other")
    found = co.export(warm, "fake,other", "u, u_x", out=tmp_path)
    assert [*found.failed] == ["fake", "other"] and os.listdir(tmp_path) == []
    for reason in found.failed.values():
        assert "the graph that was recorded is wrong" in reason and "u is off by" in reason


def test_a_solution_in_single_precision_is_exported_to_double_rounding(target: ModuleType, tmp_path: Path):
    solution = untrained(heat(), dtype="float32", slabs=2)
    found = co.export(solution, "fake", "u, u_xx, residual", dtype="float64", out=tmp_path)
    assert found.failed == {}


def test_a_program_that_is_missing_is_named_before_anything_is_written(
    warm: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    node.node.cache_clear()
    monkeypatch.setattr(node, "_wheel", lambda: None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CC", "no-such-compiler")
    for name, why in (("tfjs", "Node.js 18 or later"), ("web", "Node.js 18 or later"), ("c", "no no-such-compiler")):
        with pytest.raises(ExportError, match=f"not installed: {TARGETS[name].title}: .*{why}"):
            co.export(warm, name, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_vectors_are_taken_where_there_are_numbers(tmp_path: Path, target: ModuleType):
    """Of 50 points three; of none, no artifact."""
    graph = fake.graph()
    (batch,) = [{name: array.copy() for name, array in each.items()} for each in fake.batches()[-1:]]
    batch["x"][:-3] = np.nan
    vectors.write(tmp_path, graph, batch, {"u": 1e-12, "v": 1e-12})
    assert len(json.loads((tmp_path / vectors.NAME).read_text())["inputs"]["x"]) == 3
    batch["x"][:] = np.nan
    with pytest.raises(ExportError, match="the outputs u, v are nowhere all numbers"):
        vectors.write(tmp_path, graph, batch, {"u": 1e-12, "v": 1e-12})


@pytest.mark.parametrize(
    ("part", "values", "why"),
    [
        ("inputs", ["a", "b"], "x is not a list of finite numbers"),
        ("inputs", ["1.5", "2.5"], "x is not a list of finite numbers"),
        ("inputs", [None, 1.0], "x is not a list"),
        ("inputs", [[1.0], [1.0, 2.0]], "malformed"),
        ("inputs", 1.0, "x is not a list"),
        ("outputs", [float("inf")], "u is not a list of finite numbers"),
        ("tolerances", "1e-3", "u is not a finite number"),
        ("tolerances", -1.0, "a tolerance is negative"),
        ("inputs", [1.0], "its lists differ in length"),
        (None, None, "its lists differ in length or are empty"),
    ],
)
def test_vectors_of_another_form_are_told_and_not_run(exported: Path, part: str | None, values: Any, why: str):
    document = json.loads((exported / vectors.NAME).read_text())
    if part is None:
        document |= {side: {name: [] for name in document[side]} for side in ("inputs", "outputs")}
    else:
        document[part][{"inputs": "x"}.get(part, "u")] = values
    (exported / vectors.NAME).write_text(json.dumps(document))
    told = json.loads((exported / manifest.NAME).read_text())
    manifest.write(exported, {name: told[name] for name in told if name not in ("kind", "format", "sha256")})
    assert why in check(exported, run=True).failed["fake"]


def test_every_target_is_listed_with_what_brings_it():
    asked = {"onnx", "savedmodel", "litert", "tfjs", "pt2", "executorch", "stablehlo", "c", "python", "web"}
    assert set(TARGETS) == asked
    for name, target in TARGETS.items():
        assert (target.name, target.module) == (name, f"collocate.exporting.to_{name}")
    assert [name for name, target in TARGETS.items() if target.dtypes == ("float32",)] == ["litert", "tfjs"]
    assert TARGETS["onnx"].extra == "export"


def test_versions_are_those_that_are_installed():
    assert Target("a", "A", "a.txt", "a", packages=("rich", "nothing_such")).versions == {"rich": version("rich")}


def test_vectors_tell_outputs_that_were_swapped(exported: Path, tmp_path: Path):
    assert check(exported.parent, run=True).failed == {}
    content = json.loads((exported / fake.FILE).read_text())
    content["outputs"] = [
        [name, number] for (name, _), (_, number) in zip(content["outputs"], content["outputs"][::-1], strict=True)
    ]
    (exported / fake.FILE).write_text(json.dumps(content))
    document = json.loads((exported / manifest.NAME).read_text())
    manifest.write(exported, {name: document[name] for name in document if name not in ("kind", "format", "sha256")})
    assert list(check(exported).artifacts) == ["fake"]
    found = check(exported, run=True)
    assert "not equal to its solution to 1e-12: u is off by" in found.failed["fake"]
    (exported / fake.FILE).unlink()
    assert "model.json is missing" in check(exported).failed["fake"]


def test_what_is_missing_is_named(warm: co.Solution):
    with pytest.raises(ArgumentError, match=r"export lacks to; it is called as export\(solution, to, outputs=…"):
        co.export(warm)  # pyright: ignore[reportCallIssue]
