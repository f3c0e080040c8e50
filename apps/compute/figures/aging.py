"""How much worse a model is than when it was new, by its age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from apps.compute.figures.theme import Figure, Heading, axis, escape, hover, line, rounded, text
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.monitoring.aging import AgedPoint, Aging
from apps.compute.results import Table

#: Of the newest version and those before it; all earlier ones are grey.
STYLES = (("--c1", "solid"), ("--c2", "dot"), ("--c3", "dash"), ("--c4", "dashdot"))
#: More windows of a version are drawn as the means of neighbours.
MOST_POINTS = 120
#: The axis goes on to the suggested interval, unless that is farther than so many times what was seen.
FARTHEST = 2.0
# xgettext:no-python-format
BAND_TEXT = gettext_noop("Fitted loss, 95% interval")
HOVER_TEXT = gettext_noop("%(version)s, day %(x)s: worse by %(y)s%(end)s")


@dataclass(frozen=True, slots=True)
class AgedSeries:
    """``points`` of the oldest version first, each by age. ``unit`` is that of the metric;
    ``smallest_drop`` is in the unit of its values.
    """

    points: Sequence[AgedPoint]
    found: Aging
    metric: Message
    unit: str
    higher_is_better: bool
    smallest_drop: float

    @property
    def loss_unit(self) -> str:
        return "points" if self.unit == "share" else self.unit


@dataclass(frozen=True, slots=True)
class _Mark:
    """One window, or the mean of neighbours; ``loss`` against the version when it was new."""

    age: float
    value: float
    loss: float


def aging(series: AgedSeries) -> Figure:
    lines = _lines(series)
    seen = max(point.age for point in series.points)
    reach = _reach(series, seen)
    rows = [(version, mark) for version, marks in lines.items() for mark in marks]
    return Figure(
        key="aging",
        title=_title(series),
        subtitle=text(
            gettext_noop(
                "%(metric)s: worse than when the version was new, by days since it went live. One line a "
                "version, with the slope that they have in common."
            ),
            metric=series.metric,
        ),
        alt=_alt(series, seen),
        data=[*_fitted(series, reach), *_traces(series, lines)],
        layout={
            "shapes": _shapes(series, reach),
            "annotations": [_limit_note(series)],
            "xaxis": axis(gettext_noop("Days since it went live"), range=[0, reach]),
            "yaxis": axis(
                gettext_noop("Worse than when it was new"),
                tickformat=".1%" if series.unit == "share" else ".3~g",
                zeroline=True,
            ),
            "meta": {"narrow": {"xaxis": {"nticks": 4}}},
        },
        table=Table(
            {
                "version": [version for version, _mark in rows],
                "age": rounded([mark.age for _version, mark in rows]),
                "value": rounded([mark.value for _version, mark in rows]),
                "loss": rounded([mark.loss for _version, mark in rows]),
            }
        ),
        headings=(
            Heading("version", Message(gettext_noop("Version"))),
            Heading("age", Message(gettext_noop("Age, days")), "number"),
            Heading("value", series.metric, series.unit),
            Heading("loss", Message(gettext_noop("Worse by")), series.loss_unit),
        ),
    )


def _lines(series: AgedSeries) -> dict[str, list[_Mark]]:
    """By version, in their order. A version is new where the common slope through its mean says so."""
    sign = -1.0 if series.higher_is_better else 1.0
    slope = series.found.per_day or 0.0
    by_version: dict[str, list[AgedPoint]] = {}
    for point in series.points:
        by_version.setdefault(point.version, []).append(point)
    lines = {}
    for version, points in by_version.items():
        points = sorted(points, key=lambda point: point.age)
        new = fmean(sign * point.value - slope * point.age for point in points)
        marks = [_Mark(point.age, point.value, sign * point.value - new) for point in points]
        lines[version] = _thinned(marks)
    return lines


def _thinned(marks: Sequence[_Mark]) -> list[_Mark]:
    each = -(-len(marks) // MOST_POINTS)
    groups = [marks[start : start + each] for start in range(0, len(marks), each)]
    return [
        _Mark(
            fmean(mark.age for mark in group),
            fmean(mark.value for mark in group),
            fmean(mark.loss for mark in group),
        )
        for group in groups
    ]


def _traces(series: AgedSeries, lines: Mapping[str, Sequence[_Mark]]) -> list[dict[str, Any]]:
    y = "%{y:.2%}" if series.unit == "share" else "%{y:.4~g}"
    places = {"x": "%{x:.0f}", "y": y, "end": "<extra></extra>"}
    traces = []
    for newness, version in zip(range(len(lines) - 1, -1, -1), lines, strict=True):
        colour, dash = STYLES[newness] if newness < len(STYLES) else ("--c0", "dash")
        name, marks = escape(version), lines[version]
        trace = line(
            Message("%(version)s", {"version": name}),
            rounded([mark.age for mark in marks]),
            rounded([mark.loss for mark in marks]),
            colour=colour,
            dash=dash,
            showlegend=newness < len(STYLES),
            hovertemplate=Message(HOVER_TEXT, {"version": name, **places}),
        )
        if len(marks) == 1:  # a line would not be seen
            trace |= {"mode": "markers", "marker": {"color": f"var({colour})", "size": 8}}
        traces.append(trace)
    return traces


def _fitted(series: AgedSeries, reach: float) -> list[dict[str, Any]]:
    """The common slope from nought, with its interval."""
    found = series.found
    if found.per_day is None or found.low is None or found.high is None:
        return []
    ends = [0.0, reach, reach]
    band = {
        "type": "scatter",
        "mode": "lines",
        "name": Message(BAND_TEXT),
        "x": ends,
        "y": rounded([0.0, found.high * reach, found.low * reach]),
        "fill": "toself",
        "fillcolor": "var(--c1-soft)",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    slope = line(
        Message(gettext_noop("Fitted loss")),
        [0.0, reach],
        rounded([0.0, found.per_day * reach]),
        colour="--text",
        hovertemplate=hover(gettext_noop("fitted, day %(x)s%(end)s"), x="%{x:.0f}"),
    ) | {"line": {"color": "var(--text)", "width": 1.5}}
    return [band, slope]


def _reach(series: AgedSeries, seen: float) -> float:
    days = series.found.days
    wanted = max(seen, days * 1.1) if days is not None else seen
    return max(1.0, min(wanted, seen * FARTHEST))


def _shapes(series: AgedSeries, reach: float) -> list[dict[str, Any]]:
    """What matters as a dashed line, and the suggested interval as a band with its estimate."""
    limit = {
        "type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": series.smallest_drop,
        "y1": series.smallest_drop, "line": {"color": "var(--bad-fill)", "width": 1.5, "dash": "dash"},
    }  # fmt: skip
    found = series.found
    if found.days is None or found.days > reach:
        return [limit]
    low = 0.0 if found.days_low is None else found.days_low
    high = reach if found.days_high is None else min(found.days_high, reach)
    upright = {"yref": "y domain", "y0": 0, "y1": 1}
    band = {
        "type": "rect", "x0": low, "x1": high, **upright, "fillcolor": "var(--ok-soft)",
        "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
    middle = {
        "type": "line", "x0": found.days, "x1": found.days, **upright,
        "line": {"color": "var(--ok-fill)", "width": 1.5, "dash": "dot"},
    }  # fmt: skip
    return [band, middle, limit]


def _limit_note(series: AgedSeries) -> dict[str, Any]:
    return {
        "x": 0, "xref": "x domain", "xanchor": "left", "y": series.smallest_drop, "yanchor": "bottom",
        "showarrow": False, "text": Message(gettext_noop("smallest worsening that matters")),
        "font": {"color": "var(--bad-fg)", "size": 11},
    }  # fmt: skip


def _title(series: AgedSeries) -> Message:
    found = series.found
    if found.days is None:
        return text(gettext_noop("No ageing is seen in %(windows)d windows"), windows=found.windows)
    return text(
        gettext_noop("After %(days)s days a version has lost what matters"),
        days=Quantity(found.days, "count"),
    )


def _alt(series: AgedSeries, seen: float) -> Message:
    found = series.found
    counts = {
        "windows": found.windows,
        "versions": found.versions,
        "seen": Quantity(seen, "count"),
    }
    if found.days is None or found.per_day is None:
        return text(
            gettext_noop(
                "Line chart of the loss by age, %(windows)d windows of %(versions)d versions up to %(seen)s "
                "days old. No ageing is seen."
            ),
            **counts,
        )
    return text(
        gettext_noop(
            "Line chart of the loss by age, %(windows)d windows of %(versions)d versions up to %(seen)s days "
            "old. It grows by %(month)s in 30 days and reaches what matters after %(days)s days."
        ),
        **counts,
        month=Quantity(30 * found.per_day, series.loss_unit),
        days=Quantity(found.days, "count"),
    )
