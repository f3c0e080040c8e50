"""Reports and columns in rows: how they are found, filtered and put in order, in the database."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.compute.drift.result import Verdict
from apps.drift.models import ColumnDrift, DriftReport
from apps.jobs.models import UNFINISHED, State
from apps.projects.models import Project

PAGE_SIZE = 50
#: A time line shows at most this many reports, the newest.
MOST_MOMENTS = 120
RESULTS = {
    "drift": _("Drift"),
    "none": _("No drift"),
    "failed": _("Failed"),
    "waiting": _("Not finished"),
}
_RESULTS = {
    "drift": Q(drifted__gt=0),
    "none": Q(drifted=0),
    "failed": Q(job__state__in=[State.FAILED, State.CANCELLED]),
    "waiting": Q(job__state__in=UNFINISHED),
}
REPORT_ORDERS = {
    "number": "number",
    "drifted": "drifted",
    "strongest": "strongest",
    "observed": "observed_to",
}
COLUMN_ORDERS = {"strength": "strength", "name": "name", "since": "since"}
_HEAVY = (
    "result",
    "spec",
    *(f"{side}_file__{field}" for side in ("current", "reference") for field in ("profile", "roles")),
    "job__progress_message",
    "job__error",
)


def listed_reports(project: Project) -> QuerySet[DriftReport]:
    """Without what only a report's own page shows."""
    sides = [f"{side}_{what}" for side in ("current", "reference") for what in ("file", "version__dataset")]
    return (
        DriftReport.objects.filter(project=project).select_related("job", "created_by", *sides).defer(*_HEAVY)
    )


def filtered_reports(reports: QuerySet[DriftReport], chosen: Mapping[str, str]) -> QuerySet[DriftReport]:
    if words := chosen.get("q"):
        fits = Q(name__icontains=words)
        for side in ("current", "reference"):
            fits |= Q(**{f"{side}_file__name__icontains": words})
            fits |= Q(**{f"{side}_version__dataset__name__icontains": words})
        if words.isdecimal() and len(words) < 10:
            fits |= Q(number=int(words))
        reports = reports.filter(fits)
    return reports.filter(_RESULTS[chosen["result"]]) if "result" in chosen else reports


def ordered_reports(reports: QuerySet[DriftReport], order: str) -> QuerySet[DriftReport]:
    """By a key of `REPORT_ORDERS`, with "-" before it from the top down."""
    column = F(REPORT_ORDERS[order.removeprefix("-")])
    first = column.desc(nulls_last=True) if order.startswith("-") else column.asc(nulls_last=True)
    return reports.order_by(first, "-number")


def time_line_of(report: DriftReport) -> list[DriftReport]:
    """Finished reports against the same reference, the oldest first: at most `MOST_MOMENTS` up to this."""
    series = DriftReport.objects.filter(project=report.project_id, series=report.series)
    found = (
        series.filter(result__isnull=False, observed_to__lte=report.observed_to)
        .only("number", "observed_to", "drifted", "compared", "strongest", "project")
        .order_by("-observed_to", "-number")[:MOST_MOMENTS]
    )
    return list(found)[::-1]


def counts_by_verdict(report: DriftReport) -> dict[str, int]:
    """How many columns have each verdict, the worst first; those that none has are left out."""
    found = report.columns.order_by().values("verdict").annotate(n=Count("pk"))
    counts = {row["verdict"]: row["n"] for row in found}
    return {verdict.value: counts[verdict.value] for verdict in Verdict if counts.get(verdict.value)}


def filtered_columns(report: DriftReport, words: str, verdict: str, order: str) -> QuerySet[ColumnDrift]:
    """In the order of the report, or by a key of `COLUMN_ORDERS` (with "-": from the top down)."""
    columns = report.columns.all()
    if words:
        columns = columns.filter(name__icontains=words)
    if verdict:
        columns = columns.filter(verdict=verdict)
    key = order.removeprefix("-")
    if key not in COLUMN_ORDERS:
        return columns.order_by("place")
    column = F(COLUMN_ORDERS[key])
    first = column.desc(nulls_last=True) if order.startswith("-") else column.asc(nulls_last=True)
    return columns.order_by(first, "place")
