"""What people say: the fields of stakeholders, requirements, evidence and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.datasets.models import DataFile, Dataset
from apps.requirements.models import RequirementVersion, Stakeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderFields:
    name: str
    goal: str = ""
    objective: str = ""
    baseline: str = ""
    measure: str = ""
    direction: str = ""
    influence: int = Stakeholder.Influence.MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementFields:
    """What a requirement says. With a metric it is measured by runs, without one by people."""

    statement: str
    kind: str
    priority: str
    verification: str
    scenario: Mapping[str, str] = field(default_factory=dict)
    metric: str = ""
    comparison: str = ""
    limit: float | None = None
    dataset: Dataset | None = None
    file: DataFile | None = None
    slice_column: str = ""
    slice_value: str = ""
    every_slice: bool = False
    confidence: float = 0.95
    max_age_days: int | None = None
    batch_size: int | None = None
    concurrency: int | None = None
    call_ms: float | None = None

    @classmethod
    def of(cls, version: RequirementVersion) -> RequirementFields:
        return cls(**{name: getattr(version, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFields:
    """Which fields count depends on the kind: document ``supports``; judgement ``positive``, ``total``;
    drill ``values`` in ``unit``; the last two are held against ``limit``.
    """

    kind: str
    title: str
    note: str = ""
    link: str = ""
    supports: bool | None = None
    positive: int | None = None
    total: int | None = None
    values: Sequence[float] = ()
    unit: str = ""
    limit: float | None = None
    comparison: str = ""
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFields:
    currency: str
    volume_per_year: float
    hoped_per_year: float | None = None
    hit: float = 0
    miss: float = 0
    false_alarm: float = 0
    review: float = 0
    error_unit: float = 0
    amount_column: str = ""
    hit_of_amount: float = 0
    miss_of_amount: float = 0
    false_alarm_of_amount: float = 0
    running_cost: float = 0
    training_cost: float = 0
    trainings_per_year: float = 0
    present_process: float | None = None
    spent: float = 0
    delay_per_week: float | None = None
