"""`collocate new`: a problem file to start from, copied from those in `templates`, which are problems that run."""

from __future__ import annotations

import keyword
import sys
from importlib import metadata, resources
from pathlib import Path

from collocate.errors import StatementError, StoreError


def kinds() -> list[str]:
    """The names of the templates."""
    folder = resources.files("collocate.cli").joinpath("templates")
    return sorted(file.name.removesuffix(".py") for file in folder.iterdir() if file.name.endswith(".py"))


def write(name: str, kind: str) -> Path:
    """NAME.py, with the template's text. NAME may hold a folder, and end in .py.

    Raises StatementError for a name or a kind that cannot be, StoreError for a file that is there or can't be written.
    """
    if kind not in kinds():
        raise StatementError(f"--kind {kind!r} is not known; choose one of {', '.join(kinds())}")
    path = Path(name if name.endswith(".py") else f"{name}.py")
    _check(path.stem)
    template = resources.files("collocate.cli").joinpath("templates", f"{kind}.py")
    text = template.read_text(encoding="utf-8").replace("FILE", str(path))
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise StoreError(f"{path} is there already; give another name, or remove it first") from None
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def _check(stem: str) -> None:
    if not stem.isidentifier() or keyword.iskeyword(stem):
        raise StatementError(f"{stem!r} cannot be the name of a Python file; write letters, digits and _, like my_rod")
    if stem in sys.stdlib_module_names or stem in metadata.packages_distributions():
        raise StatementError(f"a file {stem}.py would hide the module {stem!r} from those beside it; give another name")
