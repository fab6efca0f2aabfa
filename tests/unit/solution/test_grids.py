"""Points on which errors are measured: inside the domain, and as many as ZOO.md says."""

from __future__ import annotations

import math

import pytest
from sympy import symbols

import collocate as co
from collocate.geometry import as_domain
from collocate.solution.grids import display_points, verification_points

x, y, z, t = symbols("x y z t")
DISK = co.Disk((x, y), (0, 0), 1)


@pytest.mark.parametrize(
    ("shape", "full", "share"),
    [
        (co.Rectangle((x, y), 0, 1), 201**2, 1.0),
        (DISK, 201**2, math.pi / 4),
        (DISK * co.Time(t, 0, 1), 101**2 * 21, math.pi / 4),
        (co.Rectangle((x, y), 0, 1) - co.Disk((x, y), (0.5, 0.5), 0.25), 201**2, 1 - math.pi / 16),
        (co.Ball((x, y, z), (0, 0, 0), 1), 20_000, 1.0),
        (co.Box((x, y, z), 0, 1) - co.Ball((x, y, z), (0, 0, 0), 1), 20_000, 1.0),
    ],
)
def test_a_grid_keeps_what_lies_in_the_domain(shape, full, share):
    domain = as_domain(shape)
    points = verification_points(domain)
    assert len(points) == pytest.approx(full * share, rel=3e-2 if share < 1 else 0)  # the ends of the grid weigh
    assert domain.contains(points, 1e-9).all()
    assert display_points(domain).shape == (1024, domain.dimension)
