"""What may be asked of a drift report, checked before anything is stored about it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from apps.compute.drift.registry import TESTS, ColumnKind, DriftTest
from apps.compute.drift.spec import ColumnSettings, DriftSpec
from apps.compute.messages import InputRejected, Message, gettext_noop

MOST_SETTINGS, MOST_RESAMPLES = 500, 2_000
NAME_CHARACTERS, REASON_CHARACTERS = 200, 1_000


def check_spec(spec: DriftSpec) -> None:
    """Raise InputRejected for what no data could fit."""
    if len(spec.columns) > MOST_SETTINGS:
        raise InputRejected(
            "too_many_settings",
            gettext_noop("%(count)d columns have settings of their own; at most %(most)d may."),
            count=len(spec.columns),
            most=MOST_SETTINGS,
        )
    for name, settings in spec.columns.items():
        _check_settings(name, settings)
    for field, value, low, high in (
        ("drift_share", spec.drift_share, 0.0, 1.0),
        ("smallest_effect", spec.smallest_effect, 0.0, 100.0),
        ("confidence", spec.confidence, 0.5, 0.9999),
        ("resamples", spec.resamples, 0, MOST_RESAMPLES),
    ):
        if not low <= value <= high:  # NaN is in no range either
            raise InputRejected(
                "out_of_range",
                gettext_noop("%(field)s is %(value)s; it must be between %(low)s and %(high)s."),
                field=field,
                value=str(value),
                low=f"{low:g}",
                high=f"{high:g}",
            )


def _check_settings(name: str, settings: ColumnSettings) -> None:
    test = TESTS.get(settings.method)
    if settings.method and test is None:
        raise InputRejected(
            "unknown_method",
            gettext_noop("The column %(column)s is to be compared by “%(method)s”. Known: %(known)s."),
            column=name,
            method=settings.method,
            known=", ".join(TESTS),
        )
    if test is not None and settings.kind is not None and settings.kind not in kinds_of(test):
        raise InputRejected(
            "method_of_other_kind",
            gettext_noop(
                "The column %(column)s is to be compared as %(kind)s, which “%(method)s” cannot do. Choose "
                "another method or another kind."
            ),
            column=name,
            kind=settings.kind.value,
            method=Message(test.label),
        )
    limit = settings.limit
    if limit is not None and not (math.isfinite(limit) and limit > 0):
        raise InputRejected(
            "bad_limit",
            gettext_noop("The limit of the column %(column)s is %(limit)s; it must be a number above 0."),
            column=name,
            limit=str(limit),
        )
    if limit is not None and limit >= 1 and test is not None and test.is_p_value:
        raise InputRejected(
            "bad_limit",
            gettext_noop(
                "The limit of the column %(column)s is %(limit)s. “%(method)s” gives a p-value, which is "
                "below 1: choose a limit such as 0.05."
            ),
            column=name,
            limit=str(limit),
            method=Message(test.label),
        )


def kinds_of(test: DriftTest) -> tuple[ColumnKind, ...]:
    """The kinds of columns that a method compares."""
    kinds = {ColumnKind.NUMBER: test.numbers, ColumnKind.CATEGORY: test.categories}
    return tuple(kind for kind, function in kinds.items() if function) or (ColumnKind.TEXT,)


def check_columns(spec: DriftSpec, reference: Collection[str], current: Collection[str]) -> None:
    """InputRejected: something is said of a column that neither side has, which is a slip of the pen."""
    said = {**spec.columns, **spec.roles, **({spec.time_column: None} if spec.time_column else {})}
    for name in said:
        if name not in reference and name not in current:
            raise InputRejected(
                "missing_column",
                gettext_noop(
                    "Something is said of the column %(column)s, which neither side has. Check its name."
                ),
                column=name,
            )


def check_text(text: str, most: int, field: Message) -> str:
    """The text without blanks around it. InputRejected: it is too long."""
    text = text.strip()
    if len(text) > most:
        raise InputRejected(
            "text_too_long",
            gettext_noop("The %(field)s has %(length)d characters; at most %(most)d are kept."),
            field=field,
            length=len(text),
            most=most,
        )
    return text


SpecialValues = Mapping[str, list[str | float | int]]


def merged(*parts: SpecialValues) -> dict[str, list[str | float | int]]:
    """The special values of all parts by column, in a fixed order: equal ones give equal JSON."""
    found: dict[str, set[str | float | int]] = {}
    for part in parts:
        for column, values in part.items():
            found.setdefault(column, set()).update(values)
    return {
        column: sorted(values, key=lambda value: (str(type(value)), value))
        for column, values in sorted(found.items())
        if values
    }
