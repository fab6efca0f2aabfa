"""Classical solvers of our own on NumPy and SciPy. They only give truth: none of them is used in training."""
