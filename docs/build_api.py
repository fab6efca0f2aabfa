"""The API reference, `docs/api.md`, from the docstrings of the public names. `make docs` writes it anew.

    python docs/build_api.py [FILE]

Public is what `collocate.__init__` lists, and of a class the methods and properties that have a docstring of their own.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import collocate as co

TITLES = {
    "comparison.comparison": "Comparison",
    "exporting.export": "Exporting",
    "geometry": "Domains",
    "statement": "Statement",
    "networks": "Networks",
    "optimizers": "Optimizers",
    "solution": "Solving and solutions",
}
WIDTH = 100
HEAD = """# API reference

Made from the docstrings by `make docs`; edit those. All names are attributes of `collocate`, imported as `co`. The
[tutorial](tutorial.md) shows how they go together.
"""


def build() -> str:
    """The page."""
    sections = [HEAD, "".join(_contents())]
    for module, names in co._NAMES_BY_MODULE.items():
        sections.append(f"## {_title(module)}\n")
        sections += [_entry(name, getattr(co, name)) for name in sorted(names)]
    sections.append(f"## Errors\n\n{_text(co.errors)}")
    return "\n".join(section.rstrip() + "\n" for section in sections)


def _title(module: str) -> str:
    return TITLES.get(module, module.capitalize())


def _contents() -> Iterator[str]:
    for module, names in co._NAMES_BY_MODULE.items():
        links = ", ".join(f"[{name}](#{name.lower()})" for name in sorted(names))
        yield f"- {_title(module)}: {links}\n"


def _entry(name: str, value: Any) -> str:
    parts = [f"### {name}\n", f"```text\n{signature(f'co.{name}', value)}\n```\n", _text(value)]
    if isinstance(value, type):
        parts += [_member(name, *member) for member in members(value)]
    return "\n".join(parts)


def _member(owner: str, name: str, value: Any) -> str:
    function = getattr(value, "__func__", value)
    if not inspect.isfunction(function):
        shown = f".{name}"
    elif name == "__call__":
        shown = signature(owner.lower(), function)
    else:
        shown = signature(
            f"co.{owner}.{name}" if isinstance(value, (classmethod, staticmethod)) else f".{name}", function
        )
    return f"- `{shown}`: {_indented(_text(value))}"


def members(kind: type) -> list[tuple[str, Any]]:
    """The public methods and properties with docstrings of their own, from the whole of collocate's classes."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.split(".")[0] == "collocate":
            found |= {name: value for name, value in vars(base).items() if name == "__call__" or name[0] != "_"}
    documented = (property, staticmethod, classmethod)
    return [
        (name, value)
        for name, value in found.items()
        if (inspect.isfunction(value) or isinstance(value, documented) or hasattr(value, "func"))
        and inspect.getdoc(value)
    ]


def signature(shown: str, value: Any) -> str:
    """The call with its defaults, without annotations, `self` and what is private; one argument a line where long."""
    if isinstance(value, type) and value.__init__ is object.__init__:
        return f"{shown}()"
    kept = [
        parameter.replace(annotation=parameter.empty)
        for name, parameter in inspect.signature(value).parameters.items()
        if name not in ("self", "cls") and name[0] != "_"
    ]
    text = str(inspect.Signature(kept))
    if len(shown + text) <= WIDTH or "." in shown.removeprefix("co."):
        return shown + text
    lines = [str(parameter) for parameter in kept]
    first_named = next((k for k, parameter in enumerate(kept) if parameter.kind is parameter.KEYWORD_ONLY), len(kept))
    lines[first_named:first_named] = ["*"] if first_named < len(kept) else []
    return f"{shown}(\n" + "".join(f"    {line},\n" for line in lines) + ")"


def _text(value: Any) -> str:
    """The docstring; a block that is indented in it stays so, and is code in Markdown."""
    return (inspect.getdoc(value) or "") + "\n"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ").rstrip() + "\n"


def main(arguments: list[str]) -> None:
    target = Path(arguments[0]) if arguments else Path(__file__).with_name("api.md")
    target.write_text(build(), encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
