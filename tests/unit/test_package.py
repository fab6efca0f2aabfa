"""The lazy table of public names, and what the package says that it needs."""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import collocate

ROOT = Path(__file__).parents[2]


def names_for_editors() -> dict[str, str]:
    """{name: module} of the imports under TYPE_CHECKING."""
    tree = ast.parse(Path(inspect.getfile(collocate)).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = (node for node in block.body if isinstance(node, ast.ImportFrom) and node.module)
    return {alias.name: node.module or "" for node in imports for alias in node.names}


def test_editors_see_the_names_that_python_finds():
    assert names_for_editors() == collocate._MODULE_OF


@pytest.mark.parametrize("name", sorted(collocate._MODULE_OF))
def test_every_public_name_is_there(name: str):
    assert getattr(collocate, name) is not None
    assert name in dir(collocate)


def test_the_error_tree_is_an_attribute():
    assert issubclass(collocate.errors.StoreError, OSError)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Problm'"):
        collocate.Problm  # noqa: B018


def test_constraints_pin_all_that_is_asked_for_within_its_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    names = (
        "torch",
        "tensorflow-cpu",
        "xarray",
        "tensorboard",
        "fem",
        "export",
        "executorch",
        "litert",
        "node",
        "serve",
        "dev",
    )
    texts = [*project["dependencies"], *(text for name in names for text in extras[name])]
    lines = (Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if line[:1] != "#")
    pinned = {canonicalize_name(line.name): str(line.specifier).removeprefix("==") for line in lines}
    for wanted in map(Requirement, texts):
        if wanted.name == "collocate":  # the extras that the tests need, named above
            assert wanted.extras <= set(names)
            continue
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), wanted
