"""The audit trail in words: what was changed, by whom, from what to what.

The trail keeps ids and columns. Their names come from the models, and from the trail itself, where the
first row of each object tells what it was, also of those that are gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.common.formats import NO_VALUE, message
from apps.compute.fit import QUESTION_BY_KEY
from apps.compute.messages import Message
from apps.dashboards.vocabulary import COLUMNS, THINGS
from apps.datasets.models import DataFile
from apps.evaluations.models import Model, Run
from apps.history.models import Change
from apps.projects.models import Project

LONGEST_TEXT = 160
#: Columns that say nothing to a reader.
_SILENT = frozenset({"id", "project_id", "created_at", "project"})
_CODES = {
    "requirements_requirement": "R-%02d",
    "lifecycle_hypothesis": "H-%d",
    "lifecycle_deliverable": "D-%d",
    "documents_architecturedecision": "A-%d",
}
#: Columns whose object names the row as well.
_PARENTS = (
    "first_id",
    "second_id",
    "requirement_id",
    "deliverable_id",
    "dataset_id",
    "stakeholder_id",
    "model_id",
)
_TEXTS = ("name", "title", "text", "statement", "question", "outcome", "kind")

#: What has no trail of its own, and the columns that its name is made of.
_OTHERS: Mapping[type[models.Model], Sequence[str]] = {
    User: ["name", "email"],
    Run: ["number"],
    DataFile: ["name"],
    Model: ["name"],
}

Key = tuple[str, str]  # table, id


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One change as people read it. ``project`` is empty where the project is gone."""

    change: Change
    actor: str
    thing: str
    name: str
    operation: str
    fields: Sequence[FieldChange]
    project: Project | None


@cache
def _models() -> Mapping[str, type[models.Model]]:
    """The audited models by their tables."""
    return {model._meta.db_table: model for model in apps.get_models() if _is_audited(model)}


def _is_audited(model: type[models.Model]) -> bool:
    triggers = getattr(model._meta, "triggers", [])
    return any(trigger.name == "audited" for trigger in triggers)


@cache
def _columns(table: str) -> Mapping[str, Any]:
    model = _models().get(table)
    return {str(field.column): field for field in model._meta.concrete_fields} if model else {}


def thing_of(table: str) -> str:
    """The name of a table's objects: "requirement"."""
    model = _models().get(table)
    return str(THINGS.get(table) or (model._meta.verbose_name if model else table))


def operation_word(operation: str) -> str:
    return str(Change.Operation(operation).label)


def tell(changes: Sequence[Change]) -> list[Told]:
    """All in words; needs seven queries, however many changes there are."""
    names = _Names(changes)
    projects = Project.objects.in_bulk({c.project_id for c in changes if c.project_id})
    return [
        Told(
            change=change,
            actor=names.actor(change),
            thing=thing_of(change.table),
            name=names.of((change.table, change.object_id)),
            operation=operation_word(change.operation),
            fields=_fields(change, names),
            project=projects.get(change.project_id) if change.project_id else None,
        )
        for change in changes
    ]


def _fields(change: Change, names: _Names) -> list[FieldChange]:
    old, new = change.old or {}, change.new or {}
    return [
        FieldChange(
            label=_label(change.table, column),
            old=names.value(change.table, column, old.get(column)) if change.old is not None else "",
            new=names.value(change.table, column, new.get(column)) if change.new is not None else "",
        )
        for column in {**old, **new}
        if column not in _SILENT and not (_empty(old.get(column)) and _empty(new.get(column)))
    ]


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _label(table: str, column: str) -> str:
    """The name that the model gives in the reader's language, or that of the vocabulary."""
    field = _columns(table).get(column)
    if field is not None and not isinstance(field._verbose_name, str | None):
        return str(field.verbose_name)
    return str(COLUMNS.get(column, column))


