"""Money per year from the rows of a run at a project's prices.

Costs are positive numbers and are subtracted. `formula` and `result` are light; only workers import `judge`.
"""
