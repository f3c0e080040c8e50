"""The trade-off chart: what runs reach in two objectives, from threshold to threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.compute.figures.theme import Figure, Heading, escape, hover, label, line, rounded, text
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

#: Colour, dash and marker of the runs that are drawn, the newest first.
STYLES = (
    ("--c1", "solid", "circle"),
    ("--c2", "dot", "square"),
    ("--c4", "dashdot", "triangle-up"),
    ("--c0", "dash", "circle-open"),
)
#: Room around targets, working points and options, in parts of what they span.
ROOM = 0.45


@dataclass(frozen=True, slots=True)
class Objective:
    """One axis: a requirement with its metric and limit, in the unit of the metric (shares 0..1)."""

    code: str
    metric: Message
    unit: str
    limit: float
    at_least: bool
    currency: str = ""

    def drawn(self, values: Sequence[float]) -> list[float | None]:
        """Shares are drawn in per cent."""
        return rounded([value * 100 for value in values] if self.unit == "share" else list(values))

    def place(self, value: float) -> float:
        return float(self.drawn([value])[0] or 0.0)

    def quantity(self, value: float | None) -> Quantity:
        return Quantity(value, self.unit, currency=self.currency)

    def target(self) -> Message:
        words = {"code": escape(self.code), "limit": self.quantity(self.limit)}
        if self.at_least:
            return Message(gettext_noop("%(code)s: at least %(limit)s"), words)
        return Message(gettext_noop("%(code)s: at most %(limit)s"), words)

    def title(self) -> Message:
        better = gettext_noop("more is better") if self.at_least else gettext_noop("less is better")
        words = {"metric": self.metric, "better": Message(better)}
        if self.unit == "share":
            return Message(gettext_noop("%(metric)s, %% (%(better)s)"), words)
        return Message(gettext_noop("%(metric)s (%(better)s)"), words)


@dataclass(frozen=True, slots=True)
class Trace:
    """A run in the plane: ``x`` and ``y`` at each threshold, and where it worked."""

    number: int
    threshold: Sequence[float | None]
    x: Sequence[float]
    y: Sequence[float]
    working: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of an option. ``run`` reaches ``y`` there while the objective of the x axis holds, or not."""

    letter: str
    run: int
    x: float
    y: float
    x_holds: bool


def tradeoff(x: Objective, y: Objective, traces: Sequence[Trace], marks: Sequence[Mark]) -> Figure:
    """The chart of the first ``traces`` (as many as `STYLES`), both targets and the ``marks`` of options."""
    drawn = traces[: len(STYLES)]
    best = next((mark for mark in marks if mark.x_holds), None)
    own = [place for trace in drawn if (place := _own(trace)) is not None]
    x_range = _range(x, [*(place[0] for place in own), *(mark.x for mark in marks)])
    y_range = _range(y, [*(place[1] for place in own), *(mark.y for mark in marks)])
    table = Table(
        {
            "run": [t.number for t in drawn for _ in t.x],
            "threshold": [value for t in drawn for value in t.threshold],
            "x": [value for t in drawn for value in t.x],
            "y": [value for t in drawn for value in t.y],
        }
    )
    return Figure(
        key="tradeoff",
        title=_title(x, y, best),
        subtitle=text(
            gettext_noop(
                "Each curve is one run at every threshold; the marker is its own threshold. "
                "Shaded: both targets met."
            )
        ),
        alt=text(
            gettext_noop(
                "Trade-off chart. No run reaches the area where %(first)s and %(second)s both hold."
            ),
            first=y.target(),
            second=x.target(),
        ),
        data=[
            *(part for trace, style in zip(drawn, STYLES, strict=False) for part in _run(x, y, trace, style)),
            *_options(x, y, marks),
        ],
        layout={
            "shapes": _targets(x, y, x_range, y_range),
            "annotations": _words(x, y, x_range, y_range, marks),
            "xaxis": {"title": {"text": x.title()}, "range": x_range},
            "yaxis": {"title": {"text": y.title()}, "range": y_range},
            "margin": {"t": 30},
            "legend": {"traceorder": "normal"},
        },
        table=table,
        headings=(
            Heading("run", Message(gettext_noop("Run")), "count"),
            Heading("threshold", Message(gettext_noop("Threshold")), "level"),
            Heading("x", x.metric, x.unit),
            Heading("y", y.metric, y.unit),
        ),
        height="h-380",
    )


def _title(x: Objective, y: Objective, best: Mark | None) -> Message:
    if best is None:
        return text(
            gettext_noop("%(first)s against %(second)s: no run meets both"), first=y.code, second=x.code
        )
    words: dict[str, Any] = {
        "first": y.code,
        "second": x.code,
        "reached": y.quantity(best.y),
        "limit": y.quantity(y.limit),
    }
    if y.at_least:
        return text(
            gettext_noop(
                "%(first)s against %(second)s: %(reached)s is within reach, at least %(limit)s is wanted"
            ),
            **words,
        )
    return text(
        gettext_noop(
            "%(first)s against %(second)s: %(reached)s is within reach, at most %(limit)s is wanted"
        ),
        **words,
    )


def _range(objective: Objective, values: Sequence[float]) -> list[float]:
    """The part of the axis around the target and these values; the rest of the curves is left out."""
    places = [objective.place(value) for value in (objective.limit, *values)]
    low, high = min(places), max(places)
    room = (high - low) * ROOM or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    if objective.unit == "share":
        low, high = max(low, -0.5), min(high, 101.0)
    return [float(f"{low:.4g}"), float(f"{high:.4g}")]


