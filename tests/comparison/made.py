"""Results of `collocate compare` as they come, made up: every number follows from the few below.

Two problems × three backends × three repeats, and what goes wrong in practice: burgers is clean, kdv has a case that
failed, and `void=True` adds a third problem on which the backends disagree.
"""

from __future__ import annotations

import math
from typing import Any

BACKENDS = ("torch", "tensorflow", "jax")
FIELDS = {"burgers": ("u",), "kdv": ("u",), "flow": ("u", "p")}

# Seconds a step, a compile (PyTorch keeps its own for the next repeat); megabytes; the error at the end.
STEP = {"torch": 0.010, "tensorflow": 0.021, "jax": 0.018}
COMPILE = {"torch": 9.0, "tensorflow": 3.0, "jax": 2.9}
MEGABYTES = {"torch": 620.0, "tensorflow": 1040.0, "jax": 640.0}
END = {"torch": 3.0e-7, "tensorflow": 3.4e-7, "jax": 2.8e-7}
REPEATS = (1.0, 0.97, 1.03)
FALLS = {"torch": (1.0, 0.94, 1.05), "tensorflow": (1.0, 0.97, 1.02), "jax": (1.0, 0.9, 1.12)}
STEPS = 400


def results(void: bool = True, failed: bool = True, repeats: int = 3) -> dict[str, Any]:
    """Without a recommendation."""
    names = ["burgers", "kdv", *(["flow"] if void else [])]
    cases = [case(problem, backend, repeats) for problem in names for backend in BACKENDS]
    if failed:
        for run in by_id(cases, "kdv/jax/compiled/float64/jets/auto")["runs"][1:]:
            fail(run, "the process ended:\nTraceback, long.\nMemoryError: 12 GB were asked for.\n")
    return {
        "schema": 1,
        "made": {
            "collocate": "0.1.0",
            "date": "2026-11-26T12:00:00+00:00",
            "command": f"collocate compare {' '.join(names)}",
            "finished": True,
            "stopped_because": "done",
        },
        "machine": {
            "processor": "A processor of two cores",
            "cores": 2,
            "memory_bytes": 8e9,
            "system": "Linux",
            "python": "3.11.7",
            "load_before": [0.1, 0.2, 0.2],
            "load_after": [1.9, 1.5, 1.0],
            "dgemm_flops": 8.0e10,
            "sgemm_flops": 1.7e11,
            "memory_bandwidth": 1.2e10,
        },
        "versions": {"torch": "2.13.0", "tensorflow": "2.21.0", "jax": "0.10.2", "numpy": "2.4.6"},
        "settings": {
            "problems": names,
            "backends": list(BACKENDS),
            "modes": ["compiled"],
            "dtypes": ["float64"],
            "derivatives": ["jets"],
            "optimizers": ["auto"],
            "repeats": repeats,
            "case_limit": 60,
            "device": "auto",
            "seed": 0,
        },
        "agreement": [agreement(name, cases, agrees=name != "flow") for name in names],
        "cases": cases,
    }


def by_id(cases: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in cases if each["id"] == name)


def agreement(problem: str, cases: list[dict[str, Any]], agrees: bool) -> dict[str, Any]:
    ids = [each["id"] for each in cases if each["problem"] == problem]
    shift = 0.0 if agrees else 0.25
    return {
        "problem": problem,
        "dtype": "float64",
        "loss": {name: 1.5 + shift * number for number, name in enumerate(ids)},
        "gradient_norm": dict.fromkeys(ids, 0.7),
        "largest_difference": 3e-14 if agrees else 0.25,
        "tolerance": 1e-10,
        "agrees": agrees,
        "reason": None if agrees else f"the first loss of {ids[1]} differs by 0.25, so nothing is compared",
    }


def case(problem: str, backend: str, repeats: int = 3, **settings: str) -> dict[str, Any]:
    chosen = {"mode": "compiled", "dtype": "float64", "derivatives": "jets", "optimizer": "auto"} | settings
    scale = {"burgers": 1.0, "kdv": 2.5, "flow": 4.0}[problem]
    return {
        "id": "/".join([problem, backend, *chosen.values()]),
        "problem": problem,
        "backend": backend,
        **chosen,
        "parameters": 1341,
        "points": {"interior": 5500},
        "native_lines": 87 if backend == "torch" else None,
        "work": {"flops_per_step": 2.2e8 * scale, "bytes_per_step": 6.0e7 * scale},
        "runs": [run(problem, backend, number, scale) for number in range(repeats)],
    }


def run(problem: str, backend: str, repeat: int, scale: float) -> dict[str, Any]:
    wobble = REPEATS[repeat % 3]
    step = STEP[backend] * scale * wobble
    end = END[backend] * wobble**4
    cached = backend == "torch" and repeat > 0
    history = curve(step, end, FIELDS[problem], 0.6 * FALLS[backend][repeat % 3])
    return {
        "repeat": repeat,
        "order": 3 * repeat + BACKENDS.index(backend),
        "failed": None,
        "import_seconds": 1.1 * wobble,
        "compile_seconds": 1.2 if cached else COMPILE[backend] * wobble,
        "compiled_from_cache": cached,
        "step_seconds": {"median": step, "lower": 0.99 * step, "upper": 1.02 * step, "count": 50},
        "points_per_second": 5500 / step,
        "first_loss": 1.5,
        "first_gradient_norm": 0.7,
        "decades": {field: reached(history, field) for field in FIELDS[problem]},
        "final_error": {field: history["error"][field][-1] for field in FIELDS[problem]},
        "final_residual": 1e-8 * wobble,
        "steps": STEPS,
        "train_seconds": STEPS * step,
        "stopped_because": "no more progress",
        "curve": history,
        "peak_rss_bytes": MEGABYTES[backend] * 1e6 * (1 + (wobble - 1) / 50),
        "device_bytes": None,
        "cpu_seconds": 1.8 * STEPS * step,
        "inference_seconds": {"1": 1e-4 * wobble, "1000": 9e-4 * wobble, "100000": 6e-2 * wobble},
    }


def curve(step: float, end: float, fields: tuple[str, ...], power: float) -> dict[str, Any]:
    """Errors from 1 to ``end``, log error as a power of the step, on 40 steps evenly in log t."""
    steps = sorted({round(STEPS ** (number / 39)) for number in range(40)})
    fall = [math.exp(math.log(end) * (n / STEPS) ** power) for n in steps]
    return {
        "seconds": [n * step for n in steps],
        "steps": steps,
        "loss": [error**2 for error in fall],
        "error": {field: [each * (1 + number) for each in fall] for number, field in enumerate(fields)},
    }


def reached(history: dict[str, Any], field: str) -> dict[str, float]:
    pairs = list(zip(history["seconds"], history["error"][field], strict=True))
    found = {f"1e-{n}": next((t for t, error in pairs if error < 10.0**-n), None) for n in range(1, 10)}
    return {key: seconds for key, seconds in found.items() if seconds is not None}


def fail(run: dict[str, Any], text: str) -> None:
    """As a run that failed is written: the text, and nothing known."""
    kept = {"repeat", "order"}
    run.update({key: None for key in run if key not in kept}, failed=text)
