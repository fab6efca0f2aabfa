"""Freed memory: kept between steps, returned after a compilation."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")

STEPS = """
import resource
import numpy as np
from collocate import memory

if {kept}:
    memory.keep_freed()

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        [np.ones(2**20) for _ in range(12)]  # 96 MB, freed at once
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
print(faults())
"""

RETURNED = """
import re
import numpy as np
from collocate import memory

def resident():
    return int(re.search(r"VmRSS:\\s*(\\d+)", open("/proc/self/status").read())[1]) // 1024

memory.keep_freed()
many = [np.ones(2**17) for _ in range(100)]  # 100 MB
del many
kept = resident()
memory.return_freed()
print(kept - resident())
"""


def printed(program: str) -> int:
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


@glibc
def test_freed_memory_is_kept_for_the_next_step():
    assert printed(STEPS.format(kept=True)) < 0.1 * printed(STEPS.format(kept=False))


@glibc
def test_freed_memory_is_returned_when_asked():
    assert printed(RETURNED) > 80


def test_where_the_library_is_another_nothing_happens(monkeypatch):
    from collocate import memory

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    memory.return_freed()
    memory.keep_freed.__wrapped__()
