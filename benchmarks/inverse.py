"""Do the 95 % intervals of an unknown number hold? `diffusion_inverse` with twenty draws of its noise.

    python benchmarks/inverse.py [--seeds 20]

Default settings, JAX. A row is the D found, its interval, and whether the truth, 0.1, lies within; rows are added
to benchmarks/results/inverse-*.jsonl. At the end: how many hold, and the spread of D over the seeds beside the standard
deviation that the intervals claim, which should agree.
"""

from __future__ import annotations

import argparse
import json
import statistics

from derivatives import machine
from runs import commit, default_path
from sympy import Eq

import collocate as co
from collocate.problems import diffusion_inverse as zoo


def stated(seed: int) -> co.Problem:
    """The problem with another draw of the noise."""
    return co.Problem(
        Eq(zoo.u.diff(zoo.t), zoo.D * zoo.u.diff(zoo.x, 2)),
        domain=zoo.problem.domain,
        conditions=[
            co.Initial(zoo.u, zoo.truth.subs(zoo.t, 0)),
            co.Dirichlet(zoo.u, 0),
            co.Data(zoo.u, zoo.table(seed), sigma="sigma"),
        ],
        unknowns=[co.Unknown(zoo.D, 1.0)],
        reference=zoo.truth,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    rows = []
    with default_path("inverse").open("a") as file:
        for seed in range(parser.parse_args().seeds):
            solution = co.solve(stated(seed), callbacks=[])
            low, high = solution.intervals["D"]
            held = {name: solution.result[name] for name in ("steps", "train_seconds", "residual_heldout")}
            row = {"seed": seed, "D": solution.unknowns["D"], "low": low, "high": high, "holds": low <= 0.1 <= high}
            rows.append(row | held | {"commit": commit(), "machine": machine()})
            file.write(json.dumps(rows[-1]) + "\n")
            print(f"{seed:3} D {row['D']:.5f} ({low:.5f} to {high:.5f}) {'' if row['holds'] else 'missed'}", flush=True)
    claimed = statistics.mean((row["high"] - row["low"]) / 3.92 for row in rows)
    spread = statistics.stdev(row["D"] for row in rows)
    print(f"{sum(row['holds'] for row in rows)} of {len(rows)} hold; D spreads by {spread:.2g}, claimed {claimed:.2g}")


if __name__ == "__main__":
    main()
