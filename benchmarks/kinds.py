"""Five kinds of statement, each one file, on three frameworks: the same first loss, and all of them solved.

    python benchmarks/kinds.py [--backends jax,torch,tensorflow] [NAME …]

An integral term, an unknown field from data, a boundary value problem in time, fourth order, a domain with a hole:
of examples/, with their default settings, each in a fresh process. A row is the first loss ½ Σ w ω r² on the first
points and what `collocate solve --json` prints; rows are added to benchmarks/results/kinds-*.jsonl.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from derivatives import machine
from runs import default_path

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("memory", "conductivity", "optimal_control", "beam", "annulus")
ONE = """
import json, sys
from collocate.backends import select
from collocate.cli.loading import load
from collocate import planning
from collocate.residuals import frozen, initial_parameters, trained
from collocate.sampling.point_sets import draw, observed
from collocate.solution import solve
from collocate.training import Functions, PointObjective, initial_vector

problem, backend = load(sys.argv[1]).problem, sys.argv[2]
plan = planning.plan(problem)
parameters = initial_parameters(plan, seed=0)
points = draw(problem.domain, plan, seed=0, given=observed(plan, problem.observations))
weights = {term.name: term.weight for term in plan.terms}
functions = Functions(select.get(backend), plan, parameters)
objective = PointObjective(functions, frozen(parameters), points, weights, 0)
rows = objective.residuals(initial_vector(trained(parameters)))
solution = solve(problem, backend=backend, callbacks=[])
print(json.dumps({"first_loss": float(0.5 * rows @ rows), **solution.result}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=KINDS)
    parser.add_argument("--backends", default="jax,torch,tensorflow")
    asked = parser.parse_args()
    found = machine()
    path = default_path("kinds")
    for name in asked.names:
        for backend in asked.backends.split(","):
            command = [sys.executable, "-c", ONE, str(ROOT / "examples" / f"{name}.py"), backend]
            done = subprocess.run(command, capture_output=True, text=True)
            row = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.stderr[-500:]}
            row |= {"problem": name, "backend": backend, "machine": found}
            with path.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(name, backend, row.get("first_loss"), row.get("relative_l2"), row.get("failed", ""), flush=True)


if __name__ == "__main__":
    main()
