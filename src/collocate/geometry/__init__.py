"""Domains: shapes and time, set operations and products of them, and the named parts of their boundaries."""

from collocate.geometry.domain import NORMAL, BoundaryPart, Domain, as_domain
from collocate.geometry.polygon import Polygon
from collocate.geometry.round import Ball, Disk, Round
from collocate.geometry.shape import Combination, Difference, Intersection, Shape, Union
from collocate.geometry.shapes import Box, Cuboid, Interval, Range, Rectangle, Time
from collocate.geometry.storage import domain_from_json

__all__ = [
    "NORMAL",
    "Ball",
    "BoundaryPart",
    "Box",
    "Combination",
    "Cuboid",
    "Difference",
    "Disk",
    "Domain",
    "Intersection",
    "Interval",
    "Polygon",
    "Range",
    "Rectangle",
    "Round",
    "Shape",
    "Time",
    "Union",
    "as_domain",
    "domain_from_json",
]
