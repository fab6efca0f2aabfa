"""Whether a solution is to be trusted; here its references: classical solvers of our own."""
