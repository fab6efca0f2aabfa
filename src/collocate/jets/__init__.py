"""Jets: a value with the derivatives that a problem needs, propagated forward through networks and expressions."""

from collocate.jets.affine import Features, affine
from collocate.jets.algebra import Jet, JetAlgebra, column, stack_features
from collocate.jets.entries import MAX_ORDER, Entry, JetSpace
from collocate.jets.functions import FUNCTIONS, SMOOTH_ACTIVATIONS

__all__ = [
    "FUNCTIONS",
    "MAX_ORDER",
    "SMOOTH_ACTIVATIONS",
    "Entry",
    "Features",
    "Jet",
    "JetAlgebra",
    "JetSpace",
    "affine",
    "column",
    "stack_features",
]
