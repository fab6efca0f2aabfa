"""A network of one's own, a torch.nn.Module: −u″ = u + 8 cos 3x between fixed ends.

Truth: u = cos 3x + sin x. The exact conditions, the training and the check are those of every other network.
"""

import torch
from sympy import Eq, Function, cos, pi, sin, symbols

import collocate as co

x = symbols("x")
u = Function("u")(x)

problem = co.Problem(
    Eq(-u.diff(x, 2), u + 8 * cos(3 * x)),
    domain=co.Interval(x, 0, pi / 2),
    conditions=[co.Dirichlet(u, 1, on="left"), co.Dirichlet(u, 1, on="right")],
    reference=cos(3 * x) + sin(x),
)


class Wide(torch.nn.Module):
    """One wide layer of cosines beside a straight line."""

    def __init__(self, width: int = 40):
        super().__init__()
        torch.manual_seed(0)
        self.inner = torch.nn.Linear(1, width)
        self.outer = torch.nn.Linear(width, 1)
        self.line = torch.nn.Linear(1, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.outer(torch.cos(self.inner(features))) + self.line(features)


if __name__ == "__main__":
    solution = co.solve(problem, backend="torch", network=Wide())
    print(f"relative L2 error {solution.error():.1e}, u(1) = {solution(x=1):.8f}")
