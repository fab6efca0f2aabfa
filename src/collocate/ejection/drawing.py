"""The part of a script that draws collocation points, by NumPy and SciPy: those that training would start from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from collocate.ejection.contents import Contents
from collocate.ejection.printer import Spelling, code, indented_less, listed
from collocate.geometry import Cuboid, Shape
from collocate.planning import PointSetPlan

NUMPY = Spelling(
    {name: f"np.{name}({{}})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "abs")}
    | {"sign": "np.sign({})", "asin": "np.arcsin({})", "acos": "np.arccos({})", "atan": "np.arctan({})"}
    | {"atan2": "np.arctan2({}, {})", "max": "np.maximum({}, {})", "min": "np.minimum({}, {})"}
    | {"where": "np.where({}, {}, {})"}
)
# Streams of random numbers: three a set, of which training takes the first.
_STREAMS = 3
# A box of more coordinates has those of one range drawn in one expression.
_FEW = 3
_RULES = {
    "sobol": (
        "Scrambled Sobol points",
        "qmc.Sobol(dimension, scramble=True, rng=rng).random_base2(max(count - 1, 0).bit_length())[:count]",
    ),
    "halton": ("Scrambled Halton points", "qmc.Halton(dimension, scramble=True, rng=rng).random(count)"),
    "latin_hypercube": ("A Latin hypercube", "qmc.LatinHypercube(dimension, rng=rng).random(count)"),
    "uniform": ("Uniformly random points", "rng.random((count, dimension))"),
}


def text(contents: Contents) -> str:
    """The functions of the section, `draw()` the last."""
    return "\n\n\n".join("\n".join(block) for block in (_unit_cube(contents), *_helpers(contents), _draw(contents)))


def exact(value: Any) -> str:
    """A bound as the problem states it, 2 * pi."""
    return code(value, NUMPY)


def _unit_cube(contents: Contents) -> list[str]:
    title, drawn = _RULES[contents.plan.sampling]
    return [
        "def unit_cube(count, dimension, stream):",
        f'    """{title} in [0, 1)^dimension; each stream has random numbers of its own."""',
        "    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(stream, 0)))",
        f"    return {drawn}",
    ]


def _helpers(contents: Contents) -> Iterator[list[str]]:
    if any(isinstance(shape, Cuboid) for shape in contents.domain.shapes):
        yield [
            "def between(low, share, high):",
            '    """low at share 0, high at share 1."""',
            "    return (1 - share) * low + share * high",
        ]
    for shape in contents.domain.shapes:
        if not isinstance(shape, Cuboid):
            yield _disk(shape)


def _disk(shape: Any) -> list[str]:
    middle = [f"{value} + " if value != "0" else "" for value in map(exact, shape.center)]
    radius = exact(shape.radius)
    return [
        "def disk(share, turn):",
        '    """The point that has a share of the disk\'s area nearer to the centre, so many turns around it."""',
        f"    radius, angle = {'' if radius == '1' else f'{radius} * '}np.sqrt(share), 2 * np.pi * turn",
        f"    return {middle[0]}radius * np.cos(angle), {middle[1]}radius * np.sin(angle)",
    ]


def _draw(contents: Contents) -> list[str]:
    lines = ["def draw():", '    """{set of points: its coordinates, an array each}."""', "    sets = {}"]
    for number, points in enumerate(contents.plan.point_sets):
        lines += [f"    {line}" if line else "" for line in _set(contents, points, _STREAMS * number)]
    return [*lines, "    return sets"]


def _set(contents: Contents, points: PointSetPlan, stream: int) -> list[str]:
    if points.quadrature:
        return _quadrature(contents, points)
    if points.mirrors is not None:
        return _mirrored(contents, points)
    part = None if points.part is None else contents.domain.part(points.part)
    columns, used = [], 0
    for shape in contents.domain.shapes:
        owner = part is not None and contents.domain.shape_of(part) is shape
        face = part.coordinate if part is not None and owner else None
        columns += _columns(shape, points.count, face, part, used, owner)
        used += shape.dimension - owner
    drawn = [f"unit = unit_cube({points.count}, {used}, stream={stream})"] if used else []
    return [*drawn, *_kept(points.name, columns)]


def _kept(name: str, columns: list[str]) -> list[str]:
    """sets[name] = the columns; a starred one stands for several."""
    start = f'sets["{name}"] = '
    if len(columns) > 1:
        return indented_less(listed(f"{start}(", columns, ")", 4))
    return [f"{start}{columns[0][1:]}" if columns[0][0] == "*" else f"{start}({columns[0]},)"]


def _columns(shape: Shape, count: int, face: Any, part: Any, first: int, owner: bool) -> list[str]:
    """An expression for each coordinate of one shape; `first`: the column of the unit cube it starts from."""
    if not isinstance(shape, Cuboid):
        return [f"*disk(1.0, unit[:, {first}])" if owner else f"*disk(unit[:, {first}], unit[:, {first + 1}])"]
    found: list[str] = []
    for (lower, upper, fixed), axes in groupby(shape.axes, lambda axis: (axis.lower, axis.upper, axis.name == face)):
        several = len(list(axes))
        if fixed:
            found.append(_full(count, part))
            continue
        if several > 1 and shape.dimension > _FEW:
            found.append(f"*between({exact(lower)}, unit[:, {first}:{first + several}].T, {exact(upper)})")
        else:
            places = range(first, first + several)
            found += [f"between({exact(lower)}, unit[:, {place}], {exact(upper)})" for place in places]
        first += several
    return found


def _full(count: int, part: Any) -> str:
    return f"np.full({count}, {exact(part.exact)})"


def _mirrored(contents: Contents, points: PointSetPlan) -> list[str]:
    part = contents.domain.part(points.part or "")
    place = contents.plan.coordinates.index(str(part.coordinate))
    names = ["_" if k == place else name for k, name in enumerate(contents.coordinates)]
    moved = [_full(points.count, part) if k == place else name for k, name in enumerate(contents.coordinates)]
    if len(names) == 1:
        return _kept(points.name, moved)
    return [f'{", ".join(names)} = sets["{points.mirrors}"]', *_kept(points.name, moved)]


def _quadrature(contents: Contents, points: PointSetPlan) -> list[str]:
    """Gauss-Legendre nodes on a box; the weights are one more set, of one column."""
    axes, count = contents.domain.axes, points.count
    each = max(1, round(count ** (1 / len(axes))))
    columns = [f"between({exact(a.lower)}, unit[{k}].ravel(), {exact(a.upper)})" for k, a in enumerate(axes)]
    return [
        f"nodes, weights = np.polynomial.legendre.leggauss({each})  # on [-1, 1], where the weights add up to 2",
        f'unit = np.meshgrid(*[0.5 * (nodes + 1)] * {len(axes)}, indexing="ij")',
        *_kept(points.name, columns),
        f'shares = np.meshgrid(*[0.5 * weights] * {len(axes)}, indexing="ij")',
        f'sets["{points.name} weight"] = (np.prod(shares, axis=0).ravel(),)',
    ]
