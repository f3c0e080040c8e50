"""Slices that people save: conditions under a name, on which every run is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.analysis.columns import Column, columns_of
from apps.analysis.kinds import saved_slices as kind
from apps.analysis.models import Analysis, SavedSlice
from apps.analysis.registry import KINDS
from apps.analysis.services import NEWEST, keep_asking, start_if_it_fits
from apps.analysis.signals import saved_slices_changed
from apps.compute.conditions import Condition, conditions_from_json, expression, from_slice
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.weak_slices_result import WeakSlice
from apps.evaluations.comparisons import finished_runs
from apps.evaluations.models import MetricValue, Run
from apps.projects.access import Action, require
from apps.projects.models import Project

MOST_SLICES, MOST_CHARACTERS = 50, 120


@transaction.atomic
def save_slice(
    *, project: Project, user: User, name: str, conditions: Sequence[Mapping[str, Any]]
) -> SavedSlice:
    """Keep a slice under a name; the newest runs and all to come are measured on it.

    InputRejected: no name, a taken one, too many slices, no condition, or conditions that cannot be put to
    any of the newest runs.
    """
    require(user, Action.UPLOAD, project)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two requests make one slice
    name = name.strip()
    _check_name(project, name)
    checked = _checked(conditions, project_columns(project))
    saved: SavedSlice = SavedSlice.objects.create(
        project=project, name=name, conditions=[each.to_json() for each in checked], created_by=user
    )
    keep_asking(project=project, user=user, kind=kind.KEY, params={})
    _measure(project, user)
    return saved


def found_conditions(analysis: Analysis, place: int) -> list[dict[str, Any]] | None:
    """The conditions of the slice at ``place`` (from 0) of those that a search found, or None."""
    found = (analysis.result or {}).get("found", [])
    if analysis.kind != "slices" or not 0 <= place < len(found):
        return None
    return [condition.to_json() for condition in from_slice(WeakSlice.from_json(found[place]))]


@transaction.atomic
def delete_slice(*, saved: SavedSlice, user: User) -> None:
    """Forget a slice and what was measured on it: another slice may then take the name. Requirements that
    name it lose their evidence.
    """
    require(user, Action.UPLOAD, saved.project)
    project = saved.project
    MetricValue.objects.filter(
        run__project=project, slice_column=SavedSlice.COLUMN, slice_value=saved.name
    ).delete()
    saved.delete()
    transaction.on_commit(lambda: saved_slices_changed.send(sender=SavedSlice, project=project), robust=True)


def project_columns(project: Project) -> dict[str, Column]:
    """The columns of the project's newest runs together; the newest run says what a column holds."""
    newest = list(finished_runs(project).values_list("pk", flat=True)[:NEWEST])
    runs = Run.objects.filter(pk__in=newest).defer("result").order_by("evaluated_at", "number")
    found: dict[str, Column] = {}
    for run in runs.select_related("file", "truth"):
        found |= columns_of(run)
    return found


def _measure(project: Project, user: User) -> None:
    for run in finished_runs(project)[:NEWEST]:
        start_if_it_fits(run=run, user=user, kind=KINDS[kind.KEY], params={})


def _check_name(project: Project, name: str) -> None:
    if not name or "\0" in name or len(name) > MOST_CHARACTERS:
        raise InputRejected("odd_name", _ODD_NAME, most=MOST_CHARACTERS)
    saved = SavedSlice.objects.filter(project=project)
    if saved.filter(name=name).exists():
        raise InputRejected("slice_exists", _EXISTS, name=name)
    if saved.count() >= MOST_SLICES:
        raise InputRejected("too_many_slices", _TOO_MANY, most=MOST_SLICES)


def _checked(conditions: Any, columns: Mapping[str, Column]) -> tuple[Condition, ...]:
    if not isinstance(conditions, list | tuple) or not all(isinstance(each, Mapping) for each in conditions):
        raise InputRejected("odd_conditions", _ODD_CONDITIONS)
    checked = conditions_from_json(conditions)
    if not checked:
        raise InputRejected("no_condition", _NO_CONDITION)
    if columns:
        expression({name: column.dtype for name, column in columns.items()}, checked)
    return checked


_ODD_NAME = gettext_noop("Give the slice a name of 1 to %(most)d characters.")
_EXISTS = gettext_noop("The project has a saved slice “%(name)s” already. Choose another name.")
_TOO_MANY = gettext_noop("A project keeps at most %(most)d saved slices. Delete one first.")
_NO_CONDITION = gettext_noop("A slice needs at least one condition. Choose a column and a value.")
_ODD_CONDITIONS = gettext_noop(
    "Conditions are a list of objects, each with a column, an op and values. Correct the list."
)