class _Names:
    """The names of everything that some changes point at, found with six queries."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.rows: dict[Key, Mapping[str, Any]] = {}
        for change in changes:
            whole = change.new if change.operation == Change.Operation.INSERT else change.old
            if change.operation != Change.Operation.UPDATE and whole:
                self.rows[change.table, change.object_id] = whole
        self._find({(change.table, change.object_id) for change in changes})
        shown = [(c.table, part) for c in changes for part in (c.old, c.new) if part]
        known = [(table, row) for (table, _id), row in self.rows.items()]
        pointed = _pointers([*shown, *known])
        pointed[User] |= {change.actor_id for change in changes if change.actor_id}
        self.others: dict[Key, str] = {}
        for model, columns in _OTHERS.items():
            objects = model._default_manager.filter(pk__in=pointed.pop(model, set())).only(*columns)
            self.others |= {(model._meta.db_table, str(found.pk)): str(found) for found in objects}
        self._find({(model._meta.db_table, str(pk)) for model, pks in pointed.items() for pk in pks})

    def _find(self, wanted: set[Key]) -> None:
        wanted = wanted - set(self.rows)
        condition = Q()
        for table in {table for table, _id in wanted}:
            condition |= Q(table=table, object_id__in=[i for t, i in wanted if t == table])
        if condition:
            first = Change.objects.filter(condition, operation=Change.Operation.INSERT)
            self.rows |= {(c.table, c.object_id): c.new or {} for c in first}

    def actor(self, change: Change) -> str:
        if change.actor_id is None:
            return _("The portal")
        return self._person(change.actor_id)

    def _person(self, pk: Any) -> str:
        return self.others.get((User._meta.db_table, str(pk))) or _("somebody who is gone")

    def of(self, key: Key) -> str:
        """ "R-01 “Catch most of it”", "R-01 confirmed"."""
        table, _id = key
        row = self.rows.get(key)
        if row is None:
            return ""
        parts = []
        for column in _PARENTS:
            field = _columns(table).get(column)
            if field is not None and row.get(column) is not None:
                parts.append(self.short((field.related_model._meta.db_table, str(row[column]))))
        own = self.short(key)
        return ", ".join(part for part in [*parts, own] if part)

    def short(self, key: Key) -> str:
        table, _id = key
        row = self.rows.get(key, {})
        if table in _CODES and row.get("number"):
            return str(_CODES[table] % row["number"])
        number = str(row.get("number") or "")
        text = next((column for column in _TEXTS if row.get(column)), "")
        parts = [f"{number}:" if number and text else number] if number else []
        if text:
            parts.append(self.value(table, text, row[text]))
        if row.get("state") and not text:
            parts.append(self.value(table, "state", row["state"]))
        if row.get("user_id"):
            parts.append(self._person(row["user_id"]))
        return " ".join(parts)

    def value(self, table: str, column: str, value: Any) -> str:
        if _empty(value):
            return NO_VALUE
        if table == "lifecycle_fitanswer" and column == "question" and value in QUESTION_BY_KEY:
            return message(QUESTION_BY_KEY[value].label)
        field = _columns(table).get(column)
        if field is not None and field.is_relation:
            return self._related(field.related_model, value)
        if field is not None and field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return _plain(field, value)

    def _related(self, model: type[models.Model], value: Any) -> str:
        key = (model._meta.db_table, str(value))
        if model is User:
            return self._person(value)
        return self.others.get(key) or self.of(key) or str(value)


def _pointers(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> defaultdict[type[models.Model], set[Any]]:
    """The ids that rows of the trail point at, by model."""
    found: defaultdict[type[models.Model], set[Any]] = defaultdict(set)
    for table, row in rows:
        for column, value in row.items():
            field = _columns(table).get(column)
            if value is not None and field is not None and field.is_relation and column not in _SILENT:
                found[field.related_model].add(value)
    return found


def _plain(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return date_format(timezone.localtime(moment), "j E Y, H:i")
    if isinstance(field, models.DateField) and (day := parse_date(str(value))):
        return date_format(day, "j E Y")
    if isinstance(value, Mapping | list):
        return _summary(value)
    if isinstance(value, int | float):
        return str(localize(value))
    return _cut(str(value))


def _summary(value: Mapping[str, Any] | list[Any]) -> str:
    """A message as its sentence, a list of short things as it is, anything else as how much there is."""
    parts = value if isinstance(value, list) else [value]
    if all(isinstance(part, str | int | float) for part in parts):
        return _cut(", ".join(str(part) for part in parts))
    try:
        return _cut(" ".join(message(Message.from_json(part)) for part in parts))
    except (KeyError, TypeError, ValueError):  # another structure: the export has it whole
        return ngettext("%(n)d entry", "%(n)d entries", len(value)) % {"n": len(value)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
