"""Every error that collocate raises on purpose.

    CollocateError
    ├── StatementError     the problem as stated: a missing condition, an unknown symbol, a condition off the domain
    ├── ExpressionError    text or an expression that cannot be read or evaluated
    ├── PlanError          a choice (network, activation, optimizer, points) that does not fit the problem
    ├── BackendError       a framework that is missing, a device that is not there, a transform it does not have
    ├── StoreError         a file that cannot be read, trusted or written
    ├── TrainingError      training that cannot go on: a residual that is not finite
    └── NotYetError        a documented name that a later release fills

Each message says what was given, what was expected, and how to mend it. Each also derives from the built-in
error that a caller would expect, so ``except ValueError`` works as usual.
"""

from __future__ import annotations


class CollocateError(Exception):
    """Root of the tree: ``except co.errors.CollocateError`` catches all that is raised on purpose."""


class StatementError(CollocateError, ValueError):
    """The problem as stated cannot be solved."""


class ExpressionError(CollocateError, ValueError):
    """An expression or its text cannot be read or evaluated."""


class PlanError(CollocateError, ValueError):
    """A choice does not fit the problem."""


class BackendError(CollocateError, RuntimeError):
    """A framework, device or transform is not available."""


class StoreError(CollocateError, OSError):
    """A file cannot be read, trusted or written."""


class TrainingError(CollocateError, ArithmeticError):
    """Training cannot go on."""


class NotYetError(CollocateError, NotImplementedError):
    """The name is documented and reserved; a later release fills it."""
