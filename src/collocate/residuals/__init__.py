"""plan × network × backend → named residual vectors, and their Jacobian."""

from collocate.residuals.assemble import Residuals
from collocate.residuals.evaluate import Evaluator
from collocate.residuals.jacobian import jacobian
from collocate.residuals.parameters import frozen, initial_parameters, join, trained, unknown_values
from collocate.residuals.trial import check_backend, coordinate_jets, field_jets

__all__ = [
    "Evaluator",
    "Residuals",
    "check_backend",
    "coordinate_jets",
    "field_jets",
    "frozen",
    "initial_parameters",
    "jacobian",
    "join",
    "trained",
    "unknown_values",
]
