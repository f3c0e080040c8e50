"""A project with stakeholders, requirements of every verdict, and a conflict in real evidence."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

import polars as pl
from django.utils import timezone

from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.results import EvaluationResult
from apps.compute.roles import ColumnRole, Role
from apps.projects.models import Project
from apps.requirements import services
from apps.requirements.judging import judge_project
from apps.requirements.models import Conflict, Requirement, Stakeholder
from apps.requirements.services import EvidenceFields, StakeholderFields, ValueFields
from tests.factories import make_project
from tests.requirements.making import finished_run, wish

ADULT = Path(__file__).parents[1] / "data" / "predictions" / "adult"
ROLES = {
    "y_true": ColumnRole(Role.TARGET),
    "y_pred": ColumnRole(Role.PREDICTION),
    "proba_<=50K": ColumnRole(Role.PROBABILITY, "<=50K"),
    "proba_>50K": ColumnRole(Role.PROBABILITY, ">50K"),
    "sex": ColumnRole(Role.SLICE),
}


@cache
def adult_result(name: str, folder: Path) -> EvaluationResult:
    """Real predictions of incomes above 50,000, judged once a session."""
    frame = pl.read_parquet(ADULT / "truth.parquet").join(pl.read_csv(ADULT / name), on="id")
    path = folder / f"{name}.parquet"
    frame.select(*ROLES).write_parquet(path)
    spec = EvaluationSpec(roles=ROLES, positive=">50K", threshold=0.5)
    return evaluate(path, spec, lambda message, share: None)


def stakeholder(project: Project, name: str, **fields: object) -> Stakeholder:
    said = StakeholderFields(name=name, **fields)  # type: ignore[arg-type]
    return services.add_stakeholder(project=project, user=project.created_by, fields=said)


def tell(folder: Path) -> Project:
    """The project; its requirements are R-01 … R-07 in this order."""
    project = make_project(name="Income screening")
    owner = project.created_by
    outreach = stakeholder(project, "Outreach", influence=3, goal="Reach the people who can give more.")
    service = stakeholder(project, "Customer Service", influence=3, goal="Nobody is bothered for nothing.")
    compliance = stakeholder(project, "Compliance")
    platform = stakeholder(project, "Platform", influence=1)
    services.set_value_case(
        project=project,
        user=owner,
        fields=ValueFields(
            currency="EUR",
            volume_per_year=40_000,
            hit=90,
            false_alarm=35,
            running_cost=60_000,
            hoped_per_year=5e5,
        ),
    )
    found = target(
        project, "Most of those who earn more are found.", "recall", 0.8, outreach,
        verification="Share of the people above 50,000 that the model finds, hold-out of the census",
    )  # fmt: skip
    calm = target(
        project, "Hardly anybody is called for nothing.", "precision", 0.85, service,
        verification="Share of the calls that reach somebody above 50,000, same hold-out",
    )  # fmt: skip
    target(
        project, "For men and women it is right about as often.", "accuracy", 0.86, compliance,
        slice_column="sex", every_slice=True, kind="fairness", verification="Accuracy by sex, same hold-out",
    )  # fmt: skip
    wish(
        project, statement="Every call can be explained in three plain reasons.", metric="",
        kind="explainability", asked_by=(compliance,),
        verification="Two officers judge 50 sampled calls, agreement counted",
    )  # fmt: skip
    fallback = wish(
        project, statement="If the model is down, the old list takes over at once.", metric="",
        kind="reliability", verification="Failover drill, ten repeats", asked_by=(platform,),
    )  # fmt: skip
    target(
        project, "The system pays for itself.", "value_per_year", 200_000.0, outreach,
        kind="cost", verification="Value of the calls at the price list, minus the running cost",
    )  # fmt: skip
    target(
        project, "The ranking is nearly perfect.", "roc_auc", 0.95, None, priority="should",
        verification="Area under the ROC curve, same hold-out",
    )  # fmt: skip
    for kind, requirement, who in (
        ("opposes", calm, outreach), ("opposes", found, service), ("supports", fallback, service),
        ("supports", found, compliance),
    ):  # fmt: skip
        services.set_stance(requirement=requirement, stakeholder=who, user=owner, kind=kind)
    services.record_evidence(
        requirement=fallback,
        user=owner,
        fields=EvidenceFields(
            kind="drill", title="Failover drill", values=(1.1, 1.4, 1.2, 1.6, 1.3, 1.2, 1.5), unit="s",
            limit=2.0, comparison="at_most", observed_at=timezone.now() - timedelta(days=12),
        ),
    )  # fmt: skip
    for days, name in ((9, "pred_lr.csv.gz"), (2, "pred_hgb.csv.gz")):
        finished_run(project, adult_result(name, folder), evaluated_at=timezone.now() - timedelta(days=days))
    judge_project(project.pk)
    return project


def target(
    project: Project,
    statement: str,
    metric: str,
    limit: float,
    asked_by: Stakeholder | None,
    **fields: object,
) -> Requirement:
    asked = (asked_by,) if asked_by else ()
    return wish(
        project,
        statement=statement,
        metric=metric,
        comparison="at_least",
        limit=limit,
        asked_by=asked,
        **fields,
    )


def conflict_of(project: Project) -> Conflict:
    return Conflict.objects.get(project=project, gone_at=None)
