"""What is wrong with the chosen roles of a file's columns, and what is right, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.compute.messages import Message, gettext_noop
from apps.compute.profile import ColumnProfile, Kind, Scalar
from apps.compute.roles import ROLE_NAMES, ColumnRoles, Role, doubled

#: Roles whose values must be numbers.
NUMERIC = frozenset(
    {
        Role.PROBABILITY,
        Role.QUANTILE,
        Role.INTERVAL_LOW,
        Role.INTERVAL_HIGH,
        Role.WEIGHT,
        Role.LATENCY,
        Role.STD,
        Role.HORIZON,
        Role.SCALE,
    }
)
#: Roles in which every row needs a value for the evaluation to go on.
COMPLETE = frozenset({Role.PREDICTION, Role.PROBABILITY, Role.WEIGHT, Role.ID})
FINITE = NUMERIC | {Role.TARGET, Role.PREDICTION}
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding on one column (``column`` None: on the file as a whole). ``ok`` findings are no problem.

    ``code`` is a stable name, ``row`` the first row concerned, counted from 1.
    """

    code: str
    message: Message
    ok: bool = False
    column: str | None = None
    row: int | None = None


def check_roles(
    roles: ColumnRoles, profiles: Sequence[ColumnProfile], *, truth_roles: ColumnRoles | None = None
) -> list[Problem]:
    """Findings on the file, then per column in the order of ``roles``.

    With ``truth_roles`` the target may come from a truth file, which both files then need an id for.
    Columns of the roles slice, feature and ignore get a finding only if they are not in the file.
    """
    by_name = {profile.name: profile for profile in profiles}
    findings = _check_whole(roles, truth_roles)
    for name, use in roles.items():
        if name not in by_name:
            findings.append(
                _problem("unknown_column", gettext_noop("The file has no column “%(column)s”."), name)
            )
        elif check := _CHECKS.get(use.role):
            findings += check(by_name[name], use.role)
    return findings


def _check_whole(roles: ColumnRoles, truth_roles: ColumnRoles | None) -> list[Problem]:
    used = [use.role for use in roles.values()]
    truth_used = [use.role for use in truth_roles.values()] if truth_roles is not None else []
    findings = []
    for role, names in doubled(roles).items():
        text = gettext_noop(
            "Only one column can have the role “%(role)s”, but %(count)s have it: %(columns)s."
        )
        params = {"role": Message(ROLE_NAMES[role]), "count": len(names), "columns": ", ".join(names)}
        findings.append(Problem("role_twice", Message(text, params), column=names[1]))
    if Role.TARGET not in used + truth_used:
        text = gettext_noop("No column is the target. Choose the one that holds what was true.")
        findings.append(_problem("no_target", text))
    if not {Role.PREDICTION, Role.PROBABILITY} & set(used):
        text = gettext_noop("No column is a prediction or a probability. Choose what the model said.")
        findings.append(_problem("no_prediction", text))
    if truth_roles is not None and Role.ID not in used:
        text = gettext_noop("No column is the id. The truth file is joined by it.")
        findings.append(_problem("no_id", text))
    if truth_roles is not None and Role.ID not in truth_used:
        text = gettext_noop("The truth file has no id column to join it by.")
        findings.append(_problem("no_truth_id", text))
    return findings + _labels_twice(roles)


def _labels_twice(roles: ColumnRoles) -> list[Problem]:
    findings, seen = [], set()
    for name, use in roles.items():
        if use.role not in (Role.PROBABILITY, Role.QUANTILE):
            continue
        if (use.role, use.label) in seen:
            text = gettext_noop("Another column has the role “%(role)s” of “%(label)s” as well.")
            role = Message(ROLE_NAMES[use.role])
            findings.append(_problem("label_twice", text, name, role=role, label=use.label))
        seen.add((use.role, use.label))
    return findings


def _problem(
    code: str, text: str, column: str | None = None, row: int | None = None, **params: Any
) -> Problem:
    places = {"column": column, "row": row}
    known = {key: value for key, value in places.items() if value is not None}
    return Problem(code, Message(text, {**known, **params}), column=column, row=row)


def _fine(profile: ColumnProfile, code: str, text: str, **params: Any) -> Problem:
    return Problem(code, Message(text, params), ok=True, column=profile.name)


def _check_id(profile: ColumnProfile, role: Role) -> list[Problem]:
    findings = _values(profile, role)
    present = profile.rows - profile.missing
    if profile.distinct < present:
        repeated = [top for top in profile.top if top.count > 1][:EXAMPLES]
        text = gettext_noop(
            "%(count)s rows repeat an earlier id. Examples: %(examples)s. Each id may occur only once."
        )
        examples = "; ".join(_with_rows(top.value, top.count, top.rows) for top in repeated)
        row = next((top.rows[1] for top in repeated if len(top.rows) > 1), None)
        findings.append(
            _problem(
                "duplicate_id", text, profile.name, row, count=present - profile.distinct, examples=examples
            )
        )
    return findings or [_fine(profile, "unique", gettext_noop("unique"))]


def _with_rows(value: Scalar, count: int, rows: Sequence[int]) -> str:
    places = f" ({', '.join(map(str, rows))}{', …' if count > len(rows) else ''})" if rows else ""
    return f"{value}{places}"


