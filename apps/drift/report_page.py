"""What the page of a report says of its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.formats import NO_VALUE, number
from apps.common.translate import translate
from apps.compute.drift.registry import TESTS
from apps.compute.drift.result import ColumnDrift, DriftResult, Verdict
from apps.compute.figures.drift_time import Moment, TimeLine, time_line
from apps.compute.figures.theme import Figure
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.drift import models, words
from apps.drift.lists import time_line_of
from apps.drift.rows import day_of

#: Target and predictions lead a report: what is watched over time is among its first columns.
LEADING = 100


@dataclass(frozen=True, slots=True)
class Said:
    """The sentence of a report and what to do about it; ``state`` and ``icon`` are those of a notice."""

    state: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A number of the summary: what, the number, what it is held against, one line below."""

    label: str
    value: str
    small: str
    sub: str


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """``prediction``: the predictions, else the target. ``drifted``: the first that drifted. ``first``: the
    first of the report.
    """

    prediction: ColumnDrift | None
    drifted: Sequence[ColumnDrift]
    first: ColumnDrift | None
    chosen: int  # place of the column whose details open by themselves

    @property
    def watched(self) -> ColumnDrift | None:
        return self.prediction or (self.drifted[0] if self.drifted else self.first)


def key_columns(report: models.DriftReport) -> KeyColumns:
    """Two queries, whatever the number of columns."""
    leading = list(report.columns.exclude(role="feature").filter(place__lt=LEADING)[:1])
    leading += [c for c in report.columns.filter(place=0) if not leading]
    drifted = list(report.columns.filter(verdict=Verdict.DRIFT)[: words.SHOWN_NAMES])
    first = ColumnDrift.from_json(leading[0].data) if leading else None
    compared = first is not None and first.verdict is not Verdict.INCOMPARABLE
    return KeyColumns(
        prediction=first if compared and first and first.role != "feature" else None,
        drifted=[ColumnDrift.from_json(row.data) for row in drifted],
        first=first if compared else None,
        chosen=drifted[0].place if drifted else 0,
    )


def say(report: models.DriftReport, result: DriftResult, key: KeyColumns) -> Said:
    """Drift, no drift, or that it cannot be told, and what to do."""
    watched = key.prediction
    title = words.sentence(result.drifted, result.compared, report.since, watched)
    if not result.compared:
        text = _("Each column says why. Compare files that hold the same columns with values in them.")
        return Said("warn", "circle-question-mark", title, text)
    if result.drifted:
        is_watched = watched is not None and watched.verdict is Verdict.DRIFT
        is_bad = is_watched or result.drifted >= words.drift_limit(result)
        return Said("bad" if is_bad else "warn", "waves", title, _what_to_do(result, key))
    if result.is_drift:
        text = ngettext(
            "Evidently's rule flags %(n)s column, but with these rows it may be chance. Compare more rows.",
            "Evidently's rule flags %(n)s columns, but with these rows it may be chance. Compare more rows.",
            result.flagged,
        )
        return Said("warn", "circle-question-mark", title, text % {"n": number(result.flagged, 0)})
    if result.flagged:
        text = ngettext(
            "%(n)s column is beyond its limit, and that may be chance. Nothing has to be done.",
            "%(n)s columns are beyond their limits, and that may be chance. Nothing has to be done.",
            result.flagged,
        )
        return Said("ok", "circle-check", title, text % {"n": number(result.flagged, 0)})
    return Said(
        "ok", "circle-check", title, _("The current data look like the reference. Nothing has to be done.")
    )


def _what_to_do(result: DriftResult, key: KeyColumns) -> str:
    names = words.names([column.name for column in key.drifted], result.drifted)
    found = [_("Look first at %(columns)s.") % {"columns": names}]
    bad = next((finding for finding in result.findings if finding.state == "bad"), None)
    if bad is not None:
        found.append(_("A likely cause: %(finding)s.") % {"finding": translate(bad.title)})
    found.append(
        _("Correct the data at their source, or, if they are right, make them the reference and train anew.")
    )
    return " ".join(found)


def summary(report: models.DriftReport, result: DriftResult, key: KeyColumns) -> list[Figures]:
    """The four numbers at the top."""
    return [_columns(report, result), _watched(key), _quality(result), _rows(report, result)]


def _columns(report: models.DriftReport, result: DriftResult) -> Figures:
    said = _("of %(all)s, limit %(limit)s") % {
        "all": number(result.compared, 0),
        "limit": number(words.drift_limit(result), 0),
    }
    flagged = ngettext("Evidently flags %(n)s", "Evidently flags %(n)s", result.flagged)
    sub = flagged % {"n": number(result.flagged, 0)}
    left_out = len(result.only_reference) + len(result.only_current)
    if left_out:
        one_side = ngettext("%(n)s on one side only", "%(n)s on one side only", left_out)
        sub = f"{sub}, {one_side % {'n': number(left_out, 0)}}"
    return Figures(_("Columns drifted"), number(result.drifted, 0), said, sub)


