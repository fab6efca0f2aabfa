"""A trained solution as one graph of plain operations, written for every target and proven equal to itself.

`co.export` is a function, and this folder's name: once a module of it was imported, the name means the folder, which
therefore can be called as well.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallableFolder(ModuleType):
    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return import_module("collocate.export.export").export(*arguments, **keywords)


sys.modules[__name__].__class__ = _CallableFolder
