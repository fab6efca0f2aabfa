"""The house rules that a machine can hold: who imports whom, where frameworks live, how long things get.

``violations(tree)`` reads a source tree and reports; each rule is also seen to fail on a planted tree, since a checker
that finds nothing may be one that looks at nothing.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "collocate"

# One linear order: a folder (or a file at the top) imports only from those before it.
# The package's own top, `import collocate as co`, stands on solution: those above it may use it as a user would.
# fmt: off
FLOORS = [
    "errors", "tree", "tables", "compilation_cache", "cores", "memory", "backends", "jets", "expressions", "store",
    "geometry", "statement", "networks", "planning", "residuals", "weighting", "sampling", "optimizers", "training",
    "solution", "verification", "exporting", "ejection", "problems", "serve", "comparison", "publish", "sweep", "cli",
]
# fmt: on

FRAMEWORKS = {"torch", "tensorflow", "jax", "jaxlib", "keras"}
FRAMEWORK_ROOMS = ("backends/", "exporting/", "networks/native")
FRAMEWORK_NAMES = {"torch", "tensorflow", "jax"}
LONGEST_FUNCTION = 55
LONGEST_FILE = 450


def violations(source: Path) -> list[str]:
    """One line for each broken rule in the package at ``source``."""
    found = []
    for path in sorted(source.rglob("*.py")):
        text = path.read_text()
        place = path.relative_to(source).as_posix()
        tree = ast.parse(text, filename=place)
        lines = len(text.splitlines())
        if lines > LONGEST_FILE:
            found.append(f"{place}: {lines} lines; {LONGEST_FILE} at most")
        for rule in (upward_imports, framework_imports, framework_branches, long_functions):
            found += [f"{place}:{line}: {message}" for line, message in rule(place, tree)]
    return found


Finding = tuple[int, str]


def imported_modules(place: str, tree: ast.AST) -> Iterator[Finding]:
    """(line, absolute dotted name) of each import; ``from a import b`` gives a.b, as b may be a module."""
    package = ["collocate", *place.split("/")[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            parts = [*base, *(node.module or "").split(".")] if node.module else base
            yield from ((node.lineno, ".".join([*parts, alias.name])) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            yield from ((node.lineno, text) for text in constant_strings(node.args[:1]))


def constant_strings(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for part in [node, *getattr(node, "elts", ())]:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def upward_imports(place: str, tree: ast.AST) -> Iterator[Finding]:
    floor = place.split("/")[0].removesuffix(".py")
    if floor == "__init__":  # the lazy table: stands above every floor
        return
    if floor not in FLOORS:
        yield 1, f"'{floor}' is not in the list of floors"
        return
    for line, module in imported_modules(place, tree):
        package, *rest = module.split(".")
        target = rest[0] if rest else ""
        if package != "collocate" or target in (floor, "__version__"):
            continue
        if target not in FLOORS:
            if FLOORS.index(floor) <= FLOORS.index("solution"):
                yield line, f"imports '{module}' through the top of the package: name the folder it lives in"
        elif FLOORS.index(target) > FLOORS.index(floor):
            yield line, f"'{floor}' imports upward from '{target}'"


def framework_imports(place: str, tree: ast.AST) -> Iterator[Finding]:
    if place.startswith(FRAMEWORK_ROOMS):
        return
    for line, module in imported_modules(place, tree):
        if module.split(".")[0] in FRAMEWORKS:
            yield line, f"imports {module} outside {', '.join(FRAMEWORK_ROOMS)}"


def framework_branches(place: str, tree: ast.AST) -> Iterator[Finding]:
    """Comparisons with a framework's name: what differs between frameworks belongs in their adapters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            strings = constant_strings([node.left, *node.comparators])
        elif isinstance(node, ast.MatchValue):
            strings = constant_strings([node.value])
        else:
            continue
        if FRAMEWORK_NAMES.intersection(strings):
            yield node.lineno, "branches on a framework's name: put the difference in the adapters"


def long_functions(place: str, tree: ast.AST) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node, clean=False) and len(node.body) > 1 else node.body
            lines = (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1
            if lines > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name} has {lines} lines; {LONGEST_FUNCTION} at most"


def test_the_source_keeps_the_rules():
    assert len(list(SOURCE.rglob("*.py"))) > 1
    assert violations(SOURCE) == []


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        ("jets/a.py", "from ..planning import choose", "jets/a.py:1: 'jets' imports upward from 'planning'"),
        ("jets/a.py", "from .. import planning", "jets/a.py:1: 'jets' imports upward from 'planning'"),
        ("jets/a.py", "from ..planning.b import c", "jets/a.py:1: 'jets' imports upward from 'planning'"),
        ("jets/a.py", "import collocate.planning.b", "jets/a.py:1: 'jets' imports upward from 'planning'"),
        (
            "jets/b/a.py",
            "def f():\n    from ...planning import g",
            "jets/b/a.py:2: 'jets' imports upward from 'planning'",
        ),
        ("tree.py", "from .backends import protocol", "tree.py:1: 'tree' imports upward from 'backends'"),
        (
            "planning/a.py",
            "from collocate import Problem",
            "planning/a.py:1: imports 'collocate.Problem' through the top",
        ),
        ("attic/a.py", "", "attic/a.py:1: 'attic' is not in the list of floors"),
        ("jets/a.py", "import torch.nn", "jets/a.py:1: imports torch.nn outside backends/"),
        (
            "planning/a.py",
            "def f():\n    from jax import numpy",
            "planning/a.py:2: imports jax.numpy outside backends/",
        ),
        ("planning/a.py", "import_module('keras.ops')", "planning/a.py:1: imports keras.ops outside backends/"),
        ("__init__.py", "import tensorflow", "__init__.py:1: imports tensorflow outside backends/"),
        ("planning/a.py", "if bk.name == 'jax': pass", "planning/a.py:1: branches on a framework's name"),
        ("backends/a.py", "x = 1 if name in ('torch', 'b') else 2", "backends/a.py:1: branches on a framework's name"),
        ("planning/a.py", "match x:\n    case 'torch': pass", "planning/a.py:2: branches on a framework's name"),
        ("planning/a.py", "def f():\n" + "    x = 1\n" * 56, "planning/a.py:1: f has 56 lines; 55 at most"),
        ("planning/a.py", "x = 1\n" * 451, "planning/a.py: 451 lines; 450 at most"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_each_rule_is_seen_to_fail(tmp_path: Path, place: str, text: str, expected: str):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    (found,) = violations(tmp_path)
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("planning/a.py", "from ..jets import algebra\nfrom .b import c\nfrom collocate import __version__"),
        ("__init__.py", "from .cli import main"),
        ("problems/a.py", "import collocate as co"),
        ("backends/jax.py", "def f():\n    import jax.numpy"),
        ("networks/native.py", "import torch"),
        ("planning/a.py", "import numpy\nx = 'torch'\ny = x == 'eager'"),
        ("planning/a.py", "def f():\n    '''" + "\n" * 60 + "'''\n    return 1"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_is_allowed_passes(tmp_path: Path, place: str, text: str):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert violations(tmp_path) == []


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in memory after ``statement`` in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    heavy = FRAMEWORKS | {"sympy", "scipy", "numpy", "matplotlib", "pydantic", "rich", "typer", "safetensors"}
    assert loaded_after("import collocate") & heavy == set()
