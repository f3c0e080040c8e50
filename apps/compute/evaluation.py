"""One call from a Parquet file to an `EvaluationResult`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from apps.compute.messages import Message
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import ColumnRoles

#: Told now and then what is being done and how much of the work is done (0..1).
Progress = Callable[[Message, float], None]


@dataclass(frozen=True, slots=True)
class EvaluationSpec:
    """What to compute. ``task`` None lets the columns decide; ``threshold`` None judges the file's
    predicted labels, or probability >= 0.5 where it has none. ``positive`` names the positive class.
    ``cross_slices`` are groups of slice columns whose combinations are reported too.
    """

    roles: ColumnRoles
    task: Task | None = None
    positive: str | None = None
    threshold: float | None = None
    cross_slices: tuple[tuple[str, ...], ...] = ()
    seed: int = 0


def evaluate(path: Path, spec: EvaluationSpec, progress: Progress) -> EvaluationResult:
    """Evaluate the prediction file at ``path`` (normalised Parquet with truth and predictions)."""
