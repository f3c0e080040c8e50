"""Faults in data: likely label errors, copies, rows that move a metric, clusters that may be poisoned.

Everything here is a hint to look at rows, and no proof that they are wrong. Only a worker imports it; the
record of what was found is in `result`.
"""
