"""Live systems: when data are due, what a batch holds, how good it is, and whether it got worse."""
