"""The panels of the time line of a monitor: traces, axis, marks and title of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from apps.compute.figures.monitor_series import LivePoint, LiveSeries
from apps.compute.figures.theme import MAX_MARKERS, hover, label, line, rounded, text, whole_ticks
from apps.compute.messages import Message, Quantity, gettext_noop

#: More points than this have a band instead of error bars, and no markers.
MOST_BARS = 60
ESTIMATE = gettext_noop("estimate, no labels yet")


@dataclass(frozen=True, slots=True)
class Panel:
    """``weight`` is its share of the height. Shapes span the panel; notes stand at its edge."""

    title: Message
    weight: float
    traces: Sequence[dict[str, Any]]
    axis: dict[str, Any]
    shapes: Sequence[dict[str, Any]] = ()
    notes: Sequence[dict[str, Any]] = ()


def panels_of(series: LiveSeries) -> list[Panel]:
    """From top to bottom. A panel of which nothing is known has no traces."""
    return [
        _metric(series), _alerts(series), _drift(series), _quality(series), _rows(series), _coverage(series),
        _latency(series),
    ]  # fmt: skip


def _metric(series: LiveSeries) -> Panel:
    points = series.points
    guessed = [_only_estimate(point) for point in points]
    traces = [
        *_with_interval(series.metric, points, series.unit, "--c1"),
        *_with_interval(Message(ESTIMATE), guessed, series.unit, "--c2", is_estimate=True),
    ]
    return Panel(
        title=series.metric,
        weight=3.2,
        traces=traces,
        axis={"nticks": 5, "tickformat": ".0%" if series.unit == "share" else "", **_metric_range(series)},
        shapes=_target(series),
        notes=_target_note(series),
    )


def _only_estimate(point: LivePoint) -> LivePoint:
    """Nothing where labels say the truth."""
    if point.value is not None or point.estimate is None:
        return LivePoint(point.at)
    return LivePoint(point.at, point.estimate, point.estimate_low, point.estimate_high)


def _with_interval(
    name: Message, points: Sequence[LivePoint], unit: str, colour: str, *, is_estimate: bool = False
) -> Iterator[dict[str, Any]]:
    known = [point for point in points if point.value is not None]
    if not known:
        return
    at, values = [point.at for point in points], rounded([point.value for point in points])
    few = len(points) <= MOST_BARS
    if not few:
        yield _band(points, colour)
    bars = {"error_y": _error_bars(points, colour)} if few else {}
    digits = ".1%" if unit == "share" else ".3~f" if unit == "score" else ".4~g"
    trace = line(
        name,
        at,
        values,
        colour=colour,
        dash="dash" if is_estimate else "solid",
        hovertemplate=hover("%(y)s%(end)s", y=f"%{{y:{digits}}}"),
        **bars,
    )
    alone = few or is_estimate or _has_lonely(points)
    marker = {"size": 6, "color": f"var({colour})"}
    if is_estimate:
        marker = {"size": 6, "color": "var(--surface)", "line": {"color": f"var({colour})", "width": 1.6}}
    yield {
        **trace,
        "mode": "lines+markers" if alone and len(known) <= MAX_MARKERS else "lines",
        "marker": marker,
    }


def _has_lonely(points: Sequence[LivePoint]) -> bool:
    """A value between two gaps is no line: it needs a marker to be seen."""
    given = [False, *(point.value is not None for point in points), False]
    return any(
        is_given and not (before or after)
        for before, is_given, after in zip(given, given[1:], given[2:], strict=False)
    )


def _error_bars(points: Sequence[LivePoint], colour: str) -> dict[str, Any]:
    def reach(end: float | None, value: float | None) -> float:
        return 0.0 if end is None or value is None else abs(end - value)

    return {
        "type": "data", "symmetric": False, "width": 0, "thickness": 1.2, "color": f"var({colour})",
        "array": rounded([reach(point.high, point.value) for point in points]),
        "arrayminus": rounded([reach(point.low, point.value) for point in points]),
    }  # fmt: skip


def _band(points: Sequence[LivePoint], colour: str) -> dict[str, Any]:
    """One closed polygon for each stretch without a gap."""
    x: list[str | None] = []
    y: list[float | None] = []
    for is_known, run in groupby(points, key=lambda p: p.low is not None and p.high is not None):
        stretch = list(run)
        if not is_known:
            continue
        x += [*(p.at for p in stretch), *(p.at for p in reversed(stretch)), None]
        y += [*rounded([p.low for p in stretch]), *rounded([p.high for p in reversed(stretch)]), None]
    return {
        "type": "scatter", "mode": "lines", "x": x[:-1], "y": y[:-1], "fill": "toself", "line": {"width": 0},
        "fillcolor": f"var({colour}-soft)", "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _metric_range(series: LiveSeries) -> dict[str, Any]:
    """Room for the intervals and the limit; a share needs no room beyond 0 and 1."""
    ends = [
        end
        for p in series.points
        for end in (p.low, p.value, p.high, p.estimate_low, p.estimate, p.estimate_high)
        if end is not None
    ]
    if series.limit is not None and series.limit.value is not None:
        ends.append(series.limit.value)
    if not ends:
        return {}
    low, high = min(ends), max(ends)
    room = 0.08 * (high - low) or 0.05 * (abs(high) or 1.0)
    low, high = low - room, high + 1.6 * room
    if series.unit in ("share", "score") and min(ends) >= 0 and max(ends) <= 1:
        low, high = max(low, -0.01), min(high, 1.04)
    return {"range": rounded([low, high])}


def _target(series: LiveSeries) -> list[dict[str, Any]]:
    if series.limit is None:
        return []
    value = series.limit.value
    return [
        {
            "type": "line", "y0": value, "y1": value,
            "line": {"color": "var(--bad-fill)", "width": 1.25, "dash": "dash"},
        }
    ]  # fmt: skip


def _target_note(series: LiveSeries) -> list[dict[str, Any]]:
    if series.limit is None:
        return []
    words = gettext_noop("at least %(limit)s") if series.at_least else gettext_noop("at most %(limit)s")
    return [
        {
            "x": 1, "xanchor": "right", "y": series.limit.value, "yanchor": "bottom",
            "text": label(words, limit=series.limit), "font": {"color": "var(--bad-fg)", "size": 11},
        }
    ]  # fmt: skip


def _alerts(series: LiveSeries) -> Panel:
    looks = {"bad": ("octagon", "--bad-fill"), "warn": ("triangle-up", "--warn-fill")}
    names = {"bad": gettext_noop("Alerts: failure"), "warn": gettext_noop("Alerts: warning")}
    traces = []
    for severity, (symbol, colour) in looks.items():
        found = [mark for mark in series.alerts if mark.severity == severity]
        if found:
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "name": Message(names[severity]),
                    "showlegend": False, "x": [mark.at for mark in found], "y": [0] * len(found),
                    "marker": {"symbol": symbol, "size": 9, "color": f"var({colour})"},
                    "text": [_escaped(mark.title) for mark in found],
                    "hovertemplate": hover("%(words)s%(end)s", words="%{text}"),
                }
            )  # fmt: skip
    axis = {"range": [-1, 1], "showgrid": False, "showticklabels": False}
    return Panel(Message(gettext_noop("Alerts")), 0.35, traces, axis)


def _escaped(message: Message) -> Message:
    return label(message.text, **message.params)


def _drift(series: LiveSeries) -> Panel:
    points = series.points
    traces = []
    if any(point.drifted is not None for point in points):
        traces.append(
            _bars(
                gettext_noop("Columns drifted"),
                points,
                [point.drifted for point in points],
                "--c0",
                customdata=[
                    f"{point.strongest:.2g}" if point.strongest is not None else "" for point in points
                ],
                hovertemplate=hover(
                    gettext_noop("%(y)s columns drifted, strongest %(s)s%(end)s"), y="%{y}", s="%{customdata}"
                ),
            )
        )
    most = max((point.drifted or 0 for point in points), default=0)
    return Panel(Message(gettext_noop("Drift: columns beyond their limit")), 1.3, traces, _counts(most))


def _quality(series: LiveSeries) -> Panel:
    points = series.points
    traces = []
    if any(point.broken is not None for point in points):
        name, hatch = gettext_noop("Faults"), gettext_noop("Warnings")
        traces = [
            _bars(name, points, [point.broken for point in points], "--bad-fill",
                  hovertemplate=hover(gettext_noop("%(y)s faults%(end)s"), y="%{y}")),
            _bars(hatch, points, [point.warned for point in points], "--warn-fill", hatch=True,
                  hovertemplate=hover(gettext_noop("%(y)s warnings%(end)s"), y="%{y}")),
        ]  # fmt: skip
    most = max(((p.broken or 0) + (p.warned or 0) for p in points), default=0)
    title = Message(gettext_noop("Data quality: faults, and hatched warnings"))
    return Panel(title, 1.1, traces, _counts(most))


def _bars(
    name: str,
    points: Sequence[LivePoint],
    values: Sequence[int | None],
    colour: str,
    *,
    hatch: bool = False,
    **more: Any,
) -> dict[str, Any]:
    marker: dict[str, Any] = {"color": f"var({colour})"}
    if hatch:
        marker["pattern"] = {
            "shape": "/", "size": 5, "solidity": 0.25, "fgcolor": "var(--surface)", "fillmode": "overlay",
        }  # fmt: skip
    return {
        "type": "bar", "name": Message(name), "x": [point.at for point in points], "y": list(values),
        "marker": marker, "showlegend": False, **more,
    }  # fmt: skip


def _counts(most: int) -> dict[str, Any]:
    top = max(1, most) * 1.3
    return {"range": [0, round(top, 2)], "dtick": whole_ticks(top) * (2 if top > 4 else 1)}


def _rows(series: LiveSeries) -> Panel:
    points = series.points
    traces = []
    if any(point.rows is not None for point in points):
        at, values = [point.at for point in points], rounded([point.rows for point in points])
        trace = line(
            Message(gettext_noop("Rows")), at, values, showlegend=False,
            line={"color": "var(--c1)", "width": 1.75},
            hovertemplate=hover(gettext_noop("%(y)s rows%(end)s"), y="%{y:,}"),
        )  # fmt: skip
        traces.append(
            {**trace, "mode": "lines+markers" if len(points) <= MOST_BARS else "lines", "marker": {"size": 4}}
        )
    shapes, title = [], Message(gettext_noop("Rows"))
    if series.usual is not None:
        low, high = series.usual
        shapes = [
            {
                "type": "rect",
                "layer": "below",
                "y0": low,
                "y1": high,
                "line": {"width": 0},
                "fillcolor": "var(--c0-soft)",
            }
        ]
        title = text(
            gettext_noop("Rows; shaded: usual, %(low)s to %(high)s"),
            low=Quantity(low, "count"),
            high=Quantity(high, "count"),
        )
    return Panel(title, 1.3, traces, {"rangemode": "tozero", "nticks": 4, "tickformat": ",~s"}, shapes)


def _coverage(series: LiveSeries) -> Panel:
    points = series.points
    traces = []
    if any(point.coverage is not None for point in points):
        at, values = [point.at for point in points], rounded([point.coverage for point in points])
        traces.append(
            line(
                Message(gettext_noop("Rows with labels")), at, values, showlegend=False, fill="tozeroy",
                fillcolor="var(--c1-soft)", line={"color": "var(--c1)", "width": 1.5, "shape": "hv"},
                hovertemplate=hover(gettext_noop("%(y)s of the rows have labels%(end)s"), y="%{y:.0%}"),
            )
        )  # fmt: skip
    axis = {"range": [0, 1.08], "dtick": 0.5, "tickformat": ".0%"}
    return Panel(Message(gettext_noop("Rows with labels")), 1.0, traces, axis)


def _latency(series: LiveSeries) -> Panel:
    points = series.points
    traces = []
    if any(point.latency is not None for point in points):
        at, values = [point.at for point in points], rounded([point.latency for point in points])
        traces.append(
            line(
                Message(gettext_noop("Latency")), at, values, showlegend=False,
                line={"color": "var(--c1)", "width": 1.75},
                hovertemplate=hover("%(y)s ms%(end)s", y="%{y:,.3~g}"),
            )
        )  # fmt: skip
    title = Message(gettext_noop("Latency, 95th percentile, ms"))  # xgettext:no-python-format
    return Panel(title, 1.1, traces, {"rangemode": "tozero", "nticks": 4})
