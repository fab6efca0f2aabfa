"""Figures as SVG inside the page: lines with bands, bars with whiskers, a roofline.

Colours are the page's variables, so that a figure follows its scheme; a backend has a colour and a mark, its settings
have a dash. Places are rounded to a tenth of a pixel. What hovering tells, the page's script reads from ``data-``
attributes: the axes of a figure, and the name of each line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from collocate.comparison.scales import Scale, from_zero, logarithmic
from collocate.comparison.statistics import Spread
from collocate.comparison.units import digits

WIDTH, HEIGHT = 440, 290
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44
ROW, BAR, FOR_VALUES = 44, 18, 120
MARKS = 16  # places from one mark of a curve to the next; each colour begins elsewhere, so that equal curves show all
DASHES = ("", "7 4", "2 3", "9 3 2 3")


@dataclass(frozen=True)
class Style:
    """How a case is drawn wherever it is: its name, the number of its colour and mark, and of its dash."""

    name: str
    colour: int
    dash: int = 0


@dataclass(frozen=True)
class Line:
    """(x, y) and the band about it; ``whiskers``: its points are measurements, not a curve."""

    style: Style
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    whiskers: bool = False


@dataclass(frozen=True)
class Axis:
    """What is written along an axis, and the unit that hovering tells."""

    title: str
    unit: str = ""
    falling: bool = False


@dataclass(frozen=True)
class Dot:
    """A case under a roof: operations a byte, operations a second, and the ends of the latter."""

    style: Style
    x: float
    y: Spread
    told: str


def lines(drawn: Sequence[Line], across: Axis, up: Axis, told: str) -> str:
    """Both axes logarithmic."""
    x = logarithmic((v for line in drawn for v in line.x), LEFT, WIDTH - RIGHT, across.falling)
    y = logarithmic((v for line in drawn for v in (*line.low, *line.high)), HEIGHT - BOTTOM, TOP, up.falling)
    body = [_grid(x, y, across, up)]
    body += [_band(line, x, y) for line in drawn]
    body += [_line(line, x, y) for line in drawn]
    axes = {"x": [x.first, x.last, x.start, x.stop, across.unit], "y": [y.first, y.last, y.start, y.stop, up.unit]}
    return _figure(HEIGHT, told, body, f' data-axes="{escape(json.dumps(axes))}"')


def bars(rows: Sequence[tuple[Style, Spread, str, str]], told: str) -> str:
    """One bar a row from zero under its name, its interval as a whisker, its value at its end; hovering tells more.

    ``rows``: (style, spread, value, what hovering tells).
    """
    x = from_zero((spread.high for _, spread, _, _ in rows), 2, WIDTH - FOR_VALUES)
    height = ROW * len(rows) + 4
    body = []
    for number, (style, spread, value, text) in enumerate(rows):
        top = ROW * number + 20
        middle, end = top + BAR / 2, x(spread.high)
        body.append(
            f'<g {_of(style)} data-tip="{escape(f"{style.name}: {text}")}">'
            f'<text class="name" x="2" y="{top - 5}">{escape(style.name)}</text>'
            f'<rect class="bar" x="2" y="{top}" width="{x(spread.middle) - 2:.1f}" height="{BAR}" rx="2"/>'
            f"{_whisker(x(spread.low), end, middle)}"
            f'<text class="value" x="{end + 8:.1f}" y="{middle + 4:g}">{escape(value)}</text></g>'
        )
    return _figure(height, told, body)


def roofline(dots: Sequence[Dot], bandwidth: float, peaks: Sequence[tuple[str, float]], told: str) -> str:
    """Operations a second that the machine was measured to do: bandwidth × operations a byte, and no more than a peak.

    ``peaks``: (name, operations a second). Source: Williams, Waterman and Patterson (2009),
    doi:10.1145/1498765.1498785.
    """
    ridges = [peak / bandwidth for _, peak in peaks]
    x = logarithmic([*(dot.x for dot in dots), *(2 * r for r in ridges), min(ridges) / 10], LEFT, WIDTH - RIGHT)
    highest = max(peak for _, peak in peaks)
    y = logarithmic([2 * highest, *(dot.y.low for dot in dots), bandwidth * x.first], HEIGHT - BOTTOM, TOP)
    body = [_grid(x, y, Axis("operations a byte"), Axis("operations a second"))]
    slope = -math.degrees(math.atan2(y(bandwidth * x.first) - y(bandwidth * x.last), x.stop - x.start))
    place = f"translate({x(3 * x.first):.1f} {y(3 * bandwidth * x.first) - 6:.1f}) rotate({slope:.1f})"
    body.append(f'<text class="name" transform="{place}">{digits(bandwidth / 1e9)} GB/s</text>')
    for name, peak in peaks:
        corners = ((x.first, bandwidth * x.first), (peak / bandwidth, peak), (x.last, peak))
        beside = y(peak) + (-6 if peak == highest else 15)
        body.append(f'<polyline class="roof" points="{_places(corners, x, y)}"/>')
        body.append(f'<text class="name" x="{x.stop - 4}" y="{beside:.1f}" text-anchor="end">{escape(name)}</text>')
    for dot in dots:
        px, py = x(dot.x), y(dot.y.middle)
        body.append(
            f'<g {_of(dot.style)} data-tip="{escape(f"{dot.style.name}: {dot.told}")}">'
            f'<line class="whisker" x1="{px:.1f}" x2="{px:.1f}" y1="{y(dot.y.low):.1f}" y2="{y(dot.y.high):.1f}"/>'
            f"{mark(dot.style.colour, px, py, 5.5)}</g>"
        )
    return _figure(HEIGHT, told, body)


def legend_mark(style: Style) -> str:
    """The line and the mark of a case, as they are in every figure."""
    return (
        f'<svg class="key" viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><g {_of(style)}>'
        f'<line class="line" x1="1" y1="6" x2="33" y2="6"{_dash(style)}/>{mark(style.colour, 17, 6, 4)}</g></svg>'
    )


def mark(number: int, x: float, y: float, size: float) -> str:
    """A circle, a square, a triangle, a diamond: for those who do not tell colours apart."""
    corners = {
        1: ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        2: ((0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
        3: ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    }.get(number % 4)
    if corners is None:
        return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{size:g}"/>'
    places = " ".join(f"{x + 0.9 * size * a:.1f},{y + 0.9 * size * b:.1f}" for a, b in corners)
    return f'<polygon class="mark" points="{places}"/>'


def _figure(height: float, told: str, body: Iterable[str], attributes: str = "") -> str:
    size = f'viewBox="0 0 {WIDTH} {height:g}"'
    return f'<svg class="chart" role="img" aria-label="{escape(told)}" {size}{attributes}>{"".join(body)}</svg>'


def _of(style: Style) -> str:
    return f'class="c{style.colour % 6}" data-case="{escape(style.name)}"'


def _dash(style: Style) -> str:
    dash = DASHES[style.dash % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _grid(x: Scale, y: Scale, across: Axis, up: Axis) -> str:
    top, bottom = sorted((y.start, y.stop))
    parts = []
    for value, text in x.ticks():
        at = f"{x(value):.1f}"
        parts.append(f'<line class="grid" x1="{at}" y1="{top}" x2="{at}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{at}" y="{bottom + 16}" text-anchor="middle">{text}</text>')
    for value, text in y.ticks():
        at = f"{y(value):.1f}"
        parts.append(f'<line class="grid" x1="{x.start}" y1="{at}" x2="{x.stop}" y2="{at}"/>')
        parts.append(f'<text class="tick" x="{x.start - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{text}</text>')
    middle, centre = (x.start + x.stop) / 2, (top + bottom) / 2
    parts.append(f'<path class="axis" d="M{x.start} {top}V{bottom}H{x.stop}"/>')
    parts.append(
        f'<text class="title" x="{middle}" y="{bottom + 36}" text-anchor="middle">{escape(across.title)}</text>'
    )
    turned = f'transform="translate(11 {centre}) rotate(-90)"'
    parts.append(f'<text class="title" {turned} text-anchor="middle">{escape(up.title)}</text>')
    return "".join(parts)


def _band(line: Line, x: Scale, y: Scale) -> str:
    if line.whiskers:
        ends = [
            f"M{x(a):.1f} {y(low):.1f}V{y(high):.1f}" for a, low, high in zip(line.x, line.low, line.high, strict=True)
        ]
        return f'<g {_of(line.style)}><path class="whisker" d="{"".join(ends)}"/></g>'
    there = list(zip(line.x, line.low, strict=True))
    back = list(zip(line.x, line.high, strict=True))[::-1]
    return f'<g {_of(line.style)}><polygon class="band" points="{_places([*there, *back], x, y)}"/></g>'


def _line(line: Line, x: Scale, y: Scale) -> str:
    points = list(zip(line.x, line.y, strict=True))
    marked = points if line.whiskers else [*points[4 + 5 * line.style.colour : -4 : MARKS], points[-1]]
    marks = "".join(mark(line.style.colour, x(a), y(b), 4) for a, b in marked)
    drawn = f'<polyline class="line" points="{_places(points, x, y)}"{_dash(line.style)}/>'
    return f"<g {_of(line.style)}>{drawn}{marks}</g>"


def _whisker(low: float, high: float, y: float) -> str:
    return f'<path class="whisker" d="M{low:.1f} {y:g}H{high:.1f}M{low:.1f} {y - 4:g}v8M{high:.1f} {y - 4:g}v8"/>'


def _places(points: Iterable[tuple[float, float]], x: Scale, y: Scale) -> str:
    return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
