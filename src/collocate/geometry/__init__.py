"""Domains: intervals, boxes and time, their products, and the named parts of their boundaries."""

from collocate.geometry.domain import NORMAL, BoundaryPart, Domain, Shape, as_domain
from collocate.geometry.shapes import Ball, Box, Disk, Interval, Polygon, Range, Rectangle, Time, domain_from_json

__all__ = [
    "NORMAL",
    "Ball",
    "BoundaryPart",
    "Box",
    "Disk",
    "Domain",
    "Interval",
    "Polygon",
    "Range",
    "Rectangle",
    "Shape",
    "Time",
    "as_domain",
    "domain_from_json",
]
