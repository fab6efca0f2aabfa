"""Points of `collocate evaluate`: a CSV file or text, and what is wrong with them."""

from __future__ import annotations

from math import pi
from pathlib import Path

import numpy as np
import pytest

from collocate.cli.evaluation import read_points
from collocate.errors import CollocateError, StatementError

NAMES = ("x", "t")


def file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("x=0.5,t=0.3", (0.5, 0.3)),
        (" t = 1e-3 , x = -pi/4 ", (-pi / 4, 1e-3)),
        ("x=atan2(1, 1), t=sqrt(2)/2", (pi / 4, 2**0.5 / 2)),
    ],
)
def test_text(text: str, point: tuple[float, float]):
    np.testing.assert_array_equal(read_points(text, NAMES), [point])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x=0.5", "leaves out t; the coordinates are x, t"),
        ("x=0.5, y=1", "'y' is no coordinate; they are x, t"),
        ("x=1, x=2, t=0", "gives x twice"),
        ("x=1, t=z", "'z'"),
        ("x=1, t=", "can't be read"),
        ("x=1, t=1/0", "finite|infinite|zero"),
        ("x=1, t=sqrt(-1)", "must be a number|complex"),
        ("x=1, t=1 < 2", "must be a number"),
        ("x=nan, t=0", "x in --at 'x=nan, t=0' is nan; it must be finite"),
        ("x=0, t=-inf", "is -inf; it must be finite"),
        ("x=0.5;t=0", 'coordinates are separated by commas, like "x=0.5, t=0.5"'),
        ("x=0.5 t=0", "separated by commas"),
        ("points.csv", "cannot read points.csv: No such file"),
    ],
)
def test_text_that_cannot_be_read_is_told(text: str, expected: str):
    with pytest.raises(CollocateError, match=expected):
        read_points(text, NAMES)


@pytest.mark.parametrize("planted", ["__import__('os').system('touch {}')", "__import__('pathlib').Path('{}').touch()"])
def test_planted_code_runs_nothing(tmp_path: Path, planted: str):
    mark = tmp_path / "mark"
    for text in (f"x={planted.format(mark)}, t=0", f"{planted.format(mark)}=0"):
        with pytest.raises(CollocateError):
            read_points(text, NAMES)
    with pytest.raises(StatementError, match=r"line 2: x is .*; it must be a number"):
        read_points(file(tmp_path, f"x;t\n{planted.format(mark)};0\n".replace(",", " ").replace(";", ",")), NAMES)
    assert not mark.exists()


def test_columns_come_in_any_order_among_others(tmp_path: Path):
    text = "\ufeffu, t ,x,remark\n9,0.25,0.1,first\n\n9,1e-300,-0.3,second\n"
    np.testing.assert_array_equal(read_points(file(tmp_path, text), NAMES), [[0.1, 0.25], [-0.3, 1e-300]])


def test_a_header_alone_gives_no_points(tmp_path: Path):
    assert read_points(file(tmp_path, "x,t\n"), NAMES).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: no column is called 'x'; .* coordinates x,t; it is empty"),
        ("x,y\n1,2\n", "line 1: no column is called 't'; .*it is x,y"),
        ("x,t,x\n1,2,3\n", "line 1: more than one column is called 'x'"),
        ("x,t\n1,2\n\n0.5,abc\n", "line 4: t is 'abc'; it must be a number"),
        ("x,t\n1,\n", "line 2: t is ''; it must be a number"),
        ("x,t\nnan,1\n", "line 2: x is nan; it must be finite"),
        ("x,t\n0,0\n1, -inf\n", "line 3: t is -inf; it must be finite"),
        ("x,t\n1\n", "line 2: 1 cells where the header has 2"),
        ("x,t\n1,2,3\n", "line 2: 3 cells where the header has 2"),
    ],
)
def test_a_bad_table_is_told_with_its_line(tmp_path: Path, text: str, expected: str):
    with pytest.raises(StatementError, match=expected):
        read_points(file(tmp_path, text), NAMES)


def test_a_table_in_another_encoding_is_told(tmp_path: Path):
    path = tmp_path / "points.csv"
    path.write_bytes("x,t\n1,2\n".encode("utf-16"))
    with pytest.raises(StatementError, match="is not a CSV file in UTF-8"):
        read_points(str(path), NAMES)
