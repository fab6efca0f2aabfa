"""plan × network × backend → named residual vectors, and their Jacobian."""

from collocate.residuals.assemble import Residuals
from collocate.residuals.jacobian import column_count, jacobian, join, trained
from collocate.residuals.trial import coordinate_jets, field_jets

__all__ = ["Residuals", "column_count", "coordinate_jets", "field_jets", "jacobian", "join", "trained"]
