"""Evidence that people record, and waivers."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Membership
from apps.requirements.judging import judge_project
from apps.requirements.models import Evidence, Requirement, Waiver
from apps.requirements.services.checks import (
    MOST,
    MOST_MEASURED,
    check_choice,
    check_not_too_early,
    check_number,
    check_reason,
    check_texts,
)
from apps.requirements.services.fields import EvidenceFields
from apps.requirements.services.wishes import current_version, locked

MOST_VALUES = 10_000
#: The day after the last of the calendar, on which a waiver would end, does not exist.
LATEST = date(2199, 12, 31)


@transaction.atomic
def record_evidence(*, requirement: Requirement, user: User, fields: EvidenceFields) -> Evidence:
    """Keep what a person saw; the verdict follows from it at once."""
    require(user, Action.UPLOAD, requirement.project)
    check_evidence(fields)
    requirement = locked(requirement)
    version = current_version(requirement)
    if version.is_measurable:
        raise InputRejected(
            "measured_by_runs",
            gettext_noop("%(code)s is measured by runs: upload a run instead."),
            code=requirement.code,
        )
    observed_at = fields.observed_at or timezone.now()
    said = {name: getattr(fields, name) for name in fields.__dataclass_fields__}
    evidence = Evidence.objects.create(
        **said | {"values": [float(value) for value in fields.values], "observed_at": observed_at},
        project=requirement.project,
        requirement=requirement,
        version=version,
        recorded_by=user,
    )
    judge_project(requirement.project_id)
    return evidence


def check_evidence(fields: EvidenceFields) -> None:
    check_texts(Evidence, fields, required=("title",))
    check_choice(Evidence, "kind", fields.kind)
    _check_link(fields.link)
    if fields.observed_at is not None and fields.observed_at > timezone.now():
        raise InputRejected(
            "observed_in_future",
            gettext_noop("Evidence cannot be from the future. Give the time it was seen."),
        )
    if fields.observed_at is not None:
        check_not_too_early(fields.observed_at.date())
    if fields.kind == Evidence.Kind.DOCUMENT:
        _check_document(fields)
    else:
        check_choice(Evidence, "comparison", fields.comparison)
        share = fields.kind == Evidence.Kind.JUDGEMENT
        check_number(
            Evidence,
            "limit",
            fields.limit,
            low=0 if share else -MOST_MEASURED,
            high=1 if share else MOST_MEASURED,
            required=True,
        )
        _check_judgement(fields) if share else _check_drill(fields)


def _check_link(link: str) -> None:
    if not link:
        return
    try:
        URLValidator(schemes=["http", "https"])(link)
    except ValidationError as error:
        raise InputRejected(
            "odd_link", gettext_noop("The link is no web address. It starts with http:// or https://.")
        ) from error


def _check_document(fields: EvidenceFields) -> None:
    if fields.supports is None:
        raise InputRejected(
            "no_statement", gettext_noop("Say whether the requirement holds by this document.")
        )


def _check_judgement(fields: EvidenceFields) -> None:
    check_number(Evidence, "total", fields.total, low=1, high=MOST, required=True)
    check_number(Evidence, "positive", fields.positive, low=0, high=fields.total, required=True)


def _check_drill(fields: EvidenceFields) -> None:
    if not 2 <= len(fields.values) <= MOST_VALUES:
        raise InputRejected(
            "too_few_repeats",
            gettext_noop("A drill needs 2 to %(most)s measured repeats; there are %(count)s."),
            most=MOST_VALUES,
            count=len(fields.values),
        )
    for value in fields.values:
        check_number(Evidence, "values", value, low=-MOST_MEASURED, high=MOST_MEASURED)


@transaction.atomic
def grant_waiver(
    *, requirement: Requirement, user: User, owner: User, reason: str, expires_on: date
) -> Waiver:
    """Let the gates do without the requirement for a while; ``owner`` answers for it."""
    require(user, Action.MANAGE, requirement.project)
    check_reason(Waiver, reason)
    if expires_on <= timezone.localdate():
        raise InputRejected("expired_already", gettext_noop("A waiver ends on a day to come."))
    if expires_on > LATEST:
        raise InputRejected(
            "day_too_far",
            gettext_noop("%(day)s is more than ten years away. Check the year."),
            day=expires_on,
        )
    if not Membership.objects.filter(project=requirement.project, user=owner, user__is_active=True).exists():
        raise InputRejected(
            "owner_no_member",
            gettext_noop("Who answers for a waiver is a member of the project. Choose one of them."),
        )
    requirement = locked(requirement)
    if active_waivers(requirement).exists():
        raise InputRejected(
            "waived_already",
            gettext_noop("%(code)s has a waiver already. Revoke it before you grant another."),
            code=requirement.code,
        )
    waiver = Waiver.objects.create(
        project=requirement.project,
        requirement=requirement,
        owner=owner,
        reason=reason,
        expires_on=expires_on,
        granted_by=user,
    )
    judge_project(requirement.project_id)  # it asks for another look when the waiver ends
    return waiver


def active_waivers(requirement: Requirement) -> models.QuerySet[Waiver]:
    """Waivers that hold today."""
    return requirement.waivers.filter(revoked_at=None, expires_on__gte=timezone.localdate())


@transaction.atomic
def revoke_waiver(*, waiver: Waiver, user: User) -> Waiver:
    require(user, Action.MANAGE, waiver.project)
    if not Waiver.objects.filter(pk=waiver.pk, revoked_at=None).update(revoked_at=timezone.now()):
        raise InputRejected("revoked_already", gettext_noop("This waiver was revoked already."))
    waiver.refresh_from_db(fields=["revoked_at"])
    judge_project(waiver.project_id)
    return waiver
