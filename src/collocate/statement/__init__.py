"""What is to be solved: equations, domain and conditions, validated and resolved to canonical data for the planner."""

from collocate.statement.conditions import (
    Condition,
    Data,
    Dirichlet,
    Final,
    Initial,
    Mean,
    Neumann,
    Periodic,
    Point,
    Robin,
    normal,
)
from collocate.statement.declarations import Parameter, Unknown
from collocate.statement.observations import MEASURED, Observations
from collocate.statement.problem import Problem
from collocate.statement.reference import reference_values
from collocate.statement.regions import Selection
from collocate.statement.resolve import ResolvedCondition
from collocate.statement.vocabulary import Equation

__all__ = [
    "MEASURED",
    "Condition",
    "Data",
    "Dirichlet",
    "Equation",
    "Final",
    "Initial",
    "Mean",
    "Neumann",
    "Observations",
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
