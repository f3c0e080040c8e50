"""How the champions of a monitor aged: the watched metric of each against the days since it went live."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import fmean

from django.db.models import F
from django.utils import timezone

from apps.compute.figures.aging import AgedSeries
from apps.compute.messages import Message
from apps.compute.metrics.registry import METRICS
from apps.compute.monitoring.aging import AgedPoint, aging
from apps.monitoring.judging.facts import ENOUGH_LABELS, MOST_WINDOWS
from apps.monitoring.models import LiveMetric, Monitor, WatchedModel

DAY = timedelta(days=1)


def aged_series(monitor: Monitor) -> AgedSeries | None:
    """Of the newest windows with labels, oldest version first. Two queries.

    None: the watched metric says nothing of better and worse, or no window has labels yet.
    """
    metric = METRICS.get(monitor.watch_metric)
    if metric is None or metric.higher_is_better is None:
        return None
    points = aged_points(monitor)
    if not points:
        return None
    bounded = metric.low is not None and metric.high is not None
    # A relative worsening is one of the values that there were.
    scale = 1.0 if bounded else abs(fmean(point.value for point in points))
    smallest = monitor.smallest_drop * scale
    return AgedSeries(
        points=points,
        found=aging(points, higher_is_better=metric.higher_is_better, smallest_drop=smallest),
        metric=Message(metric.label),
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        smallest_drop=smallest,
    )


def aged_points(monitor: Monitor) -> list[AgedPoint]:
    """Windows with enough labels and a value, in the order of time."""
    names = _names(monitor)
    true = LiveMetric.objects.filter(
        monitor=monitor,
        watched__in=names,
        metric=monitor.watch_metric,
        slice_column="",
        estimated=False,
        batch__replaced_at=None,
        batch__labelled__gte=F("batch__rows") * ENOUGH_LABELS,
        start__gte=F("watched__since"),
    )
    newest = true.order_by("-start").values_list("watched", "start", "watched__since", "value", "low", "high")
    points = [
        AgedPoint(names[watched], (start - since) / DAY, value, low, high)
        for watched, start, since, value, low, high in newest[:MOST_WINDOWS]
        if value is not None and low is not None and high is not None
    ]
    return points[::-1]


def _names(monitor: Monitor) -> dict[int, str]:
    """Of each time that a version was the champion; one that came back is told apart by the day."""
    champions = WatchedModel.objects.filter(monitor=monitor, part=WatchedModel.Part.CHAMPION)
    found = list(champions.select_related("version__model").order_by("since"))
    times = Counter(str(watched.version) for watched in found)
    return {
        watched.pk: str(watched.version)
        if times[str(watched.version)] == 1
        else f"{watched.version} ({timezone.localdate(watched.since).isoformat()})"
        for watched in found
    }
