"""From batches and their metrics to the time line, grouped by PostgreSQL where there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, DateTimeField, F, Func, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable

from apps.compute.figures.monitor_series import LivePoint, LiveSeries, Mark, Release
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.monitoring.volume import usual_rows
from apps.monitoring.judging.standing import LiveVerdict, Standing
from apps.monitoring.models import Alert, Batch, LiveMetric, Monitor, WatchedModel
from apps.requirements.measures import metric_of
from apps.requirements.wording import unit_of

#: More windows than this are drawn in groups: the page stays light.
MOST_POINTS = 250
MOST_MARKS = 200
#: Windows that say how many rows are usual.
USUAL_WINDOWS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """``windows`` newest ones (None: all), or those from ``first`` to ``last``: days in the system's zone."""

    metric: str
    windows: int | None = 100
    first: date | None = None
    last: date | None = None
    slice_column: str = ""
    slice_value: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """From the start of the first window to that of the last. ``step``: width of a group, None without."""

    first: datetime
    last: datetime
    step: timedelta | None

    @property
    def point(self) -> Combinable:
        if self.step is None:
            return F("start")
        return Func(
            Value(self.step), F("start"), Value(self.first), function="date_bin", output_field=DateTimeField()
        )


def series_of(
    monitor: Monitor, models: Sequence[WatchedModel], asked: Asked, standing: Standing | None
) -> LiveSeries | None:
    """None where no window is shown. ``models`` are all that the monitor has watched."""
    batches = _chosen(monitor, asked)
    grid = _grid(batches)
    if grid is None:
        return None
    found = _batches(batches, grid)
    metrics = _metrics(monitor, models, asked, grid)
    limit, at_least = limit_of(asked, standing)
    return LiveSeries(
        points=[_point(row, metrics.get(row["point"], {})) for row in found],
        metric=metric_words(asked),
        unit=unit_of(asked.metric),
        each=max(row["windows"] for row in found),
        limit=limit,
        at_least=at_least,
        usual=_usual(monitor),
        releases=_releases(models, grid),
        alerts=_alerts(monitor, grid),
    )


def metric_words(asked: Asked) -> Message:
    """ "Accuracy", "Accuracy where period is night"."""
    metric = metric_of(asked.metric)
    name = Message(metric.label) if metric else Message("%(key)s", {"key": asked.metric})
    if not asked.slice_column:
        return name
    return Message(
        gettext_noop("%(metric)s where %(column)s is %(value)s"),
        {"metric": name, "column": asked.slice_column, "value": asked.slice_value},
    )


def limit_of(asked: Asked, standing: Standing | None) -> tuple[Quantity | None, bool]:
    """That of the requirement on this metric and segment, and whether at least it is wanted."""
    verdicts: Sequence[LiveVerdict] = standing.verdicts if standing else ()
    for verdict in verdicts:
        if verdict.metric == asked.metric and verdict.slice_value == asked.slice_value:
            return Quantity(verdict.limit, unit_of(asked.metric)), verdict.at_least
    return None, True


def _chosen(monitor: Monitor, asked: Asked) -> QuerySet[Batch]:
    batches = Batch.objects.current().filter(monitor=monitor)
    zone = ZoneInfo(monitor.zone)
    if asked.first is not None:
        batches = batches.filter(start__gte=datetime.combine(asked.first, time.min, zone))
    if asked.last is not None:
        batches = batches.filter(start__lt=datetime.combine(asked.last + timedelta(days=1), time.min, zone))
    if asked.first is not None or asked.last is not None or asked.windows is None:
        return batches
    starts = batches.order_by("-start").values_list("start", flat=True)
    oldest = starts[asked.windows - 1 : asked.windows].first()
    return batches if oldest is None else batches.filter(start__gte=oldest)


def _grid(batches: QuerySet[Batch]) -> Grid | None:
    ends = batches.aggregate(n=Count("pk"), first=Min("start"), last=Max("start"))
    if not ends["n"]:
        return None
    step = None
    if ends["n"] > MOST_POINTS:
        seconds = (ends["last"] - ends["first"]).total_seconds()
        step = timedelta(seconds=int(seconds / MOST_POINTS) + 1)
    return Grid(ends["first"], ends["last"], step)


