"""Deliveries with their fixed scope: what was agreed, what is done, every later change with its reason."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.lifecycle.models import Deliverable, Phase, ScopeChange
from apps.lifecycle.services.checks import (
    check_near,
    next_number,
    open_phase,
    past_day,
    past_moment,
    text_of,
)
from apps.projects.access import Action, require

LARGEST = 10_000


@transaction.atomic
def add_deliverable(
    *,
    phase: Phase,
    user: User,
    name: str,
    size: int = 1,
    reason: str = "",
    added_on: date | None = None,
) -> Deliverable:
    """Before the scope is agreed: part of it. Afterwards: a recorded change that needs a reason."""
    require(user, Action.MANAGE, phase.project)
    name = text_of(Deliverable, "name", name)
    _check_size(size)
    phase = _delivery(open_phase(phase))
    agreed = phase.baseline_at is not None
    added_on = past_day(added_on, earliest=phase.started_on)
    deliverable = Deliverable.objects.create(
        project=phase.project,
        phase=phase,
        number=next_number(phase.project.deliverables),
        name=name,
        size=size,
        in_baseline=not agreed,
        added_on=added_on,
    )
    if agreed:
        _record(deliverable, user, ScopeChange.Kind.ADDED, size, reason, added_on)
    return deliverable


@transaction.atomic
def remove_deliverable(
    *, deliverable: Deliverable, user: User, reason: str = "", day: date | None = None
) -> Deliverable:
    require(user, Action.MANAGE, deliverable.project)
    phase, deliverable = _in_scope(deliverable)
    _refuse_done(deliverable)
    day = past_day(day, earliest=deliverable.added_on)
    deliverable.removed_on = day
    if phase.baseline_at is None:
        deliverable.in_baseline = False
    else:
        _record(deliverable, user, ScopeChange.Kind.REMOVED, -deliverable.size, reason, day)
    deliverable.save(update_fields=["removed_on", "in_baseline"])
    return deliverable


@transaction.atomic
def resize_deliverable(
    *, deliverable: Deliverable, user: User, size: int, reason: str = "", day: date | None = None
) -> Deliverable:
    require(user, Action.MANAGE, deliverable.project)
    _check_size(size)
    phase, deliverable = _in_scope(deliverable)
    _refuse_done(deliverable)
    change = size - deliverable.size
    if change == 0:
        raise InputRejected(
            "same_size",
            gettext_noop("%(code)s has this size already: %(size)d."),
            code=deliverable.code,
            size=size,
        )
    if phase.baseline_at is not None:
        day = past_day(day, earliest=deliverable.added_on)
        _record(deliverable, user, ScopeChange.Kind.RESIZED, change, reason, day)
    deliverable.size = size
    deliverable.save(update_fields=["size"])
    return deliverable


@transaction.atomic
def agree_scope(*, phase: Phase, user: User, promised_on: date, at: datetime | None = None) -> Phase:
    """Fix what this delivery is to bring, and the day it is promised for."""
    require(user, Action.MANAGE, phase.project)
    at = past_moment(at)
    check_near(promised_on)
    phase = _delivery(open_phase(phase))
    if phase.baseline_at is not None:
        raise InputRejected(
            "agreed_already",
            gettext_noop("The scope was agreed on %(day)s already. Record changes with their reasons."),
            day=timezone.localdate(phase.baseline_at),
        )
    if not phase.deliverables.filter(removed_on=None).exists():
        raise InputRejected(
            "scope_empty", gettext_noop("There is nothing to agree on yet. Add the deliverables first.")
        )
    if promised_on <= phase.started_on:
        raise InputRejected(
            "promise_before_start",
            gettext_noop("The delivery started on %(start)s. Promise a day after it, not %(day)s."),
            start=phase.started_on,
            day=promised_on,
        )
    phase.baseline_at, phase.promised_on = at, promised_on
    phase.save(update_fields=["baseline_at", "promised_on"])
    return phase


@transaction.atomic
def finish_deliverable(*, deliverable: Deliverable, user: User, done_on: date | None = None) -> Deliverable:
    require(user, Action.UPLOAD, deliverable.project)
    _phase, deliverable = _in_scope(deliverable)
    _refuse_done(deliverable)
    deliverable.done_on = past_day(done_on, earliest=deliverable.added_on)
    deliverable.save(update_fields=["done_on"])
    return deliverable


@transaction.atomic
def reopen_deliverable(*, deliverable: Deliverable, user: User) -> Deliverable:
    """It was not done after all; the history keeps that it was said."""
    require(user, Action.UPLOAD, deliverable.project)
    _phase, deliverable = _in_scope(deliverable)
    if deliverable.done_on is None:
        raise InputRejected("open_already", gettext_noop("%(code)s is open already."), code=deliverable.code)
    deliverable.done_on = None
    deliverable.save(update_fields=["done_on"])
    return deliverable


def _in_scope(deliverable: Deliverable) -> tuple[Phase, Deliverable]:
    """Phase and deliverable as they stand now, behind the lock."""
    phase = open_phase(deliverable.phase)
    deliverable = Deliverable.objects.select_related("project", "phase").get(pk=deliverable.pk)
    if deliverable.removed_on is not None:
        raise InputRejected(
            "not_in_scope",
            gettext_noop("%(code)s was taken out of the scope on %(day)s."),
            code=deliverable.code,
            day=deliverable.removed_on,
        )
    return phase, deliverable


def _refuse_done(deliverable: Deliverable) -> None:
    if deliverable.done_on is not None:
        raise InputRejected(
            "done_already",
            gettext_noop("%(code)s was done on %(day)s already. Open it again to change that."),
            code=deliverable.code,
            day=deliverable.done_on,
        )


def _record(
    deliverable: Deliverable, user: User, kind: ScopeChange.Kind, change: int, reason: str, day: date
) -> None:
    ScopeChange.objects.create(
        project=deliverable.project,
        phase=deliverable.phase,
        deliverable=deliverable,
        kind=kind,
        change=change,
        reason=text_of(ScopeChange, "reason", reason),
        day=day,
        changed_by=user,
    )


def _check_size(size: int) -> None:
    if not 1 <= size <= LARGEST:
        raise InputRejected(
            "bad_size",
            gettext_noop("A deliverable has a size from 1 to %(most)d items of work, not %(size)d."),
            most=LARGEST,
            size=size,
        )


def _delivery(phase: Phase) -> Phase:
    if phase.kind != Phase.Kind.DELIVERY:
        raise InputRejected("not_a_delivery", gettext_noop("Only a delivery has a scope."))
    return phase
