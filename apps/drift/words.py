"""What drift pages call things, and their sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from apps.common.formats import NO_VALUE, day, number, quantity
from apps.common.translate import translate
from apps.compute.drift.registry import TESTS
from apps.compute.drift.result import ColumnDrift, DriftResult, TableScore, Verdict
from apps.compute.selection import Condition, Operator, Selection

KINDS = {
    "number": pgettext_lazy("kind of column", "number"),
    "category": gettext_lazy("category"),
    "boolean": gettext_lazy("yes or no"),
    "date": gettext_lazy("date"),
    "text": gettext_lazy("text"),
}
ROLES = {"target": pgettext_lazy("role of a column", "target"), "prediction": gettext_lazy("prediction")}
#: Verdict -> state of its light ("" shows none) and its word.
VERDICTS = {
    Verdict.DRIFT: ("bad", pgettext_lazy("verdict", "drift")),
    Verdict.UNSURE: ("warn", pgettext_lazy("verdict", "unsure")),
    Verdict.SMALL: ("none", pgettext_lazy("verdict", "small")),
    Verdict.NONE: ("", pgettext_lazy("verdict", "no drift")),
    Verdict.INCOMPARABLE: ("none", pgettext_lazy("verdict", "cannot be compared")),
}
OPERATORS = {
    Operator.IN: gettext_lazy("is one of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
    Operator.FROM: gettext_lazy("is at least"),
    Operator.BEFORE: gettext_lazy("is less than"),
}
SHOWN_VALUES, SHOWN_NAMES = 3, 3
SMALLEST_P = 1e-300


def method_label(key: str) -> str:
    test = TESTS.get(key)
    return _(test.label) if test else key


def columns_drifted(drifted: int, compared: int, since: datetime | None) -> str:
    """The first half of a report's sentence."""
    counts = {"n": number(drifted, 0), "all": number(compared, 0)}
    if not drifted:
        return (
            ngettext("The %(all)s column has not drifted", "None of %(all)s columns drifted", compared)
            % counts
        )
    if since is None:
        return (
            ngettext("%(n)s of %(all)s columns drifted", "%(n)s of %(all)s columns drifted", drifted) % counts
        )
    return ngettext(
        "%(n)s of %(all)s columns drifted since %(day)s",
        "%(n)s of %(all)s columns drifted, the first since %(day)s",
        drifted,
    ) % {**counts, "day": day(since)}


#: What is added of the column that is watched, by its role and verdict.
_WATCHED = {
    ("prediction", Verdict.DRIFT): gettext_lazy("%(columns)s; the predictions are among them."),
    ("prediction", Verdict.UNSURE): gettext_lazy("%(columns)s; of the predictions it cannot be told."),
    ("prediction", Verdict.SMALL): gettext_lazy("%(columns)s; the predictions moved a little."),
    ("prediction", Verdict.NONE): gettext_lazy("%(columns)s; the predictions did not."),
    ("target", Verdict.DRIFT): gettext_lazy("%(columns)s; the target is among them."),
    ("target", Verdict.UNSURE): gettext_lazy("%(columns)s; of the target it cannot be told."),
    ("target", Verdict.SMALL): gettext_lazy("%(columns)s; the target moved a little."),
    ("target", Verdict.NONE): gettext_lazy("%(columns)s; the target did not."),
}


def sentence(drifted: int, compared: int, since: datetime | None, watched: ColumnDrift | None) -> str:
    """What a report says, in one sentence. ``watched``: its predictions, else its target, if it has one."""
    if not compared:
        return _("No column could be compared.")
    columns = columns_drifted(drifted, compared, since)
    ending = _WATCHED.get((watched.role, watched.verdict)) if watched else None
    if watched and watched.verdict is Verdict.NONE and not drifted:
        ending = None  # "None drifted" says it of all
    return str(ending) % {"columns": columns} if ending else _("%(columns)s.") % {"columns": columns}


def names(found: Sequence[str], all_of: int) -> str:
    """ "a, b, c and 4 more"."""
    shown = ", ".join(found[:SHOWN_NAMES])
    more = all_of - len(found[:SHOWN_NAMES])
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {
        "names": shown,
        "n": number(more, 0),
    }


def selection_words(data: Sequence[dict[str, Any]]) -> str:
    """ "season is one of 1, 2; timestamp is at least 2012-01-01"; "" for all rows."""
    return "; ".join(_condition(each) for each in Selection.from_json(data).conditions)


