"""Everything that the first page of a project says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from apps.accounts.models import User
from apps.compute.figures import Figure, burn
from apps.dashboards.rows import Bar, verdict_bar
from apps.dashboards.words import Told, tell
from apps.evaluations.models import Run
from apps.history.models import Change
from apps.lifecycle.burn import burn_down_figure, burn_up
from apps.lifecycle.models import Phase
from apps.lifecycle.waiting import Waiting, waiting_for
from apps.monitoring.models import Monitor
from apps.monitoring.pages.lights import Answer, worst_answers
from apps.projects.models import Project
from apps.requirements.models import ProjectJudgement, ValueCase, VerdictState
from apps.requirements.reading import rows_for
from apps.requirements.shown import Shown

ACTIVITIES = 6
URGENT = 4
TARGETS = 8
_ORDER = [
    VerdictState.CONTRADICTING,
    VerdictState.REFUTED,
    VerdictState.UNVERIFIED,
    VerdictState.CONFIRMED,
]
#: What people want to hear of: what came, and what was settled, done or decided. The rest is in the history.
_TOLD = Q(
    operation=Change.Operation.INSERT,
    table__in=[
        "requirements_verdict", "requirements_conflict", "requirements_evidence", "requirements_waiver",
        "requirements_requirementversion", "lifecycle_decision", "lifecycle_phase", "lifecycle_scopechange",
        "evaluations_baseline", "datasets_datasetversion", "documents_architecturedecision",
    ],
) | Q(
    operation=Change.Operation.UPDATE,
    table__in=["lifecycle_hypothesis", "lifecycle_deliverable", "lifecycle_decision"],
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySummary:
    phase: Phase
    total: int
    settled: int
    days: int  # of the timebox
    days_over: int  # negative while there is time


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySummary:
    phase: Phase
    total: int
    done: int
    grown: int
    expected_on: date | None  # in the middle of the forecasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    waiting: Sequence[Waiting]
    answers: Sequence[Answer] | None  # the three questions; None while no monitor watches
    bar: Bar
    urgent: Sequence[Shown]  # contradicting, refuted, unverified: in this order
    run: Run | None  # the newest that verdicts rest on
    targets: Sequence[Shown]  # what this run was judged by
    discovery: DiscoverySummary | None
    delivery: DeliverySummary | None
    figures: Sequence[Figure]
    judgement: ProjectJudgement | None
    case: ValueCase | None
    activity: Sequence[Told]


def overview_of(project: Project, user: User, today: date) -> Overview:
    rows = [Shown(row) for row in rows_for(project)]
    run = _newest_run(rows)
    phases = list(project.phases.order_by("started_on", "pk"))
    discovery, down = _discovery(phases, today)
    delivery, up = _delivery(phases, today)
    return Overview(
        waiting=[w for w in waiting_for(user, today=today, with_gates=False) if w.project == project],
        answers=_answers(project),
        bar=verdict_bar(_counts(rows)),
        urgent=_urgent(rows),
        run=run,
        targets=_worst_first([shown for shown in rows if run is not None and _run_of(shown) == run])[
            :TARGETS
        ],
        discovery=discovery,
        delivery=delivery,
        figures=[*up, *down],
        judgement=ProjectJudgement.objects.filter(project=project).select_related("run").first(),
        case=ValueCase.objects.in_force(project).first(),
        activity=tell(list(Change.objects.filter(_TOLD, project_id=project.pk)[:ACTIVITIES])),
    )


def _answers(project: Project) -> list[Answer] | None:
    watching = Monitor.objects.active().filter(project=project).select_related("project")
    lights = ("at_all", "well", "as_before", "standing")
    return worst_answers(watching.only("name", "number", "project__slug", *lights))


def _counts(rows: Sequence[Shown]) -> dict[str, int]:
    states = [shown.row.requirement.state for shown in rows]
    return {state.value: states.count(state.value) for state in VerdictState}


def _worst_first(rows: Sequence[Shown]) -> list[Shown]:
    return sorted(rows, key=lambda shown: _ORDER.index(VerdictState(shown.row.requirement.state)))


def _urgent(rows: Sequence[Shown]) -> list[Shown]:
    found = [shown for shown in rows if shown.row.requirement.state != VerdictState.CONFIRMED]
    return _worst_first(found)[:URGENT]


def _run_of(shown: Shown) -> Run | None:
    return shown.row.verdict.run if shown.row.verdict and shown.plot is not None else None


def _newest_run(rows: Sequence[Shown]) -> Run | None:
    runs = [run for shown in rows if (run := _run_of(shown)) is not None]
    return max(runs, key=lambda run: (run.evaluated_at, run.number), default=None)


def _newest(phases: Sequence[Phase], kind: str) -> Phase | None:
    return next((phase for phase in reversed(phases) if phase.kind == kind), None)


def _discovery(phases: Sequence[Phase], today: date) -> tuple[DiscoverySummary | None, list[Figure]]:
    phase = _newest(phases, Phase.Kind.DISCOVERY)
    if phase is None:
        return None, []
    hypotheses = list(phase.hypotheses.all())
    end = phase.ends_on or today
    summary = DiscoverySummary(
        phase=phase,
        total=len(hypotheses),
        settled=sum(hypothesis.settled_on is not None for hypothesis in hypotheses),
        days=(end - phase.started_on).days,
        days_over=(today - end).days,
    )
    return summary, [burn_down_figure(phase, hypotheses, today)] if hypotheses else []


def _delivery(phases: Sequence[Phase], today: date) -> tuple[DeliverySummary | None, list[Figure]]:
    phase = _newest(phases, Phase.Kind.DELIVERY)
    if phase is None:
        return None, []
    work, changes = list(phase.deliverables.all()), list(phase.scope_changes.all())
    if not work:
        return DeliverySummary(phase=phase, total=0, done=0, grown=0, expected_on=None), []
    series = burn_up(phase, work, changes, today)
    summary = DeliverySummary(
        phase=phase,
        total=series.scope[-1],
        done=series.done[-1],
        grown=series.grown,
        expected_on=series.p50_on if series.remaining else None,
    )
    return summary, [burn.burn_up(series)]
