"""Solvers that only give truth: none of them is used in training."""
