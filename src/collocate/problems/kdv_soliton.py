"""Korteweg and de Vries' equation, u_t + 6 u u_x + u_xxx = 0: a tall soliton overtakes a low one.

On (−10, 10), t ≤ 1. The two solitons' values are given at t = 0 and at both ends, and u_x at the right end: waves of
this equation leave to the left, so two conditions are needed where they come in.
Truth: u = 2 ∂²/∂x² log F, F = 1 + e^{η₁} + e^{η₂} + ((k₁ − k₂)/(k₁ + k₂))² e^{η₁ + η₂}, η = k (x − x₀) − k³ t, with
k = 1, 3/2: Hirota, Phys. Rev. Lett. 27 (1971), doi:10.1103/PhysRevLett.27.1192. The taller one has x₀ = −4, the other
x₀ = 0. Written with F″F − F′² over F², and F divided by e^{(η₁ + η₂)/2}, so that nothing overflows.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, cosh, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

slow, fast = 1, Rational(3, 2)
shift_slow, shift_fast = 0, -4

# Centred by the shift that the interaction gives, F is c cosh(a) + cosh(b) but for an exponential of order 1 in x,
# which the second derivative of log F does not see.
ratio = (fast - slow) / (fast + slow)
phase_slow = slow * (x - shift_slow) - slow**3 * t
phase_fast = fast * (x - shift_fast) - fast**3 * t
tau = ratio * cosh((phase_slow + phase_fast) / 2) + cosh((phase_fast - phase_slow) / 2)

truth = 2 * (tau.diff(x, 2) * tau - tau.diff(x) ** 2) / tau**2

problem = co.Problem(
    Eq(u.diff(t) + 6 * u * u.diff(x) + u.diff(x, 3), 0),
    domain=co.Interval(x, -10, 10) * co.Time(t, 0, 1),
    conditions=[
        co.Initial(u, truth.subs(t, 0)),
        co.Dirichlet(u, truth, on=["left", "right"]),
        co.Neumann(u, truth.diff(x), on="right"),
    ],
    reference=truth,
)
