"""A comparison of two backends, and a runner that starts nothing."""

from __future__ import annotations

from typing import Any

from collocate.comparison.loop import Results, begun
from collocate.comparison.settings import Settings, Subject

FOUND = {"failed": None, "parameters": 337, "points": {"interior": 1500}, "first_loss": 0.5, "first_gradient_norm": 2.0}


class Runner:
    """Notes what it is asked, and answers `answers[case id]`: a dictionary, or an exception to raise; else FOUND."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}

    def __call__(self, case: Any, request: Any) -> dict[str, Any]:
        self.asked.append(case["id"])
        answer = self.answers.get(case["id"], FOUND)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def settings(**changed: Any) -> Settings:
    chosen: dict[str, Any] = {
        "problems": (Subject("poisson2d", source="poisson2d"),),
        "backends": ("torch", "jax"),
        "modes": ("compiled",),
        "dtypes": ("float64",),
        "derivatives": ("jets",),
        "optimizers": ("auto",),
        "repeats": 3,
        "case_limit": 2.0,
        "device": "auto",
    }
    return Settings(**chosen | changed)


def blank(of: Settings) -> Results:
    return begun(of, "collocate compare poisson2d", {})
