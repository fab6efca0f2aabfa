"""A file comes back bit for bit, or one StoreError says what is wrong with it; it never runs anything."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from collocate.errors import StoreError
from collocate.store import FORMAT, read, write

DOCUMENT = {"name": "burgers", "loss": 0.1 + 0.2, "steps": 2**70, "done": True, "parts": ["σ", None, -0.0]}


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    return {
        "weight": generator.standard_normal((3, 4)),
        "single": generator.standard_normal(5).astype(np.float32),
        "transposed": np.asfortranarray(generator.standard_normal((4, 2))),
        "scalar": np.array(math.pi),
        "empty": np.zeros((0, 3)),
        "mask": np.array([True, False]),
        "special": np.array([np.nan, -np.nan, np.inf, -0.0, 5e-324]),
        "step": np.array(7, dtype=np.int64),
    }


@pytest.fixture
def stored(tmp_path: Path, arrays: dict[str, np.ndarray]) -> Path:
    path = tmp_path / "run.collocate"
    write(path, "solution", DOCUMENT, arrays)
    return path


def rewrite(path: Path, *, arrays: dict[str, np.ndarray] | None = None, **envelope: object) -> None:
    """Forge a file whose envelope has these entries and whose digest is whatever it was."""
    with safetensors.safe_open(path, framework="np") as file:
        metadata = file.metadata()
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, the file is not iterable
    metadata["collocate"] = json.dumps(json.loads(metadata["collocate"]) | envelope)
    path.write_bytes(safetensors.numpy.save(kept if arrays is None else arrays, metadata))


def test_everything_comes_back_bit_for_bit(stored: Path, arrays: dict[str, np.ndarray]):
    document, read_arrays = read(stored, "solution")
    assert document == DOCUMENT
    assert math.copysign(1, document["parts"][2]) == -1
    assert read_arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read_arrays[name].dtype == array.dtype
        assert read_arrays[name].shape == array.shape
        assert read_arrays[name].tobytes() == array.tobytes()


@given(value=st.floats(), array=hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4)))
def test_any_float_comes_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, value: float, array: np.ndarray):
    path = tmp_path_factory.getbasetemp() / "floats.collocate"
    write(path, "state", [value], {"a": array})
    (found,), found_arrays = read(path, "state")
    assert found == value or (math.isnan(found) and math.isnan(value))
    assert found_arrays["a"].tobytes() == array.tobytes()


def test_a_file_without_arrays(tmp_path: Path):
    write(tmp_path / "f", "state", {}, {})
    assert read(tmp_path / "f", "state") == ({}, {})


def test_a_file_is_a_plain_safetensors_file(stored: Path, arrays: dict[str, np.ndarray]):
    assert safetensors.numpy.load_file(stored)["weight"].tobytes() == arrays["weight"].tobytes()


def test_every_truncation_is_seen(stored: Path):
    data = stored.read_bytes()
    for length in range(len(data)):
        stored.write_bytes(data[:length])
        with pytest.raises(StoreError, match=r"cut short|damaged|not a collocate file"):
            read(stored, "solution")


def test_bytes_after_the_end_are_seen(stored: Path):
    stored.write_bytes(stored.read_bytes() + b"more")
    with pytest.raises(StoreError, match="damaged"):
        read(stored, "solution")


def test_every_flipped_byte_is_seen_or_changes_nothing(stored: Path, arrays: dict[str, np.ndarray]):
    data = stored.read_bytes()
    generator = np.random.default_rng(1)
    unseen = 0
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= int(generator.integers(1, 256))
        stored.write_bytes(changed)
        try:
            document, found = read(stored, "solution")
        except StoreError:
            continue
        unseen += 1  # white space in the header, say
        assert document == DOCUMENT
        assert all(found[name].tobytes() == array.tobytes() for name, array in arrays.items())
    assert unseen < 0.05 * len(data)


@pytest.mark.parametrize("seed", range(200))
def test_noise_is_refused(tmp_path: Path, seed: int):
    generator = np.random.default_rng(seed)
    noise = generator.bytes(int(generator.integers(0, 400)))
    lengths = (b"", len(noise).to_bytes(8, "little"), (len(noise) + 1).to_bytes(8, "little") + b"{")
    (tmp_path / "f").write_bytes(lengths[seed % 3] + noise)
    with pytest.raises(StoreError):
        read(tmp_path / "f", "solution")


@pytest.mark.parametrize(
    "header",
    [b"{}", b"[]", b"[" * 100_000, b'{"__metadata__": []}', b'{"__metadata__": {"collocate": 1, "sha256": 2}}'],
    ids=["empty", "list", "deep", "metadata-list", "metadata-numbers"],
)
def test_a_header_of_another_shape_is_refused(tmp_path: Path, header: bytes):
    (tmp_path / "f").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(StoreError):
        read(tmp_path / "f", "solution")


def test_a_deep_document_is_refused(tmp_path: Path):
    metadata = {"collocate": "[" * 100_000, "sha256": ""}
    (tmp_path / "f").write_bytes(safetensors.numpy.save({}, metadata))
    with pytest.raises(StoreError, match="document"):
        read(tmp_path / "f", "solution")


def test_a_newer_file_names_the_way_out(stored: Path):
    rewrite(stored, format=FORMAT + 2)
    with pytest.raises(
        StoreError, match=r"newer collocate \(format 3\); this one reads up to 1: pip install --upgrade collocate"
    ):
        read(stored, "solution")


@pytest.mark.parametrize("value", [0, "1", True, 1.0, None])
def test_a_format_that_is_no_count_is_refused(stored: Path, value: object):
    rewrite(stored, format=value)
    with pytest.raises(StoreError, match="format"):
        read(stored, "solution")


def test_another_kind_is_named(stored: Path):
    with pytest.raises(StoreError, match="holds a solution; a checkpoint was expected"):
        read(stored, "checkpoint")


def test_changed_contents_are_seen(stored: Path, arrays: dict[str, np.ndarray]):
    original = stored.read_bytes()
    rewrite(stored, document=DOCUMENT | {"loss": 0.0})
    with pytest.raises(StoreError, match="checksum"):
        read(stored, "solution")
    for changed in ({**arrays, "weight": arrays["weight"].reshape(4, 3)}, {**arrays, "more": np.zeros(1)}):
        stored.write_bytes(original)
        rewrite(stored, arrays=changed)
        with pytest.raises(StoreError, match="checksum"):
            read(stored, "solution")


@pytest.mark.parametrize("dtype", [np.float16, np.uint16, np.complex64])
def test_other_dtypes_are_refused_in_both_directions(stored: Path, dtype: type):
    with pytest.raises(StoreError, match="'a' has dtype"):
        write(stored, "solution", {}, {"a": np.zeros(2, dtype)})
    rewrite(stored, arrays={"a": np.zeros(2, dtype)})
    with pytest.raises(StoreError, match="damaged"):
        read(stored, "solution")


def test_object_arrays_are_refused(tmp_path: Path):
    with pytest.raises(StoreError, match="dtype object"):
        write(tmp_path / "f", "solution", {}, {"a": np.array([print], dtype=object)})


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"a": [0, np.int64(1)]}, r"document\['a'\]\[1\] is a int64"),
        ({"a": {1: "one"}}, r"document\['a'\] has the key 1 \(int\)"),
        ({"a": np.zeros(2)}, r"document\['a'\] is a ndarray"),
    ],
)
def test_a_value_json_would_change_is_named(tmp_path: Path, document: object, where: str):
    with pytest.raises(StoreError, match=where):
        write(tmp_path / "f", "solution", document, {})
    assert not any(tmp_path.iterdir())


class Planted:
    """Unpickling it leaves a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


def test_a_pickle_is_refused_and_not_run(tmp_path: Path):
    marker = tmp_path / "marker"
    (tmp_path / "f").write_bytes(pickle.dumps(Planted(marker)))
    with pytest.raises(StoreError, match="not a collocate file"):
        read(tmp_path / "f", "solution")
    assert not marker.exists()


def test_a_missing_file_and_a_folder(tmp_path: Path):
    with pytest.raises(StoreError, match="No such file"):
        read(tmp_path / "none", "solution")
    with pytest.raises(StoreError, match="Is a directory"):
        read(tmp_path, "solution")
