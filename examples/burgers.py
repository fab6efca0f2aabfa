import collocate as co
from sympy import Eq, Function, pi, sin, symbols

x, t = symbols("x t")
u = Function("u")(x, t)

problem = co.Problem(
    Eq(u.diff(t) + u * u.diff(x), 0.01 / pi * u.diff(x, 2)),
    domain=co.Interval(x, -1, 1) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, -sin(pi * x)), co.Dirichlet(u, 0)],
)

if __name__ == "__main__":
    solution = co.solve(problem, backend="torch")      # "torch" | "tensorflow" | "jax"
    print(solution(x=0.5, t=0.3))
