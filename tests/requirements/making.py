"""Finished runs with chosen numbers, and requirements, made by the portal's own services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.compute.results import EvaluationResult, MetricResult, Table, Task
from apps.evaluations.models import MetricValue, Run
from apps.evaluations.pipeline import metric_values
from apps.jobs.models import State
from apps.projects.models import Project
from apps.requirements.models import Requirement, Verdict
from apps.requirements.services import EvidenceFields, RequirementFields, ValueFields, add_requirement
from tests.factories import make_job, make_run

DOCUMENT = EvidenceFields(kind="document", title="Opinion of the works council", supports=True)
PRICES = ValueFields(currency="EUR", volume_per_year=1_000, hit=5)


def metric(
    key: str, value: float | None, low: float | None = None, high: float | None = None, n: int = 1_000
) -> MetricResult:
    return MetricResult(key, value, low, high, n, "wilson" if low is not None else "")


def result_of(*metrics: MetricResult, **fields: Any) -> EvaluationResult:
    return EvaluationResult(**{"task": Task.BINARY, "n": 1_000, "metrics": metrics, **fields})


def finished_run(project: Project, result: EvaluationResult, **fields: Any) -> Run:
    """A run whose job has succeeded and whose numbers are stored as the pipeline stores them."""
    job = make_job(project, state=State.SUCCEEDED, finished_at=timezone.now())
    run = make_run(project, job=job, task=result.task.value, result=result.to_json(), rows=result.n, **fields)
    MetricValue.objects.bulk_create(metric_values(run, result))
    return run


def wish(project: Project, **fields: Any) -> Requirement:
    """A requirement of the owner; by default that accuracy is at least 0.8."""
    target = {"metric": "accuracy", "comparison": "at_least", "limit": 0.8}
    if "metric" in fields and fields["metric"] == "":
        target = {}
    said = {
        "statement": "It is right most of the time.",
        "kind": "quality",
        "priority": "must",
        "verification": "On the hold-out.",
        **target,
    }
    asked = {name: fields.pop(name) for name in ("asked_by", "asked_on") if name in fields}
    return add_requirement(
        project=project, user=project.created_by, fields=RequirementFields(**{**said, **fields}), **asked
    )


def swept(*cells: tuple[float, int, int, int, int]) -> Table:
    """The parts of a sweep that are read again: threshold, tn, fp, fn, tp."""
    columns = zip(*cells, strict=True)
    return Table(dict(zip(("threshold", "tn", "fp", "fn", "tp"), map(list, columns), strict=True)))


def verdict(requirement: Requirement) -> Verdict:
    """The one in force."""
    return Verdict.objects.get(requirement=requirement, until=None)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(InputRejected) as caught:
        call()
    assert str(caught.value.message)  # its places are all filled in
    return caught.value.code


def fields_of(requirement: Requirement, **changes: Any) -> RequirementFields:
    requirement.refresh_from_db()
    assert requirement.current is not None
    return replace(RequirementFields.of(requirement.current), **changes)
