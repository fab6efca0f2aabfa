"""Node.js is found, or said how to get; packages come once, whole, from their lock; arrays go over to the bit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from collocate.errors import ExportError
from collocate.exporting import node
from collocate.exporting.packing import packed, unpacked

NPM = """\
#!/bin/sh
echo "$@" >> {log}
{does}
"""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What is found in a test is looked for again in the next."""
    node.node.cache_clear()
    yield
    node.node.cache_clear()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH but for the shell's own; no wheel; an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(node, "_wheel", lambda: None)
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    monkeypatch.setattr(shutil, "which", lambda name, path=None: _executable(folder / name))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def _executable(file: Path) -> str | None:
    return str(file) if file.exists() else None


def put(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("{}")
    return folder


def test_the_wheel_brings_node():
    assert node._major(str(node.node())) >= node.OLDEST


@pytest.mark.parametrize("version", [None, "v12.22.9"])
def test_without_a_recent_node_the_extra_is_named(version: str | None, path: Path):
    if version:
        put(path / "node", f"#!/bin/sh\necho {version}\n")
    with pytest.raises(ExportError, match=r'Node\.js 18 or later.*pip install "collocate\[node\]"'):
        node.node()


def test_packages_come_once_and_anew_for_another_lock(path: Path, locked: Path, tmp_path: Path):
    log = tmp_path / "log"
    put(path / "node", "#!/bin/sh\necho v22.1.0\n")
    put(path / "npm", NPM.format(log=log, does="mkdir -p node_modules/one"))
    first = node.packages(locked)
    assert (first / "one").is_dir() and first.parent.parent == tmp_path / "cache" / "collocate" / "node"
    assert node.packages(locked) == first
    assert log.read_text().splitlines() == ["ci --ignore-scripts --no-audit --no-fund --loglevel=error"]
    (locked / "package-lock.json").write_text('{"renewed": true}')
    assert node.packages(locked) != first
    assert len(log.read_text().splitlines()) == 2


def test_an_install_that_fails_leaves_nothing_and_says_how_to_mend_it(path: Path, locked: Path, tmp_path: Path):
    put(path / "node", "#!/bin/sh\necho v22.1.0\n")
    does = "mkdir -p node_modules/half; echo 'npm error network unreachable' >&2; exit 1"
    put(path / "npm", NPM.format(log=tmp_path / "log", does=does))
    with pytest.raises(ExportError, match=r"said npm error network unreachable\. It needs the npm registry once"):
        node.packages(locked)
    assert list((tmp_path / "cache" / "collocate" / "node").iterdir()) == []


def test_each_package_is_held_to_its_hash():
    lock = json.loads((node.LOCKED / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert all(each.get("integrity", "").startswith("sha512-") for each in packages.values())
    wanted = json.loads((node.LOCKED / "package.json").read_text())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_a_script_that_throws_says_what(tmp_path: Path):
    script = tmp_path / "throws.cjs"
    script.write_text('throw new RangeError("too far");')
    with pytest.raises(ExportError, match=r"throws\.cjs failed in Node: RangeError: too far$"):
        node.run(script, {})


def test_arrays_go_to_a_script_and_back_to_the_bit(tmp_path: Path):
    script = tmp_path / "echo.cjs"
    script.write_text("""\
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const array = new Float64Array(new Uint8Array(Buffer.from(given, "base64")).buffer);
console.log(JSON.stringify([Buffer.from(array.buffer).toString("base64"), array[1]]));
""")
    numbers = np.array([np.nan, 0.1, -0.0, 5e-324, np.inf, -np.pi])
    text, second = node.run(script, packed(numbers))
    assert second == 0.1
    np.testing.assert_array_equal(unpacked(text, "float64").view(np.int64), numbers.view(np.int64))