def _watched(key: KeyColumns) -> Figures:
    column = key.watched
    if column is None:
        return Figures(_("Strongest column"), NO_VALUE, "", _("Nothing could be compared."))
    labels = {"prediction": _("Prediction distribution"), "target": _("Target distribution")}
    label = labels.get(column.role, _("Strongest column"))
    verdict = str(words.VERDICTS[column.verdict][1])
    sub = f"{column.name}: {verdict}"
    if column.low is not None and column.high is not None:
        sub = f"{sub}, {words.ends(column.low, column.high)}"
    return Figures(
        label, words.distance(column), _("limit %(limit)s") % {"limit": words.limit(column.limit)}, sub
    )


def _quality(result: DriftResult) -> Figures:
    states = [finding.state for finding in result.findings]
    passed, failed, warned = (states.count(state) for state in ("ok", "bad", "warn"))
    small = ngettext("of %(n)s check passed", "of %(n)s checks passed", len(states)) % {"n": len(states)}
    parts = []
    if failed:
        parts.append(ngettext("%(n)s failed", "%(n)s failed", failed) % {"n": failed})
    if warned:
        parts.append(ngettext("%(n)s warning", "%(n)s warnings", warned) % {"n": warned})
    return Figures(_("Data quality"), str(passed), small, ", ".join(parts) or _("Nothing to complain about"))


def _rows(report: models.DriftReport, result: DriftResult) -> Figures:
    against = _("against %(n)s") % {"n": number(result.reference_rows, 0)}
    if reference := words.period(result.reference_period):
        against = _("%(against)s of %(period)s") % {"against": against, "period": reference}
    period = words.period(result.period)
    small = ngettext("row", "rows", result.current_rows)
    return Figures(
        _("Compared"), number(result.current_rows, 0), small, f"{period}, {against}" if period else against
    )


def quality_count(result: DriftResult) -> str:
    n = len(result.findings)
    return ngettext("%(n)s check", "%(n)s checks", n) % {"n": n}


# Over time


def over_time(
    report: models.DriftReport, result: DriftResult, key: KeyColumns, *, inside: bool = True
) -> Figure | None:
    """Windows inside the current data where they carry time (and ``inside`` is wanted), else the reports of
    the series; None below two points.
    """
    since = day_of(result.since)
    begun = since.date() if since else None
    if inside and len(result.windows) > 1:
        moments = [Moment(window.start, window.drifted, window.strongest) for window in result.windows]
        return _time_line(moments, _STRONGEST, _ONE, Message(_WINDOWS), result, begun)
    reports = {point.observed_to: point for point in time_line_of(report)}
    if len(reports) < 2:
        return None
    values = _watched_values(list(reports.values()), key.prediction)
    watched = _STRONGEST
    limit = _ONE
    if key.prediction is not None and values:
        watched = Message(_OF_COLUMN, {"column": key.prediction.name})
        limit = _watched_limit(key.prediction)
    moments = [
        Moment(
            point.observed_to.isoformat() if point.observed_to else "",
            point.drifted or 0,
            values.get(point.pk) if values else point.strongest,
        )
        for point in reports.values()
    ]
    return _time_line(moments, watched, limit, Message(_REPORTS), result, None)


def _time_line(
    moments: Sequence[Moment],
    watched: Message,
    limit: Quantity,
    source: Message,
    result: DriftResult,
    since: date | None,
) -> Figure:
    return time_line(
        TimeLine(
            moments=moments,
            watched=watched,
            limit=limit,
            most=words.drift_limit(result),
            columns=result.compared,
            source=source,
            since=since,
        )
    )


def _is_p_value(column: ColumnDrift) -> bool:
    test = TESTS.get(column.method)
    return test is not None and test.is_p_value


def _watched_limit(column: ColumnDrift) -> Quantity:
    return _ONE if _is_p_value(column) or column.limit is None else Quantity(column.limit, "level")


def _watched_values(
    reports: Sequence[models.DriftReport], column: ColumnDrift | None
) -> dict[int, float | None]:
    """The distance of ``column`` in each report (of p-values the strength, which grows with drift)."""
    if column is None:
        return {}
    field = "strength" if _is_p_value(column) else "value"
    found = models.ColumnDrift.objects.filter(
        report__in=[report.pk for report in reports],
        place__lt=LEADING,
        name=column.name,
        method=column.method,
    )
    return dict(found.values_list("report_id", field))


#: The strength at the limit.
_ONE = Quantity(1.0, "count")
_STRONGEST = Message(gettext_noop("distance of the strongest column, divided by its limit"))
_OF_COLUMN = gettext_noop("distance of %(column)s from the reference")
_WINDOWS = gettext_noop("By window of the current data.")
_REPORTS = gettext_noop("By report against the same reference.")
