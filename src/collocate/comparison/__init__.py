"""`co.compare`: which framework for this problem on this machine, by measurement; every run in a process of its own."""

from collocate.comparison.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