def _condition(condition: Condition) -> str:
    values = ", ".join(str(value) for value in condition.values[:SHOWN_VALUES])
    if len(condition.values) > SHOWN_VALUES:
        values += ", …"
    return f"{condition.column} {OPERATORS[condition.operator]} {values}"


def distance(column: ColumnDrift) -> str:
    """The value with the digits of a score; of p-values with the sign of one."""
    test = TESTS.get(column.method)
    if column.value is None or test is None or not test.is_p_value:
        return score(column.value)
    value = p_value(column.value)
    return f"p {value}" if value.startswith("<") else f"p = {value}"


def p_value(value: float) -> str:
    """Never nought: what is too small to be stored is still possible."""
    return quantity(value or SMALLEST_P, "score")


def score(value: float | None) -> str:
    """Three decimals; of large distances fewer, as nobody reads six digits."""
    if value is None or abs(value) < 10:
        return quantity(value, "score")
    return number(value, 1 if abs(value) < 100 else 0)


def ends(low: float, high: float) -> str:
    return from_to(score(low), score(high))


def from_to(first: str, last: str) -> str:
    return _("%(low)s to %(high)s") % {"low": first, "high": last}


def limit(value: float | None) -> str:
    return quantity(value, "level")


def strength(value: float | None) -> str:
    if value is None:
        return NO_VALUE
    return number(value, 1 if value < 9.95 else 0)


def short_day(moment: datetime) -> str:
    """ "14 Nov", with the year where it is not the present one."""
    moment = timezone.localtime(moment)
    return date_format(moment, "j M" if moment.year == timezone.localdate().year else "j M Y")


def evidently_says(column: ColumnDrift) -> str:
    """Where Evidently's rule and our verdict part, why; else nothing."""
    if not column.flagged or column.verdict is Verdict.DRIFT:
        return ""
    if column.verdict is Verdict.SMALL:
        return _("Evidently flags it; the change is too small to matter")
    return _("Evidently flags it; with these rows it may be chance")


SIDE_WORDS = {
    "rows": gettext_lazy("Rows"),
    "missing": gettext_lazy("Empty"),
    "infinite": gettext_lazy("Infinite"),
    "distinct": gettext_lazy("Different values"),
    "mean": gettext_lazy("Mean"),
    "std": gettext_lazy("Standard deviation"),
    "minimum": gettext_lazy("Smallest"),
    "maximum": gettext_lazy("Largest"),
}


def facts(column: ColumnDrift) -> list[tuple[str, str]]:
    """The evidence behind a verdict: what, and its number."""
    found = [(_("Distance"), distance(column)), (_("Limit"), limit(column.limit))]
    if column.low is not None and column.high is not None:
        found.append((_("Interval"), ends(column.low, column.high)))
    if column.effect is not None:
        found.append((_("Effect size"), score(column.effect)))
    if column.p_value is not None:
        found.append((_("p of “no change”"), p_value(column.p_value)))
    if column.adjusted is not None:
        found.append((_("p, corrected over all columns"), p_value(column.adjusted)))
    return found


def null_check(column: ColumnDrift) -> str:
    """What "no drift" looks like in this column."""
    if column.null_high is None:
        return ""
    return _("Random parts of the reference differ by up to %(value)s.") % {"value": score(column.null_high)}


def reason(column: ColumnDrift) -> str:
    return translate(column.reason)


def period(ends: tuple[str, str] | None) -> str:
    """ "1 January to 31 December 2011", one day as a day; nothing without times."""
    if ends is None:
        return ""
    first, last = (datetime.fromisoformat(end).date() for end in ends)
    if first == last:
        return date_format(first, "j M Y")
    same_year = first.year == last.year
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, "j M" if same_year else "j M Y"),
        "last": date_format(last, "j M Y"),
    }


def classifier_title(table: TableScore) -> str:
    """The domain classifier's AUC is the share of pairs of rows that it puts in the right order."""
    if table.low <= 0.5:
        return _("A classifier cannot tell the two sides apart")
    return _("A classifier tells the two apart in %(n)s of 100 pairs of rows") % {
        "n": number(100 * table.auc, 0)
    }


def classifier_text(table: TableScore) -> str:
    if table.low <= 0.5:
        return _("Rows of both sides look alike to it, all columns taken together.")
    if not table.drivers:
        return _("No single column gives them away.")
    return _("Mostly by %(columns)s. Guessing would be right in 50.") % {
        "columns": names([driver.column for driver in table.drivers], min(len(table.drivers), SHOWN_NAMES))
    }


def drift_limit(result: DriftResult) -> int:
    """How many columns make the data set count as drifted."""
    return max(1, math.ceil(round(result.drift_share * result.compared, 9)))