def _check_timestamp(profile: ColumnProfile, role: Role) -> list[Problem]:
    if profile.kind not in (Kind.TIMESTAMP, Kind.DATE):
        text = gettext_noop(
            "“%(column)s” holds no times. Write them as ISO 8601, such as 2026-01-31T12:00:00."
        )
        return [_problem("not_a_time", text, profile.name)]
    text = gettext_noop("%(low)s to %(high)s")
    return [_fine(profile, "range", text, low=profile.minimum, high=profile.maximum)]


def _check_answer(profile: ColumnProfile, role: Role) -> list[Problem]:
    """A target or a prediction: classes or numbers."""
    findings = _values(profile, role)
    if findings:
        return findings
    if profile.distinct == 1 and role is Role.TARGET:
        text = gettext_noop("all rows are %(value)s: what compares classes is undefined")
        return [_fine(profile, "one_class", text, value=_only_value(profile))]
    if profile.distinct == 2 and len(profile.top) == 2:
        first, second = sorted(profile.top, key=lambda top: str(top.value))
        text = gettext_noop("%(first)s and %(second)s, %(percent)s%% are %(second)s")
        percent = round(100 * second.count / (first.count + second.count), 1)
        return [_fine(profile, "two_values", text, first=first.value, second=second.value, percent=percent)]
    if profile.is_number and profile.minimum is not None:
        return _range(profile)
    return [_fine(profile, "classes", gettext_noop("%(count)s different values"), count=profile.distinct)]


def _only_value(profile: ColumnProfile) -> Scalar:
    return profile.top[0].value if profile.top else profile.examples[0]


def _check_probability(profile: ColumnProfile, role: Role) -> list[Problem]:
    findings = _values(profile, role)
    if profile.is_number and profile.outside_unit > profile.infinite:
        text = gettext_noop(
            "%(count)s values of “%(column)s” are not between 0 and 1, the first in row %(row)s. "
            "Percentages must be divided by 100."
        )
        row = profile.outside_unit_row
        findings.append(_problem("outside_unit", text, profile.name, row, count=profile.outside_unit))
    return findings or [_fine(profile, "in_unit", gettext_noop("between 0 and 1"))]


def _check_positive(profile: ColumnProfile, role: Role) -> list[Problem]:
    """Weights and latencies: numbers from 0 on."""
    findings = _values(profile, role)
    if isinstance(profile.minimum, int | float) and profile.minimum < 0:
        text = gettext_noop("“%(column)s” goes down to %(low)s, but may not be negative.")
        findings.append(_problem("negative", text, profile.name, low=profile.minimum))
    return findings or _range(profile)


def _check_number(profile: ColumnProfile, role: Role) -> list[Problem]:
    return _values(profile, role) or _range(profile)


def _range(profile: ColumnProfile) -> list[Problem]:
    text = gettext_noop("%(low)s to %(high)s")
    return [_fine(profile, "range", text, low=profile.minimum, high=profile.maximum)]


def _values(profile: ColumnProfile, role: Role) -> list[Problem]:
    """Missing, infinite and non-numeric values where the role does not allow them."""
    name = profile.name
    if profile.kind is Kind.EMPTY:
        return [_problem("empty_column", gettext_noop("“%(column)s” holds no values."), name)]
    findings = []
    if profile.missing and role in COMPLETE:
        text = gettext_noop("%(count)s values of “%(column)s” are missing or NaN, the first in row %(row)s.")
        findings.append(_problem("missing_values", text, name, profile.missing_row, count=profile.missing))
    elif profile.missing and role is Role.TARGET:
        text = gettext_noop("%(count)s rows have no “%(column)s” and are left out, the first is row %(row)s.")
        params = {"count": profile.missing, "column": name, "row": profile.missing_row}
        findings.append(Problem("no_truth_yet", Message(text, params), True, name, profile.missing_row))
    if profile.infinite and role in FINITE:
        text = gettext_noop("%(count)s values of “%(column)s” are infinite, the first in row %(row)s.")
        findings.append(_problem("infinite", text, name, profile.infinite_row, count=profile.infinite))
    if role in NUMERIC and profile.kind is Kind.TEXT and profile.not_number:
        text = gettext_noop("%(count)s values of “%(column)s” are not numbers, the first in row %(row)s.")
        findings.append(_problem("not_numbers", text, name, profile.not_number_row, count=profile.not_number))
    elif role in NUMERIC and not profile.is_number and profile.kind is not Kind.TEXT:
        findings.append(_problem("not_numbers", gettext_noop("“%(column)s” does not hold numbers."), name))
    return findings


_CHECKS: Mapping[Role, Callable[[ColumnProfile, Role], list[Problem]]] = {
    Role.ID: _check_id,
    Role.TIMESTAMP: _check_timestamp,
    Role.TARGET: _check_answer,
    Role.PREDICTION: _check_answer,
    Role.PROBABILITY: _check_probability,
    Role.QUANTILE: _check_number,
    Role.INTERVAL_LOW: _check_number,
    Role.INTERVAL_HIGH: _check_number,
    Role.WEIGHT: _check_positive,
    Role.LATENCY: _check_positive,
    Role.STD: _check_positive,
    Role.HORIZON: _check_positive,
    Role.SCALE: _check_positive,
}
