"""The code in the documentation: fenced blocks, and the commands and paths that the text names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
ROSETTA = ROOT / "docs" / "rosetta.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FOLDERS = ("src", "tests", "docs", "examples", "benchmarks", ".ci")


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int  # of its first line in the page


def blocks(page: Path, language: str) -> list[Block]:
    """The fenced blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    found = (Block(m[1], m[2], text[: m.start(2)].count("\n") + 1) for m in _FENCE.finditer(text))
    return [block for block in found if block.language == language]


def commands(page: Path) -> list[str]:
    """Lines of shell blocks that call `collocate`, without their comments."""
    lines = (line.partition("  #")[0].strip() for block in blocks(page, "sh") for line in block.text.splitlines())
    return [line for line in lines if line.startswith("collocate ")]


def paths(page: Path) -> list[str]:
    """Files and folders of the repository that the page links to or names in backticks; patterns are left out."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    linked = [target for target in re.findall(r"\]\(([^)#]+)\)", prose) if "://" not in target]
    named = re.findall(r"`([\w.\-/]+)`", prose)
    files = r"[A-Z]+\.md|Makefile|LICENSE"
    known = [name for name in named if name.split("/")[0] in _FOLDERS or re.fullmatch(files, name)]
    return [*linked, *(name for name in known if "/" in name or (ROOT / name).suffix or name.isupper())]
