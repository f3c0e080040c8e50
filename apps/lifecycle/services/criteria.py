"""The criteria that a project adds to its gates."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.lifecycle.models import Criterion, Gate
from apps.lifecycle.services.checks import link_of, text_of
from apps.projects.access import Action, require
from apps.projects.models import Project


@transaction.atomic
def add_criterion(*, project: Project, user: User, gate: str, text: str) -> Criterion:
    """A new criterion is unknown, and so keeps the gate shut until somebody judges it."""
    require(user, Action.MANAGE, project)
    if gate not in Gate.values:
        raise InputRejected("unknown_gate", gettext_noop("There is no gate “%(gate)s”."), gate=gate)
    return Criterion.objects.create(project=project, gate=gate, text=text_of(Criterion, "text", text))


@transaction.atomic
def judge_criterion(
    *, criterion: Criterion, user: User, state: str, evidence: str = "", link: str = ""
) -> Criterion:
    """Say whether it is met. Met and not met need evidence; back to unknown needs none."""
    require(user, Action.MANAGE, criterion.project)
    if state not in Criterion.State.values:
        raise InputRejected(
            "unknown_state",
            gettext_noop("A criterion is met, not met or unknown, not “%(state)s”."),
            state=state,
        )
    evidence = text_of(Criterion, "evidence", evidence, required=state != Criterion.State.UNKNOWN)
    link = link_of(link)
    criterion = _in_force(criterion)
    criterion.state, criterion.evidence, criterion.link = state, evidence, link
    criterion.judged_by, criterion.judged_at = user, timezone.now()
    criterion.save()
    return criterion


@transaction.atomic
def remove_criterion(*, criterion: Criterion, user: User) -> Criterion:
    """Earlier decisions keep what it said."""
    require(user, Action.MANAGE, criterion.project)
    criterion = _in_force(criterion)
    criterion.removed_at = timezone.now()
    criterion.save(update_fields=["removed_at"])
    return criterion


def _in_force(criterion: Criterion) -> Criterion:
    criterion = Criterion.objects.select_for_update().get(pk=criterion.pk)
    if criterion.removed_at is not None:
        raise InputRejected("removed_already", gettext_noop("This criterion was removed already."))
    return criterion
