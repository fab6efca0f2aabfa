"""Solving, and what comes of it."""

from collocate.solution.loading import load
from collocate.solution.slab import Slab
from collocate.solution.solution import Solution
from collocate.solution.solve import solve

__all__ = ["Slab", "Solution", "load", "solve"]
