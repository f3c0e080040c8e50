"""How drift went on over time: the distance of what is watched, and how many columns had drifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from apps.compute.figures.theme import Figure, Heading, hover, label, line, rounded, text, whole_ticks
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table


@dataclass(frozen=True, slots=True)
class Moment:
    """A window of time or a report: its day or time in ISO form, how many columns had drifted, and the
    ``value`` of what is watched.
    """

    at: str
    drifted: int
    value: float | None


@dataclass(frozen=True, slots=True)
class TimeLine:
    """``watched`` says in words what the values are. ``limit`` is that of the values, ``most`` that of the
    drifted columns among ``columns``. ``source`` says what a point is. ``since``: when drift began.
    """

    moments: Sequence[Moment]
    watched: Message
    limit: Quantity
    most: int
    columns: int
    source: Message
    since: date | None = None


_DISTANCE = gettext_noop("Distance")


def time_line(series: TimeLine) -> Figure:
    at = [moment.at for moment in series.moments]
    values = rounded([moment.value for moment in series.moments])
    counts = [moment.drifted for moment in series.moments]
    last = series.moments[-1]
    said = {
        "watched": series.watched,
        "columns": series.columns,
        "drifted": last.drifted,
        "limit": series.limit,
        "value": Quantity(last.value, "score"),
        "most": series.most,
        "source": series.source,
    }
    limit = series.limit.value or 1.0
    top = max([limit, *(value for value in values if value is not None)]) * 1.35
    bottom = max(*counts, series.most) * 1.35
    return Figure(
        key="drift_time_line",
        title=_time_title(series),
        subtitle=text(
            gettext_noop("%(source)s Top: %(watched)s. Bottom: columns drifted, of %(columns)d."), **said
        ),
        alt=text(
            gettext_noop(
                "Time line. Last: %(drifted)d columns drifted, limit %(most)d; %(watched)s: %(value)s, "
                "limit %(limit)s."
            ),
            **said,
        ),
        data=[
            {
                "type": "bar",
                "name": Message(gettext_noop("Columns drifted")),
                "x": at,
                "y": counts,
                "yaxis": "y2",
                "marker": {"color": "var(--c0)"},
                "hovertemplate": hover(
                    gettext_noop("%(y)s of %(all)s columns%(end)s"), y="%{y}", all=str(series.columns)
                ),
            },
            {
                **line(
                    series.watched,
                    at,
                    values,
                    hovertemplate=hover("%(y)s%(end)s", y="%{y:.3f}"),
                ),
                "mode": "lines+markers" if len(at) <= 40 else "lines",
                "marker": {"size": 6, "color": "var(--c1)"},
            },
        ],
        layout={
            "shapes": [_limit(limit, "y"), _limit(series.most, "y2"), *_since(series)],
            "annotations": [
                _limit_note(series.limit, limit, "y"),
                _limit_note(Quantity(series.most, "count"), series.most, "y2"),
                *_since_note(series),
            ],
            "xaxis": {"anchor": "y2", "nticks": 9, **_time_axis(at)},
            "yaxis": {
                "domain": [0.5, 1],
                "range": [0, top],
                "tickformat": ".2f" if top < 1 else "",
                "nticks": 4,
                "title": _standing(Message(_DISTANCE)),
            },
            "yaxis2": {
                "domain": [0, 0.4],
                "range": [0, bottom],
                "dtick": whole_ticks(bottom) * (2 if bottom > 4 else 1),
                "title": _standing(Message(gettext_noop("Columns"))),
            },
            "margin": {"l": 44, "r": 14, "t": 22},
            "hovermode": "x",
            "bargap": 0.25,
            "showlegend": False,
            "meta": {"narrow": {"xaxis": {"nticks": 4}}},
        },
        table=Table({"at": [_shown(each) for each in at], "drifted": counts, "value": values}),
        headings=(
            Heading("at", Message(gettext_noop("Time")), "text"),
            Heading("drifted", Message(gettext_noop("Columns drifted")), "count"),
            Heading("value", Message(_DISTANCE), "score"),
        ),
    )


def _time_title(series: TimeLine) -> Message:
    last = series.moments[-1]
    if last.drifted and series.since is not None:
        return text(gettext_noop("Drift began on %(day)s"), day=series.since)
    before = series.moments[-2].drifted if len(series.moments) > 1 else last.drifted
    counts = {"drifted": last.drifted, "before": before, "columns": series.columns}
    if last.drifted == 0:
        if any(moment.drifted for moment in series.moments):
            return text(gettext_noop("The drift is over: no column is beyond its limit now"))
        return text(gettext_noop("No drift at any time"))
    if last.drifted > before:
        return text(gettext_noop("Drift grew: %(drifted)d columns, %(before)d before"), **counts)
    if last.drifted < before:
        return text(gettext_noop("Drift went back: %(drifted)d columns, %(before)d before"), **counts)
    return text(gettext_noop("Drift goes on: %(drifted)d of %(columns)d columns"), **counts)


def _standing(words: Message) -> dict[str, Any]:
    return {"text": words, "standoff": 4}


def _limit(value: float, yref: str) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": yref, "y0": value, "y1": value,
        "line": {"color": "var(--bad-fill)", "width": 1.25, "dash": "dash"},
    }  # fmt: skip


def _limit_note(limit: Quantity, value: float, yref: str) -> dict[str, Any]:
    return {
        "x": 0, "xref": "paper", "xanchor": "left", "y": value, "yref": yref, "yanchor": "bottom",
        "showarrow": False, "text": label(gettext_noop("limit %(limit)s"), limit=limit),
        "font": {"color": "var(--bad-fg)", "size": 11},
    }  # fmt: skip


def _since(series: TimeLine) -> list[dict[str, Any]]:
    if series.since is None:
        return []
    at = series.since.isoformat()
    return [
        {
            "type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": "var(--text-3)", "width": 1, "dash": "dot"},
        }
    ]  # fmt: skip


def _since_note(series: TimeLine) -> list[dict[str, Any]]:
    """On the side of the line where there is room."""
    if series.since is None:
        return []
    first, last = (_moment(series.moments[place].at) for place in (0, -1))
    at = datetime.combine(series.since, datetime.min.time(), UTC)
    left = at - first < (last - first) / 2
    return [
        {
            "x": series.since.isoformat(), "xanchor": "left" if left else "right",
            "xshift": 5 if left else -5, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
            "text": label(gettext_noop("since %(day)s"), day=series.since),
            "font": {"color": "var(--text-2)", "size": 11},
        }
    ]  # fmt: skip


def _moment(text_: str) -> datetime:
    moment = datetime.fromisoformat(text_)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time_axis(at: Sequence[str]) -> dict[str, Any]:
    span = _moment(at[-1]) - _moment(at[0])
    if span.days < 3:
        return {"type": "date"}
    return {"type": "date", "tickformat": "%-d %b" if span.days < 300 else "%b %Y"}


def _shown(at: str) -> str:
    """Minutes are enough."""
    return at[:16].replace("T", " ").removesuffix(" 00:00")
