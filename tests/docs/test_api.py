"""The API reference is made from docstrings: every public name has one that says something, and the page holds it."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import collocate as co

from .blocks import ROOT

NAMES = sorted(co._MODULE_OF)


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    specification = importlib.util.spec_from_file_location("build_api", ROOT / "docs" / "build_api.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("api") / "api.md"
    builder.main([str(target)])
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_says_what_it_is(name: str):
    text = getattr(co, name).__doc__ or ""
    assert not text.startswith(f"{name}("), f"{name} has only the docstring that @dataclass writes"
    assert len(text.split()) >= 3, f"{name} has no docstring that says what it is"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_holds_every_public_name(page: str, name: str):
    entry = page.split(f"\n### {name}\n")[1].split("\n### ")[0]
    assert f"co.{name}(" in entry
    assert inspect.getdoc(getattr(co, name)) in entry


def test_the_page_holds_signatures_and_methods(page: str):
    assert "co.Dirichlet(u, g, on=None)" in page
    assert "    *,\n    backend='jax',\n" in page
    assert "- `solution(*unnamed, **coordinates)`: Values" in page
    assert "- `.save(path)`: Write everything" in page
    assert "- `.unknowns`: The values found" in page
    assert "- `co.Problem.from_text(equations, domain, " in page
    assert "ArgumentError" in page
    assert "_evaluators" not in page


def test_the_page_that_is_there_is_one_of_these(builder: ModuleType):
    """Not that it is the newest, which a change of a docstring would break: `make docs` sees to that."""
    there = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert there.startswith(builder.HEAD)
    assert "docs/build_api.py" in Path(ROOT / "Makefile").read_text()
