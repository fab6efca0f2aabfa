"""How parts of a boundary are listed in text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"\b(\w+(?: \w+)*?) (\d+)(?:, \1 \d+)+")


def shortened(text: str) -> str:
    """The text with numbered parts by the ends of each run: "edge 1, edge 2, edge 3" is "edge 1 … edge 3"."""
    return _NUMBERED.sub(lambda found: ", ".join(_runs(found[0].split(", "))), text)


def _runs(names: Iterable[str]) -> Iterable[str]:
    runs: list[list[str]] = []
    for name in names:
        if runs and _number(name) == _number(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    for run in runs:
        yield from [f"{run[0]} … {run[-1]}"] if len(run) > 2 else run


def _number(name: str) -> int:
    return int(name.rpartition(" ")[2])
