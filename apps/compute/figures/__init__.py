"""From the tables of a result to the figures of a report."""

from __future__ import annotations

from apps.compute.figures import latency
from apps.compute.figures.theme import Figure, Heading
from apps.compute.messages import Quantity
from apps.compute.results import EvaluationResult
from apps.compute.tasks import TASK_KINDS

__all__ = ["Figure", "Heading", "Quantity", "figures_of"]


def figures_of(result: EvaluationResult) -> list[Figure]:
    """Every figure that the result has a table for, in the order of the report."""
    return [*TASK_KINDS[result.task].drawing().figures(result), *latency.figures(result)]