def _batches(batches: QuerySet[Batch], grid: Grid) -> Sequence[Mapping[str, Any]]:
    return list(
        batches.annotate(point=grid.point)
        .values("point")
        .annotate(
            windows=Count("pk"),
            mean_rows=Avg("rows"),
            most_drifted=Max("drifted"),
            most_strength=Max("strongest"),
            most_broken=Max("broken"),
            most_warned=Max("warned"),
            most_latency=Max("latency_p95"),
            known=Sum("labelled"),
            total=Sum("rows"),
        )
        .order_by("point")
    )


def _metrics(
    monitor: Monitor, models: Sequence[WatchedModel], asked: Asked, grid: Grid
) -> Mapping[datetime, Mapping[str, Any]]:
    """Of the model that was the champion then: truth and estimate of each point."""
    champions = [model.pk for model in models if model.part == WatchedModel.Part.CHAMPION]
    truth, guess = Q(estimated=False), Q(estimated=True)
    rows = (
        LiveMetric.objects.filter(
            monitor=monitor,
            metric=asked.metric,
            watched__in=champions,
            slice_column=asked.slice_column,
            slice_value=asked.slice_value,
            start__gte=grid.first,
            start__lte=grid.last,
            batch__replaced_at=None,
        )
        .filter(Q(watched__until=None) | Q(start__lt=F("watched__until")), start__gte=F("watched__since"))
        .annotate(point=grid.point)
        .values("point")
        .annotate(
            mean=Avg("value", filter=truth),
            least=Min("low", filter=truth),
            most=Max("high", filter=truth),
            guess=Avg("value", filter=guess),
            guess_least=Min("low", filter=guess),
            guess_most=Max("high", filter=guess),
        )
        .order_by()
    )
    return {row["point"]: row for row in rows}


def _point(row: Mapping[str, Any], metric: Mapping[str, Any]) -> LivePoint:
    return LivePoint(
        at=_iso(row["point"]),
        value=metric.get("mean"),
        low=metric.get("least"),
        high=metric.get("most"),
        estimate=metric.get("guess"),
        estimate_low=metric.get("guess_least"),
        estimate_high=metric.get("guess_most"),
        drifted=row["most_drifted"],
        strongest=row["most_strength"],
        broken=row["most_broken"],
        warned=row["most_warned"],
        rows=None if row["mean_rows"] is None else float(row["mean_rows"]),
        coverage=row["known"] / row["total"] if row["total"] else None,
        latency=row["most_latency"],
    )


def _iso(moment: datetime) -> str:
    """To the minute, in UTC: an offset in each of some thousand times would only be weight."""
    return moment.strftime("%Y-%m-%d" if moment.time() == time.min else "%Y-%m-%dT%H:%M")


def _usual(monitor: Monitor) -> tuple[int, int] | None:
    counts = (
        Batch.objects.current()
        .filter(monitor=monitor, rows__isnull=False)
        .order_by("-start")
        .values_list("rows", flat=True)[1 : USUAL_WINDOWS + 1]
    )
    usual = usual_rows([rows for rows in counts if rows is not None][::-1])
    return (usual.low, usual.high) if usual else None


def _releases(models: Sequence[WatchedModel], grid: Grid) -> list[Release]:
    """Champions that began within the time shown; the first of all is no change."""
    champions = [model for model in models if model.part == WatchedModel.Part.CHAMPION]
    champions.sort(key=lambda model: model.since)
    return [
        Release(_iso(model.since), str(model.version.label))
        for model in champions[1:]
        if grid.first <= model.since <= grid.last
    ]


def _alerts(monitor: Monitor, grid: Grid) -> list[Mark]:
    found = (
        Alert.objects.filter(monitor=monitor, first_at__gte=grid.first, first_at__lte=grid.last)
        .order_by("-first_at")
        .values_list("first_at", "severity", "title")[:MOST_MARKS]
    )
    return [Mark(_iso(at), severity, Message.from_json(title)) for at, severity, title in found]
