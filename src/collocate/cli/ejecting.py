"""`collocate eject`: a problem as one script of a framework's own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from collocate import ejection
from collocate.cli import settings
from collocate.cli.loading import Loaded
from collocate.planning import plan


def script(loaded: Loaded, given: Mapping[str, Any]) -> str:
    """The text, by the file's settings and those of the command line; those of training alone do not matter to it."""
    asked = settings.merge(loaded.settings, {name: value for name, value in given.items() if name != "out"})
    known = ("seed", "dtype", *inspect.signature(plan).parameters)
    chosen = {name: asked[name] for name in known if name in asked}
    return ejection.script(loaded.problem, backend=asked.get("backend", "jax"), **chosen)
