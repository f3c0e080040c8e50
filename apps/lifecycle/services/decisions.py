"""Decisions at the gates and at the end of a timebox, and what they do to the phases.

Whoever decides holds the project's lock, so the second of two people finds what the first has done.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.lifecycle import gates
from apps.lifecycle.models import Decision, Gate, GateAdvice, Phase
from apps.lifecycle.services.checks import (
    check_near,
    check_timebox,
    lock_project,
    next_number,
    past_moment,
    text_of,
)
from apps.lifecycle.services.phases import next_timebox, open_discovery
from apps.projects.access import Action, require
from apps.projects.models import Project

Subject, Outcome, State = Decision.Subject, Decision.Outcome, Decision.State

#: What may be decided about a phase, by its kind.
_OUTCOMES: dict[str, dict[str, frozenset[str]]] = {
    Phase.Kind.DISCOVERY: {
        Subject.TIMEBOX: frozenset({Outcome.CHANGE_COURSE, Outcome.STOP, Outcome.EXTEND}),
        Subject.DELIVERY_GATE: frozenset({Outcome.GO, Outcome.CHANGE_COURSE, Outcome.STOP}),
    },
    Phase.Kind.DELIVERY: {
        Subject.PRODUCTION_GATE: frozenset({Outcome.GO, Outcome.CHANGE_COURSE, Outcome.STOP}),
    },
}
_GATES: dict[str, str] = {Phase.Kind.DISCOVERY: Gate.DELIVERY, Phase.Kind.DELIVERY: Gate.PRODUCTION}
_OPENS: dict[str, Phase.Kind] = {
    Subject.DELIVERY_GATE: Phase.Kind.DELIVERY,
    Subject.PRODUCTION_GATE: Phase.Kind.PRODUCTION,
}


@transaction.atomic
def decide(
    *,
    phase: Phase,
    user: User,
    subject: str,
    outcome: str,
    reason: str = "",
    promised_on: date | None = None,
    extend_to: date | None = None,
    at: datetime | None = None,
) -> Decision:
    """Record a decision, with the evidence as it stands, and do what it says.

    Against the computed advice it only waits for a second person: see `confirm_decision`. A go at the end of
    a timebox is a decision at the delivery gate. ``promised_on`` is the day that the delivery is promised
    for; ``extend_to`` the new end of the timebox, or the end of the next cycle after a change of course
    (without it, as long as the last one). Everything but a go needs a reason.

    Raises InputRejected; ``decided_already`` when somebody else was faster.
    """
    require(user, Action.MANAGE, phase.project)
    at = past_moment(at)
    reason = text_of(Decision, "reason", reason, required=False)
    phase = _undecided(phase)
    if subject == Subject.TIMEBOX and outcome == Outcome.GO:
        subject = Subject.DELIVERY_GATE
    _check_outcome(phase, subject, outcome)
    assessment = gates.assess(phase.project, _GATES[phase.kind], today=timezone.localdate(at))
    against = is_against(outcome, assessment.advice)
    _check_reason(outcome, reason, against)
    decision = Decision(
        project=phase.project,
        phase=phase,
        number=next_number(phase.project.decisions),
        subject=subject,
        outcome=outcome,
        state=State.PROPOSED if against else State.IN_FORCE,
        advice=assessment.advice,
        evidence=assessment.to_json(),
        promised_on=promised_on if outcome == Outcome.GO and subject == Subject.DELIVERY_GATE else None,
        extend_to=extend_to if outcome in (Outcome.EXTEND, Outcome.CHANGE_COURSE) else None,
        reason=reason,
        decided_by=user,
        decided_at=at,
    )
    _check_effect(decision, at)
    decision.save()
    if not against:
        _carry_out(decision, user, at)
    return decision


def is_against(outcome: str, advice: str) -> bool:
    """A go that the criteria do not support, or no go although they do. An extension decides nothing yet."""
    if outcome == Outcome.EXTEND:
        return False
    return (outcome == Outcome.GO) != (advice == GateAdvice.GO)


@transaction.atomic
def confirm_decision(
    *, decision: Decision, user: User, note: str = "", at: datetime | None = None
) -> Decision:
    """The second person agrees: the decision comes into force."""
    require(user, Action.MANAGE, decision.project)
    at = past_moment(at)
    decision = _second(decision, user, State.IN_FORCE, note, at)
    _check_effect(decision, at)
    decision.save()
    _carry_out(decision, user, at)
    return decision


@transaction.atomic
def decline_decision(
    *, decision: Decision, user: User, note: str = "", at: datetime | None = None
) -> Decision:
    """The second person does not agree, or the first takes it back: nothing happens, and it is kept."""
    require(user, Action.MANAGE, decision.project)
    decision = _second(decision, user, State.DECLINED, note, past_moment(at))
    decision.save()
    return decision


@transaction.atomic
def retire(*, project: Project, user: User, reason: str, at: datetime | None = None) -> Decision:
    """End the life of a project: every open phase closes. A new discovery can bring it back."""
    require(user, Action.MANAGE, project)
    at = past_moment(at)
    reason = text_of(Decision, "reason", reason)
    lock_project(project)
    if project.phases.filter(kind=Phase.Kind.RETIRED, closed_at=None).exists():
        raise InputRejected("decided_already", gettext_noop("This project is retired already."))
    _refuse_waiting(project.decisions.select_related("decided_by").filter(state=State.PROPOSED).first())
    project.phases.filter(closed_at=None).update(closed_at=at)
    cycle = project.phases.aggregate(last=Max("cycle"))["last"] or 1
    phase = _open(project, Phase.Kind.RETIRED, cycle, user, at)
    return Decision.objects.create(
        project=project,
        phase=phase,
        number=next_number(project.decisions),
        subject=Subject.RETIREMENT,
        outcome=Outcome.STOP,
        reason=reason,
        decided_by=user,
        decided_at=at,
    )


def _undecided(phase: Phase) -> Phase:
    """The phase behind the lock, if nothing was decided about it in the meantime."""
    lock_project(phase.project)
    phase = Phase.objects.select_related("project").get(pk=phase.pk)
    if phase.closed_at is not None:
        raise _over(phase)
    _refuse_waiting(phase.decisions.select_related("decided_by").filter(state=State.PROPOSED).first())
    return phase


def _over(phase: Phase) -> InputRejected:
    last = (
        phase.decisions.select_related("decided_by")
        .filter(state=State.IN_FORCE)
        .exclude(outcome=Outcome.EXTEND)
        .exclude(subject=Subject.NEW_CYCLE)
        .first()
    )
    day = timezone.localdate(phase.closed_at)
    if last is None:
        return InputRejected("decided_already", gettext_noop("This phase is over since %(day)s."), day=day)
    return InputRejected(
        "decided_already",
        gettext_noop("This phase is over: %(person)s decided “%(outcome)s” on %(day)s."),
        person=str(last.decided_by),
        outcome=last.get_outcome_display(),
        day=day,
    )


def _refuse_waiting(decision: Decision | None) -> None:
    if decision is not None:
        raise InputRejected(
            "decided_already",
            gettext_noop("Decision %(number)d by %(person)s waits for a second person. Settle it first."),
            number=decision.number,
            person=str(decision.decided_by),
        )


def _check_outcome(phase: Phase, subject: str, outcome: str) -> None:
    if outcome not in _OUTCOMES.get(phase.kind, {}).get(subject, frozenset()):
        raise InputRejected(
            "impossible_outcome", gettext_noop("This cannot be decided about this phase. Choose another.")
        )


def _check_reason(outcome: str, reason: str, against: bool) -> None:
    if reason:
        return
    if against:
        raise InputRejected(
            "reason_missing",
            gettext_noop("The criteria advise otherwise. Write down why you decide against them."),
        )
    if outcome != Outcome.GO:
        raise InputRejected("reason_missing", gettext_noop("Write down why."))


def _check_effect(decision: Decision, at: datetime) -> None:
    """Raise InputRejected when the decision cannot be carried out."""
    if decision.outcome == Outcome.EXTEND:
        _check_extension(decision)
    elif decision.outcome == Outcome.GO:
        _check_go(decision, at)
    elif decision.outcome == Outcome.CHANGE_COURSE and decision.extend_to is not None:
        check_timebox(timezone.localdate(at), decision.extend_to)


def _check_extension(decision: Decision) -> None:
    phase = decision.phase
    if phase.decisions.filter(outcome=Outcome.EXTEND, state=State.IN_FORCE).exists():
        raise InputRejected(
            "extended_already",
            gettext_noop("This timebox was extended already, and that can be done once. Go, change or stop."),
        )
    if decision.extend_to is None or phase.ends_on is None or decision.extend_to <= phase.ends_on:
        raise InputRejected(
            "bad_extension",
            gettext_noop("The timebox ends on %(end)s. Give a later day for its new end."),
            end=phase.ends_on if phase.ends_on else "",
        )
    check_timebox(phase.started_on, decision.extend_to)


def _check_go(decision: Decision, at: datetime) -> None:
    kind, project = _OPENS[decision.subject], decision.project
    if kind == Phase.Kind.DELIVERY and project.phases.filter(kind=kind, closed_at=None).exists():
        raise InputRejected(
            "delivery_open",
            gettext_noop("An earlier delivery is still open. Decide at its gate first, then start this one."),
        )
    if decision.promised_on is None:
        return
    check_near(decision.promised_on)
    if decision.promised_on <= timezone.localdate(at):
        raise InputRejected(
            "promise_before_start",
            gettext_noop("The delivery started on %(start)s. Promise a day after it, not %(day)s."),
            start=timezone.localdate(at),
            day=decision.promised_on,
        )


def _carry_out(decision: Decision, user: User, at: datetime) -> None:
    phase, project = decision.phase, decision.project
    if decision.outcome == Outcome.EXTEND:
        phase.ends_on = decision.extend_to
        phase.save(update_fields=["ends_on"])
        return
    phase.closed_at = at
    phase.save(update_fields=["closed_at"])
    if decision.outcome == Outcome.GO:
        kind = _OPENS[decision.subject]
        # What runs in production from an earlier cycle is replaced.
        project.phases.filter(kind=kind, closed_at=None).update(closed_at=at)
        _open(project, kind, phase.cycle, user, at, decision.promised_on)
    elif decision.outcome == Outcome.CHANGE_COURSE:
        _change_course(decision, user, at)


def _change_course(decision: Decision, user: User, at: datetime) -> None:
    """Back to discovery, unless one runs beside this phase already."""
    project = decision.project
    if project.phases.filter(kind=Phase.Kind.DISCOVERY, closed_at=None).exists():
        return
    start, end = next_timebox(decision.phase, at)
    open_discovery(project, user, start, decision.extend_to or end, decision.reason)


def _open(
    project: Project, kind: str, cycle: int, user: User, at: datetime, promised_on: date | None = None
) -> Phase:
    return Phase.objects.create(
        project=project,
        kind=kind,
        cycle=cycle,
        started_on=timezone.localdate(at),
        promised_on=promised_on,
        created_by=user,
    )


def _second(decision: Decision, user: User, state: Decision.State, note: str, at: datetime) -> Decision:
    """The decision behind the lock with the word of the second person, not saved yet."""
    note = text_of(Decision, "second_note", note, required=False)
    lock_project(decision.project)
    decision = Decision.objects.select_related("project", "phase").get(pk=decision.pk)
    if decision.state != State.PROPOSED:
        raise InputRejected(
            "decided_already",
            gettext_noop("Decision %(number)d does not wait for a second person any more."),
            number=decision.number,
        )
    if state == State.IN_FORCE and decision.decided_by_id == user.pk:
        raise InputRejected(
            "same_person",
            gettext_noop("You proposed this decision. Another manager of the project has to confirm it."),
        )
    decision.state, decision.second_person = state, user
    decision.second_note, decision.second_at = note, at
    return decision
