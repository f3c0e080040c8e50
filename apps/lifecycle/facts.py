"""What the gates look at, read for many projects with a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from apps.datasets.models import Dataset, DatasetVersion
from apps.evaluations.models import Model, Run
from apps.lifecycle.beating import Pair, pairs_of
from apps.lifecycle.models import Criterion, FitAnswer, Phase
from apps.projects.models import Membership, Project
from apps.requirements.models import ProjectJudgement, Requirement, ValueCase, Waiver

MONEY_METRIC = "value_per_year"


@dataclass(slots=True)
class Must:
    """A must-requirement; ``waived`` while somebody answers for it and the waiver has not expired."""

    code: str
    state: str
    waived: bool


@dataclass(slots=True)
class Holdout:
    """The newest version of a hold-out data set. ``owned``: who added it is still in the project."""

    name: str
    rows: int | None
    being_read: bool
    owned: bool


@dataclass(slots=True)
class Scope:
    """The delivery that is open, or else the last one: items of work agreed or added, and done."""

    agreed: bool
    total: int
    done: int


@dataclass(slots=True)
class Facts:
    answers: dict[str, str] = field(default_factory=dict)
    baseline_run: int | None = None  # number of the newest finished one
    pairs: list[Pair] = field(default_factory=list)
    musts: list[Must] = field(default_factory=list)
    value_case: bool = False
    money_codes: list[str] = field(default_factory=list)
    money_result: bool = False
    holdouts: list[Holdout] = field(default_factory=list)
    scope: Scope | None = None
    criteria: list[Criterion] = field(default_factory=list)  # of both gates


def facts_of(projects: Sequence[Project], today: date) -> dict[int, Facts]:
    """Facts by the project's id."""
    ids = [project.pk for project in projects]
    facts = {project_id: Facts() for project_id in ids}
    for project_id, question, state in FitAnswer.objects.filter(project__in=ids).values_list(
        "project", "question", "state"
    ):
        facts[project_id].answers[question] = state
    for criterion in Criterion.objects.filter(project__in=ids, removed_at=None):
        facts[criterion.project_id].criteria.append(criterion)
    _runs(ids, facts)
    _requirements(ids, facts, today)
    _money(ids, facts)
    _holdouts(ids, facts)
    _scope(ids, facts)
    return facts


def _runs(ids: list[int], facts: dict[int, Facts]) -> None:
    finished = Run.objects.filter(project__in=ids, rows__isnull=False)
    baseline = finished.filter(
        Q(model_version__model__kind=Model.Kind.BASELINE) | Q(model_version__model__baseline_of__isnull=False)
    )
    newest = baseline.order_by("project_id", "-number").distinct("project_id")
    for project_id, number in newest.values_list("project", "number"):
        facts[project_id].baseline_run = number
    for project_id, pairs in pairs_of(ids).items():
        facts[project_id].pairs = pairs


def valid_waivers(today: date) -> QuerySet[Waiver]:
    """Waivers of the requirement of the outer query that hold on this day."""
    return Waiver.objects.filter(requirement=OuterRef("pk"), revoked_at=None, expires_on__gte=today)


def _requirements(ids: list[int], facts: dict[int, Facts], today: date) -> None:
    rows = (
        Requirement.objects.filter(project__in=ids, withdrawn_at=None)
        .filter(Q(current__priority="must") | Q(current__metric=MONEY_METRIC))
        .annotate(waived=Exists(valid_waivers(today)))
        .select_related("current")
        .only("project_id", "number", "state", "current__priority", "current__metric")
        .order_by("project", "number")
    )
    for row in rows:
        if row.current is not None and row.current.priority == "must":
            facts[row.project_id].musts.append(Must(row.code, row.state, row.waived))
        if row.current is not None and row.current.metric == MONEY_METRIC:
            facts[row.project_id].money_codes.append(row.code)


def _money(ids: list[int], facts: dict[int, Facts]) -> None:
    for project_id in ValueCase.objects.filter(project__in=ids).values_list("project", flat=True).distinct():
        facts[project_id].value_case = True
    with_value = ProjectJudgement.objects.filter(project__in=ids, value__isnull=False)
    for project_id in with_value.values_list("project", flat=True):
        facts[project_id].money_result = True


def _holdouts(ids: list[int], facts: dict[int, Facts]) -> None:
    member = Membership.objects.filter(project=OuterRef("project"), user=OuterRef("created_by"))
    newest = (
        DatasetVersion.objects.filter(
            project__in=ids, dataset__role=Dataset.Role.HOLDOUT, state=DatasetVersion.State.IN_FORCE
        )
        .order_by("dataset_id", "-number")
        .distinct("dataset_id")
        .annotate(owned=Exists(member))
        .select_related("dataset", "file__job")
    )
    for version in newest:
        job = version.file.job
        facts[version.project_id].holdouts.append(
            Holdout(
                name=version.dataset.name,
                rows=version.file.rows,
                being_read=job is not None and not job.ended,
                owned=version.owned,
            )
        )


def _scope(ids: list[int], facts: dict[int, Facts]) -> None:
    in_scope = Q(deliverables__removed_on=None)
    phases = Phase.objects.filter(project__in=ids, kind=Phase.Kind.DELIVERY).annotate(
        total=Sum("deliverables__size", filter=in_scope, default=0),
        done=Sum("deliverables__size", filter=in_scope & Q(deliverables__done_on__isnull=False), default=0),
    )
    # The one that counts comes last: what was delivered stays delivered once its phase is closed.
    for phase in phases.order_by(F("closed_at").asc(nulls_last=True), "pk"):
        facts[phase.project_id].scope = Scope(phase.baseline_at is not None, phase.total, phase.done)
