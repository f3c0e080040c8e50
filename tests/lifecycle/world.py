"""Projects as they stand at a gate. Comparisons are computed from real predictions."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.aligned import Side
from apps.compute.comparison import compare
from apps.compute.fit import QUESTIONS, Group
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role
from apps.datasets.models import Dataset, DatasetVersion
from apps.evaluations.models import Comparison, Model, ModelVersion, Run
from apps.lifecycle import services
from apps.lifecycle.models import Phase
from apps.projects.models import Project
from apps.requirements.models import Requirement, RequirementVersion, ValueCase, Waiver
from tests.factories import make_file, make_job, make_project, make_run

CANCER = Path(__file__).parent.parent / "data" / "predictions" / "breast_cancer"
ROLES = {"id": ColumnRole(Role.ID), "y_true": ColumnRole(Role.TARGET), "y_pred": ColumnRole(Role.PREDICTION)}


def today() -> date:
    return timezone.localdate()


def days(count: int) -> timedelta:
    return timedelta(days=count)


def start(project: Project, user: User | None = None, *, ago: int = 20, length: int = 42) -> Phase:
    """A discovery that began ``ago`` days ago."""
    begun = today() - days(ago)
    return services.start_discovery(
        project=project,
        user=user or project.created_by,
        started_on=begun,
        ends_on=begun + days(length),
    )


def in_delivery(project: Project, *, ago: int = 30) -> Phase:
    """A delivery that began ``ago`` days ago, as a row: the gate before it is not what is tested."""
    return Phase.objects.create(
        project=project,
        kind=Phase.Kind.DELIVERY,
        started_on=today() - days(ago),
        created_by=project.created_by,
    )


def answer_all(project: Project) -> None:
    """Every answer speaks for machine learning."""
    for question in QUESTIONS:
        services.answer_fit(
            project=project,
            user=project.created_by,
            question=question.key,
            state="refuted" if question.group == Group.AGAINST else "tested",
            note="Seen in the data of last year.",
        )


def make_model_run(project: Project, name: str, kind: str = Model.Kind.ML, rows: int | None = 114) -> Run:
    model, _created = Model.objects.get_or_create(project=project, name=name, defaults={"kind": kind})
    version, _created = ModelVersion.objects.get_or_create(model=model, label="1")
    return make_run(project, model_version=version, rows=rows)


@cache
def compared(baseline: str, model: str, first: bool = True) -> dict[str, Any]:
    """The comparison of two models of the breast cancer data, as stored; the baseline first or second."""
    names = [baseline, model] if first else [model, baseline]
    truth = pl.read_csv(CANCER / "truth.csv").select("id", "y_true")
    with TemporaryDirectory() as folder:
        sides = []
        for name in names:
            path = Path(folder) / f"{name}.parquet"
            predictions = pl.read_csv(CANCER / f"pred_{name}.csv").select("id", "y_pred")
            truth.join(predictions, on="id").write_parquet(path)
            sides.append(Side(name, path, ROLES))
        result = compare(sides, Task.BINARY, lambda _message, _share: None, baseline=names.index(baseline))
    return result.to_json()


def compare_with_baseline(
    project: Project, baseline: str = "rule", model: str = "lr", *, first: bool = True
) -> Comparison:
    runs = [
        make_model_run(project, f"{baseline} as baseline", Model.Kind.BASELINE),
        make_model_run(project, model),
    ]
    runs = runs if first else runs[::-1]
    return Comparison.objects.create(
        project=project,
        run_ids=[run.pk for run in runs],
        with_baseline=True,
        job=make_job(project),
        result=compared(baseline, model, first),
        created_by=project.created_by,
    )


def add_must(
    project: Project, state: str = "confirmed", metric: str = "", priority: str = "must"
) -> Requirement:
    number = project.requirements.count() + 1
    requirement = Requirement.objects.create(project=project, number=number, state=state)
    target = {"metric": metric, "comparison": "at_least", "limit": 1.0} if metric else {}
    requirement.current = RequirementVersion.objects.create(
        requirement=requirement,
        project=project,
        number=1,
        statement="Catch the cases.",
        kind="quality",
        priority=priority,
        verification="On the hold-out.",
        author=project.created_by,
        **target,
    )
    requirement.save(update_fields=["current"])
    return requirement


def waive(requirement: Requirement, expires_on: date, **fields: Any) -> Waiver:
    owner = requirement.project.created_by
    return Waiver.objects.create(
        project=requirement.project,
        requirement=requirement,
        owner=owner,
        granted_by=owner,
        reason="The interval narrows with the March data.",
        expires_on=expires_on,
        **fields,
    )


def add_holdout(project: Project, rows: int | None = 114, **fields: Any) -> DatasetVersion:
    author = fields.pop("created_by", project.created_by)
    dataset = Dataset.objects.create(project=project, name=f"Hold-out {project.datasets.count() + 1}")
    file = make_file(project, rows=rows, **fields)
    return DatasetVersion.objects.create(
        project=project, dataset=dataset, number=1, file=file, created_by=author
    )


def make_ready(project: Project | None = None) -> Project:
    """Every standard criterion of the delivery gate is met."""
    project = project or make_project()
    answer_all(project)
    compare_with_baseline(project)
    add_must(project)
    add_must(project, metric="value_per_year")
    ValueCase.objects.create(project=project, number=1, volume_per_year=1_000, author=project.created_by)
    add_holdout(project)
    return project
