"""What an upload of labels says: its columns, its ids, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apps.compute.join import KEY
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.monitoring.labels import LabelTable, doubled, read_labels
from apps.compute.roles import ColumnRoles, Role
from apps.datasets import pipeline
from apps.monitoring import tables
from apps.monitoring.keys import Keys, kept_keys
from apps.monitoring.models import LabelUpload


@dataclass(frozen=True)
class ArrivedLabels:
    """A table of labels that was read, and its ``columns``."""

    upload: LabelUpload
    table: pipeline.Table
    columns: LabelTable

    @cached_property
    def ids(self) -> list[str]:
        """Each id with a label once, in the order of the file."""
        return read_labels(self.columns).select(KEY).collect().to_series().to_list()

    @cached_property
    def keys(self) -> Keys:
        name = "\0".join((self.columns.id_column, self.columns.label_column))
        return kept_keys(self.upload.sha256, name, lambda: self.ids)

    def notes(self) -> list[dict[str, Any]]:
        count, examples = doubled(self.columns)
        if not count:
            return []
        text = gettext_noop("%(count)s ids have several labels: %(examples)s. The last row of each counts.")
        return [Message(text, {"count": count, "examples": ", ".join(examples)}).to_json()]


def read_upload(upload: LabelUpload, progress: Callable[[Message, float], None]) -> ArrivedLabels:
    """Read the file of an upload and find its columns. InputRejected."""
    if upload.file is None:
        raise InputRejected(
            "labels_removed",
            gettext_noop("The file of these labels is not kept any more. Send the labels again."),
        )
    table = pipeline.table_of(upload.file, progress)
    names = list(table.roles)
    wanted = (tables.id_of(upload.monitor), _guessed(table.roles, Role.ID))
    id_column = _column(upload.id_column, names, wanted, _NO_IDS)
    others = [name for name in names if name != id_column]
    wanted = (tables.target_of(upload.monitor), _guessed(table.roles, Role.TARGET))
    label_column = _column(upload.label_column, others, (*wanted, *others[: len(others) == 1]), _NO_LABELS)
    return ArrivedLabels(upload, table, LabelTable(table.path, id_column, label_column))


def _guessed(roles: ColumnRoles, role: Role) -> str | None:
    return next((name for name, use in roles.items() if use.role is role), None)


def _column(said: str, names: Sequence[str], wanted: Iterable[str | None], otherwise: str) -> str:
    """The column that was named, else the first of the wanted ones that the table has."""
    if said:
        if said in names:
            return said
        raise InputRejected(
            "missing_column",
            gettext_noop("The labels have no column “%(column)s”. They have: %(names)s."),
            column=said,
            names=", ".join(names[:20]),
        )
    for name in wanted:
        if name is not None and name in names:
            return name
    raise InputRejected("no_such_column", otherwise, names=", ".join(names[:20]))


_NO_IDS = gettext_noop("It is not clear which column of the labels holds the ids: %(names)s. Name it.")
_NO_LABELS = gettext_noop("It is not clear which column holds the labels: %(names)s. Name it.")
