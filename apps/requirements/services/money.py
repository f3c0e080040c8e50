"""The project's price list: every change is a version with its author and reason, and people approve it."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import fields as fields_of

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.money.terms import USED, check_prices
from apps.compute.results import Task
from apps.compute.value import Prices
from apps.evaluations.models import Run
from apps.projects.access import Action, people_allowed, require
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import ValueApproval, ValueCase
from apps.requirements.services.checks import check_number, check_reason, check_text
from apps.requirements.services.fields import ValueFields
from apps.requirements.signals import prices_changed

#: A thousand billion of anything: beyond it a slip of the keyboard is likelier.
MOST_MONEY = 1e12
FACTORS = ("hit_of_amount", "miss_of_amount", "false_alarm_of_amount")
COSTS = (
    *("volume_per_year", "miss", "false_alarm", "review", "error_unit", "miss_of_amount"),
    *("false_alarm_of_amount", "running_cost", "training_cost", "trainings_per_year", "spent"),
)
#: A value may be negative: a hit that costs more than it brings, a process that loses money.
ANY_SIGN = ("hit", "hit_of_amount")


@transaction.atomic
def set_value_case(*, project: Project, user: User, fields: ValueFields, reason: str = "") -> ValueCase:
    """Say what decisions are worth. As long as no version was approved, the newest counts at once;
    requirements in money are judged anew.
    """
    require(user, Action.MANAGE, project)
    _check(project, fields)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    newest = newest_case(project)
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
    _count_anew(project)
    return case


@transaction.atomic
def approve_value_case(*, case: ValueCase, user: User, note: str = "") -> ValueApproval:
    """Agree with the newest version of the price list, which then counts. The author cannot; where nobody
    else may, an author who owns the project can.
    """
    project = case.project
    require(user, Action.MANAGE, project)
    check_text(ValueApproval, "note", note)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    newest = newest_case(project)
    if newest is None or newest.pk != case.pk:
        raise InputRejected(
            "older_prices",
            gettext_noop(
                "Version %(number)d of the price list was replaced by version %(newest)d. Approve the newest."
            ),
            number=case.number,
            newest=newest.number if newest else 0,
        )
    if newest.is_approved:
        raise InputRejected(
            "approved_before",
            gettext_noop("Version %(number)d of the price list is approved already."),
            number=case.number,
        )
    if not may_approve(case, user):
        raise InputRejected(
            "own_prices",
            gettext_noop(
                "You wrote these prices, so somebody else approves them. Ask another owner or manager of the "
                "project."
            ),
        )
    approval = ValueApproval.objects.create(project=project, case=case, approver=user, note=note)
    _count_anew(project)
    return approval


def newest_case(project: Project) -> ValueCase | None:
    return ValueCase.objects.filter(project=project).select_related("approval").order_by("-number").first()


def may_approve(case: ValueCase, user: User) -> bool:
    """Whether this person may agree with a version that nobody has approved."""
    managers = people_allowed(Action.MANAGE, case.project)
    if user.pk != case.author_id:
        return user.is_superuser or managers.filter(pk=user.pk).exists()
    if managers.exclude(pk=user.pk).exists():
        return False
    return user.is_superuser or people_allowed(Action.ADMINISTER, case.project).filter(pk=user.pk).exists()


def _count_anew(project: Project) -> None:
    judge_project(project.pk)
    prices_changed.send(sender=ValueCase, project=project)


def _check(project: Project, fields: ValueFields) -> None:
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
    for name in ANY_SIGN:
        check_number(ValueCase, name, getattr(fields, name), low=-MOST_MONEY, high=MOST_MONEY, required=True)
    check_number(ValueCase, "present_process", fields.present_process, low=-MOST_MONEY, high=MOST_MONEY)
    _check_amounts(fields)
    _check_use(project, fields)


def _check_amounts(fields: ValueFields) -> None:
    check_text(ValueCase, "amount_column", fields.amount_column)
    counted = any(getattr(fields, name) for name in FACTORS)
    if counted and not fields.amount_column:
        raise InputRejected(
            "no_amount_column",
            gettext_noop(
                "The prices count in amounts of the row but name no column that holds them. Name the column, "
                "or leave these prices empty."
            ),
        )
    if fields.amount_column and not counted:
        raise InputRejected(
            "no_amount_price",
            gettext_noop(
                "The column %(column)s holds amounts, but no price counts in them. Say what part of the "
                "amount a hit, a miss or a false alarm is worth, or leave the column empty."
            ),
            column=fields.amount_column,
        )


def _check_use(project: Project, fields: ValueFields) -> None:
    """Where the project has runs that money can be counted for, a price must speak of one of them."""
    judged = Run.objects.filter(project=project, result__isnull=False, task__in=[task.value for task in USED])
    tasks = list(judged.order_by("task").values_list("task", flat=True).distinct())
    prices = Prices(**{field.name: getattr(fields, field.name) for field in fields_of(Prices)})
    refused = None
    for task in tasks:
        try:
            check_prices(prices, Task(task))
        except InputRejected as error:
            refused = error
        else:
            return
    if refused is not None:
        raise refused
