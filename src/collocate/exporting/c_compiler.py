"""The C compiler, by which C programs are checked."""

from __future__ import annotations

import os
import shlex
import shutil

from collocate.errors import ExportError


def command() -> list[str]:
    """That of the environment variable CC, which may have arguments ("ccache gcc", "gcc -m32"), or else cc.

    Raises ExportError where there is none.
    """
    name, *arguments = shlex.split(os.environ.get("CC", "")) or ["cc"]
    found = shutil.which(name)
    if found is None:
        raise ExportError(
            f"a C compiler is needed to check the C program, and there is no {name}: install gcc or clang "
            "(Debian: apt-get install gcc libc6-dev), or name yours by the environment variable CC"
        )
    return [found, *arguments]
