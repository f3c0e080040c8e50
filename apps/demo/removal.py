"""Takes whole projects out of the database. Only the demo is ever removed; its trail stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pgtrigger
from django.apps import apps
from django.db import models, transaction

from apps.projects.models import Project


@transaction.atomic
def remove_projects(ids: Sequence[int]) -> None:
    """Delete the projects and every row that belongs to them, whatever protects single rows.

    Foreign keys are checked when the transaction commits, so the order of the tables does not matter but for
    rows that are found through others: these go first. Files stay until the storage's own cleaning.
    """
    if not ids:
        return
    with pgtrigger.ignore(*_protections()):
        for model, path in sorted(_paths(), key=lambda found: -found[1].count("__")):
            rows = model._default_manager.filter(**{f"{path}__in": ids})
            rows._raw_delete(rows.db)
        projects = Project.objects.filter(pk__in=ids)
        projects._raw_delete(projects.db)


def _protections() -> Iterator[str]:
    """Triggers that forbid to delete single rows. The audit triggers are not among them."""
    for model, trigger in pgtrigger.registered():
        if isinstance(trigger, pgtrigger.Protect) and model._meta.label_lower != "history.change":
            yield f"{model._meta.label}:{trigger.name}"


def _paths() -> Iterator[tuple[type[models.Model], str]]:
    """Every table with rows of projects, and the way from a row to its project."""
    for model in apps.get_models(include_auto_created=True):
        if model is not Project and (path := _path(model, frozenset())):
            yield model, path


def _path(model: type[models.Model], seen: frozenset[type[models.Model]]) -> str:
    """The shortest chain of foreign keys that cannot be empty to `Project`, "" when there is none."""
    found = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if not isinstance(target, type) or field.null or target in seen or target is model:
            continue
        if target is Project:
            return field.name
        if rest := _path(target, seen | {model}):
            found.append(f"{field.name}__{rest}")
    return min(found, key=lambda path: path.count("__"), default="")
