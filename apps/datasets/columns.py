"""The columns of a file as pages show them: in pages, with first values and what they hold in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.common.formats import MINUS, exact, message, number, quantity
from apps.compute.profile import ColumnProfile, Kind
from apps.compute.role_check import check_roles
from apps.compute.roles import ROLE_NAMES, ColumnRole, ColumnRoles, Role
from apps.datasets.models import DataFile

#: Files with more columns than this are shown in pages, the used columns first.
PAGE_SIZE = 100
SHOWN_QUANTILES = (0.05, 0.5, 0.95)
UNUSED = frozenset({Role.FEATURE, Role.IGNORE})

ROLE_LABELS = {role: gettext_lazy(name) for role, name in ROLE_NAMES.items()}

KIND_LABELS = {
    Kind.INTEGER: gettext_lazy("integer"),
    Kind.FLOAT: gettext_lazy("decimal number"),
    Kind.BOOLEAN: gettext_lazy("yes or no"),
    Kind.TEXT: gettext_lazy("text"),
    Kind.TIMESTAMP: gettext_lazy("time"),
    Kind.DATE: gettext_lazy("date"),
    Kind.EMPTY: gettext_lazy("empty"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """``place`` is its position in the file, from 0."""

    place: int
    profile: ColumnProfile
    role: ColumnRole

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def kind(self) -> Any:
        return KIND_LABELS[self.profile.kind]

    @property
    def first_values(self) -> str:
        times = self.profile.kind is Kind.TIMESTAMP
        return ", ".join(
            str(value).replace("T", " ") if times else shown(value, 40) for value in self.profile.examples
        )

    @property
    def is_used(self) -> bool:
        return self.role.role not in UNUSED

    @property
    def summary(self) -> str:
        """What the column holds, in a few words that fit its use."""
        return _summary(self.profile, self.role.role)

    @property
    def use(self) -> Any:
        return ROLE_LABELS[self.role.role]

    @property
    def range(self) -> str:
        return _range(self.profile)

    @property
    def missing_share(self) -> float:
        return self.profile.missing / self.profile.rows if self.profile.rows else 0.0

    @property
    def is_histogram(self) -> bool:
        return bool(self.profile.counts)

    @property
    def bars(self) -> list[float]:
        """What its picture shows: shares of the bins of the histogram, or of the most frequent values."""
        counts = self.profile.counts or tuple(top.count for top in self.profile.top)
        present = max(1, self.profile.rows - self.profile.missing)
        return [count / present for count in counts]

    @property
    def picture_label(self) -> str:
        """The picture in words, with its highest bar."""
        bars = self.bars
        if not self.is_histogram:
            said = {"value": self.top[0][0], "share": quantity(bars[0], "share"), "n": len(bars)}
            return _("The %(n)d most frequent values; %(value)s: %(share)s") % said
        highest = bars.index(max(bars))
        edges = self.profile.edges
        return _("Histogram; %(low)s to %(high)s: %(share)s") % {
            "low": _end(self.profile, edges[highest]),
            "high": _end(self.profile, edges[highest + 1]),
            "share": quantity(bars[highest], "share"),
        }

    @property
    def quantiles(self) -> list[tuple[str, str]]:
        """Level and value of the quantiles that say where most rows lie."""
        return [
            (exact(level, "share"), _end(self.profile, value))
            for level, value in self.profile.quantiles
            if level in SHOWN_QUANTILES
        ]

    @property
    def top(self) -> list[tuple[str, int, float]]:
        """The most frequent values, their counts and shares of the rows that have a value."""
        present = max(1, self.profile.rows - self.profile.missing)
        return [(shown(top.value, 60), top.count, top.count / present) for top in self.profile.top[:5]]


def shown(value: Any, longest: int) -> str:
    """A value of the file as a reader wants it: short, empty text named."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return (
            f"{value:.5g}".replace("-", MINUS) if isinstance(value, float) else str(value).replace("-", MINUS)
        )
    text = str(value)
    if text == "":
        return _("(empty)")
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def profiles_of(file: DataFile) -> list[ColumnProfile]:
    return [ColumnProfile.from_json(data) for data in file.profile or []]


@dataclass(frozen=True, slots=True)
class Checked:
    """Sentences of a check: faults by column (what concerns the whole file under None), and what is fine."""

    faults: Mapping[str | None, Sequence[str]]
    fine: Mapping[str | None, str]

    @property
    def fault_count(self) -> int:
        return sum(len(said) for said in self.faults.values())


def check(profiles: Sequence[ColumnProfile], roles: ColumnRoles, truth_roles: ColumnRoles | None) -> Checked:
    """Whether the uses of the columns fit what is in them, from the stored profiles alone."""
    faults: dict[str | None, list[str]] = {}
    fine: dict[str | None, str] = {}
    for finding in check_roles(roles, profiles, truth_roles=truth_roles):
        if not finding.ok:
            faults.setdefault(finding.column, []).append(message(finding.message))
        elif finding.code != "range":  # `Column.summary` says ranges with fewer digits
            fine[finding.column] = message(finding.message)
    return Checked(faults, fine)


def column_page(
    profiles: list[ColumnProfile], roles: Mapping[str, ColumnRole], words: str, page: str | None
) -> Page[Column]:
    """One page of the columns whose name holds ``words``; of a wide file the used ones come first."""
    columns = [
        Column(place, profile, roles.get(profile.name, ColumnRole(Role.IGNORE)))
        for place, profile in enumerate(profiles)
        if words.lower() in profile.name.lower()
    ]
    if len(columns) > PAGE_SIZE:
        columns.sort(key=lambda column: not column.is_used)
    return Paginator(columns, PAGE_SIZE).get_page(page or 1)


def _summary(profile: ColumnProfile, role: Role) -> str:
    if profile.kind is Kind.EMPTY:
        return _("holds no value")
    if role is Role.IGNORE:
        return _("kept in the file")
    if role is Role.ID:
        return _("unique") if profile.is_unique else _distinct(profile)
    if role in (Role.SLICE, Role.TARGET, Role.PREDICTION) and profile.minimum is None:
        return _distinct(profile)
    if role is Role.SLICE and profile.distinct <= 100:
        return _distinct(profile)
    if profile.minimum is not None and profile.maximum is not None:
        return _range(profile)
    return _distinct(profile)


def _range(profile: ColumnProfile) -> str:
    ends = {"low": _end(profile, profile.minimum), "high": _end(profile, profile.maximum)}
    return _("%(low)s to %(high)s") % ends


def _distinct(profile: ColumnProfile) -> str:
    words = ngettext("%(n)s value", "%(n)s values", profile.distinct)
    return words % {"n": number(profile.distinct, 0)}


def _end(profile: ColumnProfile, value: Any) -> str:
    if profile.kind in (Kind.TIMESTAMP, Kind.DATE):
        return date_format(datetime.fromisoformat(str(value)), "j M Y")
    return shown(value, 20)
