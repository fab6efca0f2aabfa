"""Black and Scholes' equation for a call option, V_t + ½ σ² S² V_SS + r S V_S − r V = 0, backwards from its payoff.

S ∈ (0, 300), strike K = 100, one year, r = 0.05, σ = 0.25. V = max(S − K, 0) at the end, V = 0 at S = 0, and
V = S − K e^{−r (1 − t)} at S = 300, where what it leaves out is less than 1e-6 of V.
Truth: the closed form of Black & Scholes, J. Political Economy 81 (1973), doi:10.1086/260062. The difficulty is the
payoff's kink at S = K, where the second derivative is infinite at the end; `regions` are its two sides, on which the
error is reported.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr
from sympy import Eq, Function, Max, Rational, exp, symbols

import collocate as co

S, t = symbols("S t")
V = Function("V")(S, t)

strike, highest, term = 100, 300, 1
rate, volatility = Rational(1, 20), Rational(1, 4)


def truth(S: np.ndarray, t: np.ndarray) -> np.ndarray:
    """S Φ(d₁) − K e^{−rτ} Φ(d₂), d₁ = (log S/K + (r + σ²/2) τ) / (σ √τ), d₂ = d₁ − σ √τ; τ = 1 − t."""
    r, spread = float(rate), float(volatility) * np.sqrt(term - t)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = (np.log(S / strike) + r * (term - t)) / spread + spread / 2
    call = S * ndtr(first) - strike * np.exp(-r * (term - t)) * ndtr(first - spread)
    return np.where(t == term, np.maximum(S - strike, 0.0), call)


regions = {"below the strike": lambda S, t: strike > S, "above the strike": lambda S, t: strike <= S}

problem = co.Problem(
    Eq(V.diff(t) + volatility**2 / 2 * S**2 * V.diff(S, 2) + rate * S * V.diff(S) - rate * V, 0),
    domain=co.Interval(S, 0, highest) * co.Time(t, 0, term),
    conditions=[
        co.Final(V, Max(S - strike, 0)),
        co.Dirichlet(V, 0, on="left"),
        co.Dirichlet(V, highest - strike * exp(-rate * (term - t)), on="right"),
    ],
    reference=truth,
)
