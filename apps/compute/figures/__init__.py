"""From the tables of a result to the figures of a report."""

from __future__ import annotations

from apps.compute.figures import binary, latency, multiclass, regression
from apps.compute.figures.theme import Figure, Heading
from apps.compute.messages import Quantity
from apps.compute.results import EvaluationResult, Task

__all__ = ["Figure", "Heading", "Quantity", "figures_of"]

_BY_TASK = {
    Task.BINARY: binary.figures,
    Task.MULTICLASS: multiclass.figures,
    Task.REGRESSION: regression.figures,
}


def figures_of(result: EvaluationResult) -> list[Figure]:
    """Every figure that the result has a table for, in the order of the report."""
    return [*_BY_TASK[result.task](result), *latency.figures(result)]
