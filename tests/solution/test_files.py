"""Solution files: what is saved comes back; what was tampered with is refused, and runs nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate import store, tree
from collocate.errors import BackendError, ExpressionError, StoreError
from collocate.planning import storage as plans
from collocate.store import container

POINTS = dict(zip("xt", np.random.default_rng(1).random((2, 20)), strict=True))
Change = Callable[[dict[str, Any], dict[str, np.ndarray]], Any]


def doctored(path: Path, change: Change) -> Path:
    """The file with its document or arrays changed, its checksum right again."""
    document, arrays = store.read(path, "solution")
    change(document, arrays)
    store.write(path, "solution", document, arrays)
    return path


@pytest.mark.parametrize("name", ["warm", "turning"])
def test_saved_loaded_and_saved_again(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    solution: co.Solution = request.getfixturevalue(name)
    solution.save(tmp_path / "first")
    loaded = co.load(tmp_path / "first")
    loaded.save(tmp_path / "second")
    co.load(tmp_path / "second").save(tmp_path / "third")
    assert store.read(tmp_path / "third", "solution")[0] == store.read(tmp_path / "second", "solution")[0]
    assert plans.to_json(loaded.plan) == plans.to_json(solution.plan)
    assert loaded.problem.to_json() == solution.problem.to_json()
    assert loaded.history == solution.history
    assert loaded.result == json.loads(json.dumps(solution.result))
    assert loaded.error() == solution.error()
    assert [slab.start for slab in loaded.slabs] == [slab.start for slab in solution.slabs]
    for ours, theirs in zip(solution.slabs, loaded.slabs, strict=True):
        assert tree.paths(ours.parameters) == tree.paths(theirs.parameters)
        for one, other in zip(tree.leaves(ours.parameters), tree.leaves(theirs.parameters), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[:-1], "cut short: 1 bytes are missing"),
        (lambda data: data[: len(data) // 2], "cut short"),
        (lambda data: data[:4], "cut short"),
        (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "checksum"),
        (lambda data: b"\x80\x04\x95" + data, "not a collocate file"),
    ],
)
def test_damaged_files(saved: Path, spoil: Callable[[bytes], bytes], said: str) -> None:
    saved.write_bytes(spoil(saved.read_bytes()))
    with pytest.raises(StoreError, match=said):
        co.load(saved)


def test_a_newer_file(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(container, "FORMAT", container.FORMAT + 1)
        doctored(saved, lambda document, arrays: None)
    with pytest.raises(StoreError, match=r"written by a newer collocate .* pip install --upgrade"):
        co.load(saved)


def test_no_file_and_no_backend(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot read"):
        co.load(tmp_path / "nothing")
    with pytest.raises(BackendError, match="choose one of"):
        co.load(saved, backend="theano")


WEIGHT = "slabs/0/stages/0/layers/0/weight"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d, a: a.update({WEIGHT: a[WEIGHT].T.copy()}), r"has shape \(10, 2\); its network needs \(2, 10\)"),
        (lambda d, a: a.pop(WEIGHT), "is missing"),
        (lambda d, a: d.update(slabs=[]), "slabs must start"),
        (lambda d, a: d.update(slabs=[1.0, 0.0]), "slabs must start"),
        (lambda d, a: d.pop("plan"), "malformed"),
        (lambda d, a: d["plan"]["stages"][0]["network"].update(kind="os.system"), "unknown kind of network"),
        (lambda d, a: d["plan"]["stages"][0]["network"].update(command="ls"), "network in the file is malformed"),
        (lambda d, a: d["plan"]["stages"][0]["network"].update(activation="relu"), "malformed"),
        (
            lambda d, a: d["plan"]["stages"][0]["network"].update(widths=[10**7, 10**7]),
            "larger than this machine",
        ),
        (lambda d, a: d["plan"].update(stages=[]), "malformed"),
        (lambda d, a: d["plan"].update(blocks=float("inf")), "malformed"),
        (lambda d, a: d["problem"].update(version=99), "version 99"),
        (lambda d, a: d["plan"].update(coordinates=["x", "y"]), "other coordinates or fields"),
        (lambda d, a: d["plan"].update(trials=[]), "other coordinates or fields"),
        (lambda d, a: d["result"].update(residual_heldout="x"), "malformed"),
        (lambda d, a: d["result"].update(solved_until=[0]), "malformed"),
        (lambda d, a: d["history"].update(loss="fell"), "malformed"),
        (lambda d, a: d["settings"].update(mode="turbo"), "mode 'turbo' is none of compiled, eager"),
    ],
)
def test_doctored_files_are_refused(saved: Path, change: Change, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        co.load(doctored(saved, change))


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all texts in a document."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(item, (*path, key))


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


def asked(path: Path) -> None:
    """Load and use; NumPy is quick, and takes the same way."""
    solution = co.load(path, backend="numpy")
    solution(**POINTS)
    solution.at("u_xx", **POINTS)


def test_planted_code_in_any_text_of_the_file_runs_nothing(saved: Path, tmp_path: Path) -> None:
    """Kinds, names, numbers, labels: every text of the document in turn, those of one form once."""
    planted = tmp_path / "planted"
    code = f"__import__('os').system('touch {planted}')"
    document, arrays = store.read(saved, "solution")
    forms: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in texts({part: document[part] for part in ("problem", "plan", "settings")}):
        forms.setdefault(tuple(key for key in path if isinstance(key, str)), path)
    assert len(forms) > 20
    for path in forms.values():
        changed = copy.deepcopy(document)
        put(changed, path, code)
        store.write(saved, "solution", changed, arrays)
        with suppress(StoreError, ExpressionError):
            asked(saved)
        assert not planted.exists(), path


@pytest.mark.parametrize("value", [None, -1, 1e308, float("inf"), "", [], {}, [None], {"kind": "mlp"}, True], ids=repr)
def test_any_other_value_in_the_plan_is_refused_or_harmless(saved: Path, value: Any) -> None:
    document, arrays = store.read(saved, "solution")
    for part in ("problem", "plan"):
        for name in document[part]:
            changed = copy.deepcopy(document)
            changed[part][name] = value
            store.write(saved, "solution", changed, arrays)
            with suppress(StoreError):
                co.load(saved, backend="numpy")
