"""What is to be solved: equations, domain and conditions, validated and resolved to canonical data for the planner."""

from collocate.statement.conditions import (
    Condition,
    Dirichlet,
    Initial,
    Mean,
    Neumann,
    Periodic,
    Robin,
    normal,
)
from collocate.statement.declarations import Unknown
from collocate.statement.later import Data, Final, Parameter, Point
from collocate.statement.problem import Problem
from collocate.statement.reference import reference_values
from collocate.statement.regions import Selection
from collocate.statement.resolve import ResolvedCondition
from collocate.statement.vocabulary import Equation

__all__ = [
    "Condition",
    "Data",
    "Dirichlet",
    "Equation",
    "Final",
    "Initial",
    "Mean",
    "Neumann",
    "Parameter",
    "Periodic",
    "Point",
    "Problem",
    "ResolvedCondition",
    "Robin",
    "Selection",
    "Unknown",
    "normal",
    "reference_values",
]
