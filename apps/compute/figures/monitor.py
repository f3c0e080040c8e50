"""How a live system went on: its metric, drift, data quality, rows and labels on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.compute.figures import monitor_panels as panels
from apps.compute.figures.monitor_series import LivePoint, LiveSeries
from apps.compute.figures.theme import Figure, Heading, label, rounded, text
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

GAP = 0.055
#: Columns of the numbers: name, words and unit; "metric" stands for the unit of the watched metric.
_COLUMNS = (
    ("value", gettext_noop("With labels"), "metric"),
    ("low", gettext_noop("From"), "metric"),
    ("high", gettext_noop("To"), "metric"),
    ("estimate", gettext_noop("Estimate"), "metric"),
    ("drifted", gettext_noop("Columns drifted"), "count"),
    ("strongest", gettext_noop("Strongest drift"), "score"),
    ("broken", gettext_noop("Faults"), "count"),
    ("warned", gettext_noop("Warnings"), "count"),
    ("rows", gettext_noop("Rows"), "count"),
    ("coverage", gettext_noop("Rows with labels"), "share"),
    ("latency", gettext_noop("Latency, 95%"), "ms"),  # xgettext:no-python-format
)


def time_line(series: LiveSeries) -> Figure:
    """Panels without a value are left out; at most `theme.MAX_LINE_POINTS` points are given."""
    at = [point.at for point in series.points]
    shown = [panel for panel in panels.panels_of(series) if panel.traces]
    layout = _stacked(shown)
    return Figure(
        key="monitor_time_line",
        title=_title(series),
        subtitle=_subtitle(series),
        alt=text(
            gettext_noop("Time line of %(n)d points from %(first)s to %(last)s. %(finding)s."),
            n=len(at),
            first=_shown(at[0]),
            last=_shown(at[-1]),
            finding=_title(series),
        ),
        data=[
            {**trace, "yaxis": f"y{place}" if place > 1 else "y"}
            for place, panel in enumerate(shown, 1)
            for trace in panel.traces
        ],
        layout={
            **layout,
            "shapes": [*_shapes(shown), *_releases(series)],
            "annotations": [*_titles(shown, layout), *_notes(shown), *_release_notes(series)],
            "xaxis": {"anchor": _axis(len(shown)), "nticks": 9, **_time_axis(at)},
            "barmode": "stack",
            "bargap": 0.2,
            "hovermode": "x",
            "margin": {"l": 52, "r": 14, "t": 34},
            "legend": {"y": 1.03},
            "meta": {"narrow": {"xaxis": {"nticks": 4}}},
        },
        table=_table(series, at),
        headings=_headings(series),
        height="h-panels",
    )


def _axis(place: int) -> str:
    return f"y{place}" if place > 1 else "y"


def _stacked(shown: Sequence[panels.Panel]) -> dict[str, Any]:
    """Axes of the panels, the first on top; each takes its share of what the gaps leave."""
    free = 1 - GAP * (len(shown) - 1)
    total = sum(panel.weight for panel in shown)
    layout, top = {}, 1.0
    for place, panel in enumerate(shown, 1):
        bottom = top - free * panel.weight / total
        domain = [round(max(0.0, bottom), 4), round(top, 4)]
        layout[f"yaxis{place}" if place > 1 else "yaxis"] = {"domain": domain, **panel.axis}
        top = bottom - GAP
    return layout


def _titles(shown: Sequence[panels.Panel], layout: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "x": 0, "xref": "paper", "xanchor": "left", "yref": "paper", "yanchor": "bottom",
            "showarrow": False, "y": layout[f"yaxis{place}" if place > 1 else "yaxis"]["domain"][1],
            "text": panel.title, "font": {"color": "var(--text-2)", "size": 11},
        }
        for place, panel in enumerate(shown, 1)
        if place > 1
    ]  # fmt: skip


def _shapes(shown: Sequence[panels.Panel]) -> list[dict[str, Any]]:
    return [
        {**shape, "xref": "paper", "x0": 0, "x1": 1, "yref": _axis(place)}
        for place, panel in enumerate(shown, 1)
        for shape in panel.shapes
    ]


def _notes(shown: Sequence[panels.Panel]) -> list[dict[str, Any]]:
    return [
        {**note, "xref": "paper", "yref": _axis(place), "showarrow": False}
        for place, panel in enumerate(shown, 1)
        for note in panel.notes
    ]


def _releases(series: LiveSeries) -> list[dict[str, Any]]:
    return [
        {
            "type": "line", "x0": release.at, "x1": release.at, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": "var(--text-3)", "width": 1, "dash": "dot"},
        }
        for release in series.releases
    ]  # fmt: skip


def _release_notes(series: LiveSeries) -> list[dict[str, Any]]:
    return [
        {
            "x": release.at, "xanchor": "left", "xshift": 4, "y": 1, "yref": "paper", "yanchor": "top",
            "showarrow": False, "text": label("%(version)s", version=release.version[:24]),
            "font": {"color": "var(--text-2)", "size": 11},
        }
        for release in series.releases
    ]  # fmt: skip


def _title(series: LiveSeries) -> Message:
    known = [point for point in series.points if point.value is not None]
    if known:
        return _truth(series, known[-1])
    guessed = [point for point in series.points if point.estimate is not None]
    if guessed:
        last = guessed[-1]
        value = Quantity(last.estimate, series.unit, last.estimate_low, last.estimate_high)
        return text(
            gettext_noop("%(metric)s is estimated at %(value)s: there are no labels yet"),
            metric=series.metric,
            value=value,
        )
    return text(gettext_noop("What each window held: no metric is known yet"))


def _truth(series: LiveSeries, point: LivePoint) -> Message:
    said = {
        "metric": series.metric,
        "value": Quantity(point.value, series.unit, point.low, point.high),
        "limit": series.limit,
    }
    if series.limit is None or series.limit.value is None or point.value is None:
        return text(gettext_noop("%(metric)s is %(value)s in the newest window with labels"), **said)
    if (point.value >= series.limit.value) == series.at_least or point.value == series.limit.value:
        return text(
            gettext_noop("%(metric)s keeps its limit %(limit)s: %(value)s in the newest window with labels"),
            **said,
        )
    return text(
        gettext_noop("%(metric)s misses its limit %(limit)s: %(value)s in the newest window with labels"),
        **said,
    )  # fmt: skip


def _subtitle(series: LiveSeries) -> Message:
    if series.each > 1:
        return text(
            gettext_noop(
                "Each point stands for up to %(n)d windows: the mean of the metric, the ends of its 95%% "
                "intervals, the most drift and faults. Dotted: a new model. Hollow and dashed: an estimate."
            ),
            n=series.each,
        )
    return text(
        # xgettext:no-python-format
        gettext_noop(
            "One point a window, with its interval. Dotted: a new model. Hollow and dashed: an estimate "
            "without labels, replaced when they come."
        )
    )


def _table(series: LiveSeries, at: Sequence[str]) -> Table:
    columns: dict[str, Sequence[Any]] = {"at": [_shown(each) for each in at]}
    for name, _words, _unit in _COLUMNS:
        values = [getattr(point, name) for point in series.points]
        if any(value is not None for value in values):
            columns[name] = rounded(values)
    return Table(columns)


def _headings(series: LiveSeries) -> tuple[Heading, ...]:
    given = {name for name, *_rest in _COLUMNS for p in series.points if getattr(p, name) is not None}
    return (
        Heading("at", Message(gettext_noop("From")), "text"),
        *(
            Heading(name, Message(words), series.unit if unit == "metric" else unit)
            for name, words, unit in _COLUMNS
            if name in given
        ),
    )


def _time_axis(at: Sequence[str]) -> dict[str, Any]:
    span = datetime.fromisoformat(at[-1]) - datetime.fromisoformat(at[0])
    if span.days < 3:
        return {"type": "date"}
    return {"type": "date", "tickformat": "%-d %b" if span.days < 300 else "%b %Y"}


def _shown(at: str) -> str:
    """Minutes are enough."""
    return at[:16].replace("T", " ").removesuffix(" 00:00")
