"""Numbers as they are read: three digits and a unit of the right size."""

from __future__ import annotations

import math

TIMES = ((1e-6, "µs"), (1e-3, "ms"), (1.0, "s"))
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def digits(value: float) -> str:
    """Three digits, without an exponent from 0.001 to a million; thousands apart."""
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}"
    rounded = float(f"{value:.2e}")
    return f"{rounded:,.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}".replace(",", "\u202f")


def seconds(value: float) -> str:
    if math.isinf(value):
        return "never"
    size, unit = next(((s, u) for s, u in TIMES[::-1] if abs(value) >= s * 0.9995), TIMES[0])
    return f"{digits(value / size)} {unit}"


def memory(value: float) -> str:
    return f"{digits(value / 1e9)} GB" if value >= 0.9995e9 else f"{digits(value / 1e6)} MB"


def errors(value: float) -> str:
    return f"{value:.1e}".replace("e-0", "e-").replace("e+00", "")


def rate(value: float) -> str:
    """Of floating-point operations a second."""
    return f"{digits(value / 1e9)} Gflop/s"


def percent(value: float) -> str:
    """A fraction; below one in a hundred with a digit more."""
    return f"{100 * value:.{0 if value >= 0.0095 or value == 0 else 1}f} %"


def times(value: float) -> str:
    """A factor: 1.8, 12."""
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def count(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u202f")


def power(exponent: int) -> str:
    """10⁻³; 1 and 10 as they are."""
    return {0: "1", 1: "10"}.get(exponent) or f"10{str(exponent).translate(SUPERSCRIPTS)}"