def _own(trace: Trace) -> tuple[float, float] | None:
    """Where the run worked, or the one point that it has."""
    return trace.working or ((trace.x[0], trace.y[0]) if len(trace.x) == 1 else None)


def _run(x: Objective, y: Objective, trace: Trace, style: tuple[str, str, str]) -> list[Mapping[str, Any]]:
    colour, dash, symbol = style
    name = label(gettext_noop("Run %(number)s"), number=trace.number)
    parts: list[Mapping[str, Any]] = []
    if len(trace.x) > 1:
        parts.append(
            line(
                name,
                x.drawn(trace.x),
                y.drawn(trace.y),
                colour=colour,
                dash=dash,
                legendgroup=str(trace.number),
                customdata=["" if value is None else f"{value:g}" for value in trace.threshold],
                hovertemplate=hover(
                    gettext_noop("Run %(number)s, threshold %(threshold)s: %(x)s, %(y)s%(end)s"),
                    number=str(trace.number),
                    threshold="%{customdata}",
                    x="%{x:.4~g}",
                    y="%{y:.4~g}",
                ),
            )
        )
    own = _own(trace)
    if own is not None:
        parts.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "legendgroup": str(trace.number),
                "showlegend": not parts,
                "x": x.drawn([own[0]]),
                "y": y.drawn([own[1]]),
                "marker": {
                    "color": f"var({colour})",
                    "size": 11,
                    "symbol": symbol,
                    "line": {"color": "var(--surface)", "width": 2},
                },
                "hovertemplate": hover(
                    gettext_noop("Run %(number)s at its own threshold%(end)s"), number=str(trace.number)
                ),
            }
        )
    return parts


def _options(x: Objective, y: Objective, marks: Sequence[Mark]) -> list[Mapping[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": label(gettext_noop("Option %(letter)s"), letter=mark.letter),
            "showlegend": False,
            "x": x.drawn([mark.x]),
            "y": y.drawn([mark.y]),
            "marker": {
                "color": "var(--mix-fill)",
                "size": 10,
                "symbol": "diamond",
                "line": {"color": "var(--surface)", "width": 1.5},
            },
            "hovertemplate": hover(
                gettext_noop("Option %(letter)s, run %(number)s%(end)s"),
                letter=mark.letter,
                number=str(mark.run),
            ),
        }
        for mark in marks
    ]


def _targets(
    x: Objective, y: Objective, x_range: Sequence[float], y_range: Sequence[float]
) -> list[dict[str, Any]]:
    """The area where both hold, and the two limits."""
    at_x, at_y = x.place(x.limit), y.place(y.limit)
    area = {
        "type": "rect",
        "layer": "below",
        "fillcolor": "var(--ok-soft)",
        "line": {"width": 0},
        "x0": at_x if x.at_least else x_range[0],
        "x1": x_range[1] if x.at_least else at_x,
        "y0": at_y if y.at_least else y_range[0],
        "y1": y_range[1] if y.at_least else at_y,
    }
    style = {"color": "var(--text)", "width": 1.25}
    upright = {"type": "line", "line": style, "x0": at_x, "x1": at_x, "y0": y_range[0], "y1": y_range[1]}
    level = {"type": "line", "line": style, "x0": x_range[0], "x1": x_range[1], "y0": at_y, "y1": at_y}
    return [area, upright, level]


def _words(
    x: Objective, y: Objective, x_range: Sequence[float], y_range: Sequence[float], marks: Sequence[Mark]
) -> list[dict[str, Any]]:
    """Names of the limits, of the area and of the options.

    Those of the limits stand where the curves are not: what is gained in one objective is lost in the other,
    so the curves fall where both want more or both want less, and rise where one wants less.
    """
    falling = x.at_least == y.at_least
    at_x, at_y = x.place(x.limit), y.place(y.limit)
    grey = {"color": "var(--text-2)", "size": 11}
    return [
        {
            "text": Message(gettext_noop("Both met:<br>no run yet")),
            "font": {"color": "var(--ok-fg)", "size": 12},
            "showarrow": False,
            "align": "right" if x.at_least else "left",
            "x": x_range[1] if x.at_least else x_range[0],
            "xanchor": "right" if x.at_least else "left",
            "xshift": -6 if x.at_least else 6,
            "y": y_range[1] if y.at_least else y_range[0],
            "yanchor": "top" if y.at_least else "bottom",
        },
        {
            "text": y.target(),
            "font": grey,
            "bgcolor": "var(--surface)",  # on a phone it reaches over the other limit
            "showarrow": False,
            "x": x_range[1] if falling == x.at_least else x_range[0],
            "xanchor": "right" if falling == x.at_least else "left",
            "y": at_y,
            "yanchor": "top" if y.at_least else "bottom",
        },
        {
            "text": x.target(),
            "font": grey,
            "showarrow": False,
            "x": at_x,
            "xanchor": "right" if x.at_least else "left",
            "xshift": -5 if x.at_least else 5,
            "y": y_range[1] if falling == y.at_least else y_range[0],
            "yanchor": "top" if falling == y.at_least else "bottom",
        },
        *(
            {
                "text": mark.letter,
                "font": {"color": "var(--mix-fg)", "size": 12},
                "showarrow": False,
                "x": x.place(mark.x),
                "y": y.place(mark.y),
                "xshift": 12,
                "yshift": 10 if falling else -10,  # beside the curve
            }
            for mark in marks
        ),
    ]
