"""The project's price list: every change is a version with its author and reason."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import ValueCase
from apps.requirements.services.checks import check_number, check_reason, check_text
from apps.requirements.services.fields import ValueFields

#: A thousand billion of anything: beyond it a slip of the keyboard is likelier.
MOST_MONEY = 1e12
COSTS = ("volume_per_year", "miss", "false_alarm", "error_unit", "running_cost", "spent")


@transaction.atomic
def set_value_case(*, project: Project, user: User, fields: ValueFields, reason: str = "") -> ValueCase:
    """Say what decisions are worth; requirements in money are judged anew."""
    require(user, Action.MANAGE, project)
    _check(fields)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    newest = ValueCase.objects.filter(project=project).order_by("-number").first()
    if newest is not None:
        check_reason(ValueCase, reason)
        if all(getattr(newest, name) == value for name, value in asdict(fields).items()):
            raise InputRejected("nothing_changed", gettext_noop("No price was changed."))
    else:
        check_text(ValueCase, "reason", reason)
    case = ValueCase.objects.create(
        **asdict(fields),
        project=project,
        number=newest.number + 1 if newest else 1,
        reason=reason,
        author=user,
    )
    judge_project(project.pk)
    return case


def _check(fields: ValueFields) -> None:
    code = fields.currency
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        raise InputRejected(
            "unknown_currency",
            gettext_noop("“%(currency)s” is no currency. Give three capital letters, such as EUR."),
            currency=code[:20],
        )
    for name in COSTS:
        check_number(ValueCase, name, getattr(fields, name), low=0, high=MOST_MONEY, required=True)
    for name in ("hoped_per_year", "delay_per_week"):
        check_number(ValueCase, name, getattr(fields, name), low=0, high=MOST_MONEY)
    check_number(ValueCase, "hit", fields.hit, low=-MOST_MONEY, high=MOST_MONEY, required=True)
