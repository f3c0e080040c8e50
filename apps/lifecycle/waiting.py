"""What waits for a person's decision, over all their projects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.compute import fit
from apps.compute.messages import Message, gettext_noop
from apps.evaluations.models import Comparison
from apps.lifecycle import gates
from apps.lifecycle.facts import valid_waivers
from apps.lifecycle.models import Decision, Gate, Phase
from apps.projects.access import Action, where_allowed
from apps.projects.models import Project
from apps.requirements.models import (
    Conflict,
    Requirement,
    RequirementVersion,
    ValueCase,
    VerdictState,
    Waiver,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One decision that a person can make. ``since`` is the moment from which it waits."""

    kind: str  # conflict, timebox, gate, second_person, waiver
    project: Project
    title: Message
    text: Message
    since: datetime
    url_name: str
    url_args: tuple[Any, ...]
    urgent: bool = False


def waiting_for(user: User, *, today: date | None = None, with_gates: bool = True) -> list[Waiting]:
    """What this person may decide and nobody has, urgent things first, then the longest waiting.

    A constant number of queries, whatever the number of projects: four, and those of the assessment where
    gates that are ready count too.
    """
    today = today or timezone.localdate()
    mine = where_allowed(user, Action.MANAGE)
    found = [
        *_second_person(mine, user),
        *_timeboxes(mine, today),
        *_conflicts(mine),
        *_waivers(mine, today),
        *(_gates(mine, today) if with_gates else ()),
    ]
    return sorted(found, key=lambda waiting: (not waiting.urgent, waiting.since))


def _second_person(mine: QuerySet[Project], user: User) -> Iterator[Waiting]:
    decisions = (
        Decision.objects.filter(project__in=mine, state=Decision.State.PROPOSED)
        .exclude(decided_by=user)
        .select_related("project", "decided_by")
        .defer("evidence")
    )
    for decision in decisions:
        yield Waiting(
            kind="second_person",
            project=decision.project,
            title=Message(gettext_noop("A decision needs a second person")),
            text=Message(
                gettext_noop("%(person)s decides against the criteria: “%(outcome)s”. Confirm or decline."),
                {
                    "person": str(decision.decided_by),
                    "outcome": Message(_OUTCOME[decision.outcome]),
                },
            ),
            since=decision.decided_at,
            url_name="lifecycle:decisions",
            url_args=(decision.project.slug,),
            urgent=True,
        )


_OUTCOME: dict[str, str] = {
    Decision.Outcome.GO: gettext_noop("Go"),
    Decision.Outcome.CHANGE_COURSE: gettext_noop("Change course"),
    Decision.Outcome.STOP: gettext_noop("Stop"),
    Decision.Outcome.EXTEND: gettext_noop("Extend once"),
}


def _undecided(mine: QuerySet[Project]) -> QuerySet[Phase]:
    """Open phases about which no decision waits for its second person."""
    proposed = Decision.objects.filter(phase=OuterRef("pk"), state=Decision.State.PROPOSED)
    return Phase.objects.filter(~Exists(proposed), project__in=mine, closed_at=None).select_related("project")


def _timeboxes(mine: QuerySet[Project], today: date) -> Iterator[Waiting]:
    for phase in _undecided(mine).filter(kind=Phase.Kind.DISCOVERY, ends_on__lt=today):
        end: date = phase.ends_on or today
        yield Waiting(
            kind="timebox",
            project=phase.project,
            title=Message(gettext_noop("The timebox is over")),
            text=Message(
                gettext_noop("It ended on %(day)s: go, change course, stop, or extend it once."), {"day": end}
            ),
            since=_start_of(end),
            url_name="lifecycle:gate",
            url_args=(phase.project.slug, Gate.DELIVERY.value),
            urgent=True,
        )


def _conflicts(mine: QuerySet[Project]) -> Iterator[Waiting]:
    conflicts = (
        Conflict.objects.filter(project__in=mine, gone_at=None, decided_at=None)
        .select_related("project", "first__current", "second__current")
        .order_by("found_at")
    )
    for conflict in conflicts:
        yield Waiting(
            kind="conflict",
            project=conflict.project,
            title=Message(
                gettext_noop("%(first)s and %(second)s cannot both hold"),
                {"first": conflict.first.code, "second": conflict.second.code},
            ),
            text=Message.from_json(conflict.reason),
            since=conflict.found_at,
            url_name="requirements:conflict",
            url_args=(conflict.project.slug, conflict.pk),
        )


def _waivers(mine: QuerySet[Project], today: date) -> Iterator[Waiting]:
    """Waivers that have expired while their must-requirement is still not confirmed."""
    later = Waiver.objects.filter(requirement=OuterRef("requirement"), revoked_at=None, expires_on__gte=today)
    newest = (
        Waiver.objects.filter(
            ~Exists(later),
            ~Q(requirement__state="confirmed"),
            project__in=mine,
            revoked_at=None,
            expires_on__lt=today,
            requirement__withdrawn_at=None,
            requirement__current__priority="must",
        )
        .select_related("project", "requirement")
        .order_by("requirement_id", "-expires_on")
        .distinct("requirement_id")
    )
    for waiver in newest:
        yield Waiting(
            kind="waiver",
            project=waiver.project,
            title=Message(
                gettext_noop("The waiver of %(code)s has expired"), {"code": waiver.requirement.code}
            ),
            text=Message(
                gettext_noop("It held until %(day)s: “%(reason)s”. Renew it, or meet the requirement."),
                {"day": waiver.expires_on, "reason": waiver.reason},
            ),
            since=_start_of(waiver.expires_on),
            url_name="requirements:detail",
            url_args=(waiver.project.slug, waiver.requirement.number),
        )


_GATES: dict[str, tuple[str, str]] = {
    Phase.Kind.DISCOVERY: (Gate.DELIVERY, gettext_noop("Ready for delivery")),
    Phase.Kind.DELIVERY: (Gate.PRODUCTION, gettext_noop("Ready for production")),
}


def _gates(mine: QuerySet[Project], today: date) -> Iterator[Waiting]:
    phases = list(_undecided(_promising(mine, today)).filter(kind__in=_GATES))
    places = [(phase.project, _GATES[phase.kind][0]) for phase in phases]
    assessments = gates.assess_each(places, today=today)
    for phase in phases:
        gate, title = _GATES[phase.kind]
        if assessments[phase.project_id, gate].passed:
            yield Waiting(
                kind="gate",
                project=phase.project,
                title=Message(title),
                text=Message(gettext_noop("Every criterion of the gate is met. Decide.")),
                since=_start_of(today),
                url_name="lifecycle:gate",
                url_args=(phase.project.slug, str(gate)),
            )


def _promising(mine: QuerySet[Project], today: date) -> QuerySet[Project]:
    """The few that can pass at all, sorted out by the database; `gates` has the last word on them."""
    here = OuterRef("pk")
    owing = Requirement.objects.filter(
        ~Q(state=VerdictState.CONFIRMED),
        ~Exists(valid_waivers(today)),
        project=here,
        withdrawn_at=None,
        current__priority=RequirementVersion.Priority.MUST,
    )
    return mine.annotate(answers=Count("fit_answers", distinct=True)).filter(
        ~Exists(owing),
        Exists(ValueCase.objects.filter(project=here)),
        Exists(Comparison.objects.filter(project=here, with_baseline=True, result__isnull=False)),
        answers=len(fit.QUESTIONS),
    )


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
