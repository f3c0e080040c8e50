"""What people say about a data set, and what may be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.compute.difference import MOST_KEYS
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import DataFile, Dataset
from apps.projects.models import Membership, Project

TEXT_CHARACTERS, VALUE_CHARACTERS = 2_000, 200
MOST_SPECIAL_COLUMNS, MOST_SPECIAL_VALUES = 100, 20
#: In special values the name for all columns.
EVERY_COLUMN = "*"
NUL = "\x00"  # which the database cannot keep
TEXTS = ("description", "source", "rights", "labelling")

SpecialValues = Mapping[str, Sequence[str | int | float | bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetAbout:
    """``special_values`` mean "missing", by column or under `EVERY_COLUMN`; a key tells rows apart."""

    description: str = ""
    owner: User | None = None
    source: str = ""
    rights: str = ""
    labelling: str = ""
    special_values: SpecialValues = field(default_factory=dict)
    key_columns: Sequence[str] = ()
    time_column: str = ""

    @classmethod
    def of(cls, dataset: Dataset) -> DatasetAbout:
        return cls(**{name: getattr(dataset, name) for name in cls.__dataclass_fields__})

    def stored(self) -> dict[str, Any]:
        """The fields of the row."""
        return {
            **{name: getattr(self, name) for name in ("owner", "time_column")},
            **{name: getattr(self, name).strip() for name in TEXTS},
            "special_values": {name: list(values) for name, values in self.special_values.items()},
            "key_columns": list(self.key_columns),
        }


def check_about(about: DatasetAbout, project: Project, file: DataFile | None) -> None:
    """InputRejected for what cannot be so; ``file`` is what the data set holds now, if that was read."""
    for name in TEXTS:
        check_length(getattr(about, name), TEXT_CHARACTERS)
    if about.owner is not None:
        _check_owner(about.owner, project)
    _check_special_values(about.special_values)
    check_key(about.key_columns)
    named = {*about.special_values} - {EVERY_COLUMN} | {*about.key_columns} | {about.time_column} - {""}
    if file is not None and file.is_read:
        check_columns(sorted(named), file)


def check_length(text: str, most: int, code: str = "text_too_long") -> None:
    if len(text.strip()) > most:
        raise InputRejected(
            code,
            gettext_noop("The text has %(length)d characters; at most %(most)d are kept."),
            length=len(text.strip()),
            most=most,
        )


def check_columns(names: Iterable[str], file: DataFile) -> None:
    known = {column["name"] for column in file.profile or []}
    for name in names:
        if name not in known:
            raise InputRejected(
                "missing_column",
                gettext_noop("The file “%(file)s” has no column “%(column)s”."),
                column=name,
                file=file.name,
            )


def check_key(names: Sequence[str]) -> None:
    if len(names) > MOST_KEYS:
        raise InputRejected(
            "too_many_key_columns",
            gettext_noop("A key has at most %(most)s columns. Choose fewer."),
            most=MOST_KEYS,
        )
    for name in names:
        _check_plain(name)
        if names.count(name) > 1:
            raise InputRejected(
                "doubled_key_column",
                gettext_noop("The key names the column “%(column)s” twice."),
                column=name,
            )


def _check_plain(column: str) -> None:
    if NUL in column:
        raise InputRejected("nul_character", gettext_noop("A column's name holds no NUL character."))


def _check_owner(owner: User, project: Project) -> None:
    if not Membership.objects.filter(project=project, user=owner, user__is_active=True).exists():
        raise InputRejected(
            "owner_no_member",
            gettext_noop("The owner of a data set is a member of the project. Choose one of them."),
        )


def _check_special_values(said: SpecialValues) -> None:
    if len(said) > MOST_SPECIAL_COLUMNS:
        raise InputRejected(
            "too_many_special_values",
            gettext_noop("Special values are kept for at most %(most)d columns. Use * for all columns."),
            most=MOST_SPECIAL_COLUMNS,
        )
    for column, values in said.items():
        _check_plain(column)
        if not 1 <= len(values) <= MOST_SPECIAL_VALUES:
            raise InputRejected(
                "too_many_special_values",
                gettext_noop("The column “%(column)s” needs 1 to %(most)d special values."),
                column=column,
                most=MOST_SPECIAL_VALUES,
            )
        for value in values:
            if not _is_special_value(value):
                raise InputRejected(
                    "no_special_value",
                    gettext_noop(
                        "A special value of the column “%(column)s” is a number or a text of at most "
                        "%(most)d characters, such as -200."
                    ),
                    column=column,
                    most=VALUE_CHARACTERS,
                )


def _is_special_value(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= VALUE_CHARACTERS and NUL not in value
    return isinstance(value, int | float) and abs(value) < 2**64
