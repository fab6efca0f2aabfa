"""Runs blocks of one framework, a set-up and then each by itself; a process, since set-ups change global defaults.

Standard input: {"page": name, "blocks": [[line, text], …]}, the set-up first. The last line of standard output: what
each block left in `result`, [dtype, values] or null.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

import numpy as np


def main() -> None:
    asked = json.load(sys.stdin)
    (line, text), *others = asked["blocks"]
    with contextlib.redirect_stdout(sys.stderr):
        namespace = run(asked["page"], line, text, {"__name__": "__main__"})
        left = [run(asked["page"], line, text, dict(namespace)).get("result") for line, text in others]
    print(json.dumps([None if value is None else plain(value) for value in left]))


def run(page: str, line: int, text: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """The namespace after the block; blank lines in front, so that an error names the line of the page."""
    exec(compile("\n" * (line - 1) + text, page, "exec"), namespace)
    return namespace


def plain(value: Any) -> list[Any]:
    array = np.array([np.asarray(item) for item in value]) if isinstance(value, list) else np.asarray(value)
    return [str(array.dtype), array.tolist()]


if __name__ == "__main__":
    main()
