"""How good is a classifier while its labels are not known? CBPE: confidence-based performance estimation.

Written by its owner; the records below are the contract. Equal to NannyML 0.13.1 (golden numbers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.compute.results import MetricResult, Task
from apps.compute.roles import ColumnRoles


@dataclass(frozen=True, slots=True)
class Calibration:
    """What labelled reference data taught: isotonic maps from score to probability for each class (knots),
    and the spread of each metric's sampling error. Survives a trip through JSON.
    """

    task: Task
    classes: tuple[str, ...]
    positive: str | None
    threshold: float | None
    knots: Mapping[str, tuple[Sequence[float], Sequence[float]] | None]  # None: needs no calibration
    spread: Mapping[str, float]  # metric -> standard error of one row's contribution (as NannyML)
    rows: int

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        raise NotImplementedError


def calibrate(
    path: Path, roles: ColumnRoles, task: Task, *, positive: str | None, threshold: float | None
) -> Calibration:
    """Learn from the labelled rows of a Parquet table. InputRejected: no labels or probabilities."""
    raise NotImplementedError


def estimate(path: Path, roles: ColumnRoles, calibration: Calibration) -> tuple[MetricResult, ...]:
    """Estimated metrics (keys of the registry) of a table without labels, with 95 % intervals; ``method`` is
    "cbpe". Empty table: every metric undefined with a reason.
    """
    raise NotImplementedError
