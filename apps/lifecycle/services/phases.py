"""Discoveries with their fixed time, and the questions in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.evaluations.models import Run
from apps.lifecycle.models import Decision, Hypothesis, Phase
from apps.lifecycle.services.checks import (
    check_timebox,
    evidence_of,
    link_of,
    lock_project,
    next_number,
    open_phase,
    past_day,
    past_moment,
    text_of,
)
from apps.projects.access import Action, require
from apps.projects.models import Project


@transaction.atomic
def start_discovery(
    *,
    project: Project,
    user: User,
    started_on: date,
    ends_on: date,
    goal: str = "",
    at: datetime | None = None,
) -> Phase:
    """Open a discovery. Every one after the first is a new cycle, maybe beside delivery or production.

    The return to discovery is recorded as a decision of the moment ``at``. A retired project comes back to
    life by it.
    """
    require(user, Action.MANAGE, project)
    at = past_moment(at)
    check_timebox(started_on, ends_on)
    goal = text_of(Phase, "goal", goal, required=False)
    lock_project(project)
    if project.phases.filter(kind=Phase.Kind.DISCOVERY, closed_at=None).exists():
        raise InputRejected(
            "discovery_open",
            gettext_noop("A discovery of this project is open. Decide how it ends, then start the next one."),
        )
    project.phases.filter(kind=Phase.Kind.RETIRED, closed_at=None).update(closed_at=at)
    phase = open_discovery(project, user, started_on, ends_on, goal)
    if phase.cycle > 1:
        Decision.objects.create(
            project=project,
            phase=phase,
            number=next_number(project.decisions),
            subject=Decision.Subject.NEW_CYCLE,
            outcome=Decision.Outcome.GO,
            reason=goal,
            decided_by=user,
            decided_at=at,
        )
    return phase


def open_discovery(project: Project, user: User, started_on: date, ends_on: date, goal: str = "") -> Phase:
    """The next cycle; the caller holds the project's lock and has asked for access."""
    last = project.phases.aggregate(last=Max("cycle"))["last"] or 0
    return Phase.objects.create(
        project=project,
        kind=Phase.Kind.DISCOVERY,
        cycle=last + 1,
        goal=goal,
        started_on=started_on,
        ends_on=ends_on,
        created_by=user,
    )


@transaction.atomic
def change_timebox(*, phase: Phase, user: User, started_on: date, ends_on: date) -> Phase:
    """Correct a timebox before the work in it starts; afterwards it can be extended once, by a decision."""
    require(user, Action.MANAGE, phase.project)
    check_timebox(started_on, ends_on)
    phase = _discovery(open_phase(phase))
    if phase.started_on < timezone.localdate() and phase.hypotheses.exists():
        raise InputRejected(
            "work_started",
            gettext_noop("The work in this timebox has started: its time is fixed. Decide on an extension."),
        )
    phase.started_on, phase.ends_on = started_on, ends_on
    phase.save(update_fields=["started_on", "ends_on"])
    return phase


@transaction.atomic
def add_hypothesis(*, phase: Phase, user: User, text: str, added_on: date | None = None) -> Hypothesis:
    require(user, Action.UPLOAD, phase.project)
    text = text_of(Hypothesis, "text", text)
    phase = _discovery(open_phase(phase))
    # What is written down before the timebox starts is in it from the start.
    added_on = max(past_day(added_on), phase.started_on)
    return Hypothesis.objects.create(
        project=phase.project,
        phase=phase,
        number=next_number(phase.project.hypotheses),
        text=text,
        added_on=added_on,
    )


@transaction.atomic
def settle_hypothesis(
    *,
    hypothesis: Hypothesis,
    user: User,
    state: str,
    finding: str,
    run: Run | None = None,
    link: str = "",
    settled_on: date | None = None,
) -> Hypothesis:
    """Answer or drop a question; ``finding`` says what was found, or why it was dropped."""
    require(user, Action.UPLOAD, hypothesis.project)
    if state not in Hypothesis.State.values or state == Hypothesis.State.OPEN:
        raise InputRejected(
            "unknown_state",
            gettext_noop("A hypothesis is settled as confirmed, refuted or dropped, not as “%(state)s”."),
            state=state,
        )
    finding = text_of(Hypothesis, "finding", finding)
    link = link_of(link)
    evidence_of(hypothesis.project, run=run)
    open_phase(hypothesis.phase)
    hypothesis = Hypothesis.objects.select_related("project", "phase").get(pk=hypothesis.pk)
    if hypothesis.state != Hypothesis.State.OPEN:
        raise InputRejected(
            "settled_already",
            gettext_noop("%(code)s was settled on %(day)s already. Open it again to change that."),
            code=hypothesis.code,
            day=hypothesis.settled_on if hypothesis.settled_on else "",
        )
    hypothesis.settled_on = past_day(settled_on, earliest=min(hypothesis.added_on, timezone.localdate()))
    hypothesis.state, hypothesis.finding = state, finding
    hypothesis.run, hypothesis.link, hypothesis.settled_by = run, link, user
    hypothesis.save()
    return hypothesis


@transaction.atomic
def reopen_hypothesis(*, hypothesis: Hypothesis, user: User) -> Hypothesis:
    """Take a settlement back; the history keeps what it said."""
    require(user, Action.UPLOAD, hypothesis.project)
    open_phase(hypothesis.phase)
    hypothesis = Hypothesis.objects.select_related("project", "phase").get(pk=hypothesis.pk)
    if hypothesis.state == Hypothesis.State.OPEN:
        raise InputRejected("open_already", gettext_noop("%(code)s is open already."), code=hypothesis.code)
    hypothesis.state, hypothesis.settled_on, hypothesis.settled_by = Hypothesis.State.OPEN, None, None
    hypothesis.finding, hypothesis.run, hypothesis.link = "", None, ""
    hypothesis.save()
    return hypothesis


def _discovery(phase: Phase) -> Phase:
    if phase.kind != Phase.Kind.DISCOVERY:
        raise InputRejected(
            "not_a_discovery", gettext_noop("Only a discovery has a timebox and open questions.")
        )
    return phase


def next_timebox(phase: Phase, at: datetime) -> tuple[date, date]:
    """The timebox after ``phase``: as long as that of the last discovery, else six weeks."""
    start = timezone.localdate(at)
    last = phase.project.phases.filter(kind=Phase.Kind.DISCOVERY).order_by("-cycle").first()
    days = (last.ends_on - last.started_on) if last and last.ends_on else timedelta(weeks=6)
    return start, start + days
