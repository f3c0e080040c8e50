"""Burn-down of a discovery (fixed time) and burn-up of a delivery (fixed scope)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from apps.compute.figures.theme import Figure, Heading, axis, hover, label, line, reference, text, whole_ticks
from apps.compute.forecast import Forecast
from apps.compute.messages import Message, gettext_noop
from apps.compute.results import Table

WEEK = timedelta(days=7)
# xgettext:no-python-format
BAND_TEXT = gettext_noop("Forecast, 80%")


@dataclass(frozen=True, slots=True)
class BurnDown:
    """Open hypotheses on the days of a timebox where their number changed; day 0 is the start.

    ``today`` is the day of the reader, None when the discovery is closed.
    """

    days: Sequence[int]
    open: Sequence[int]
    total: int
    settled: int
    length: int  # days of the timebox, with its extension
    today: int | None


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Items of work by day. ``forecast`` starts at ``today``; both None when the delivery is closed."""

    days: Sequence[date]
    scope: Sequence[int]
    done: Sequence[int]
    promised_on: date | None
    today: date | None
    forecast: Forecast | None

    @property
    def remaining(self) -> int:
        return self.scope[-1] - self.done[-1]

    @property
    def grown(self) -> int:
        return self.scope[-1] - self.scope[0]

    @property
    def p50_on(self) -> date | None:
        return self._after(self.forecast.p50 if self.forecast else None)

    @property
    def p80_on(self) -> date | None:
        return self._after(self.forecast.p80 if self.forecast else None)

    def _after(self, weeks: int | None) -> date | None:
        return self.today + weeks * WEEK if self.today and weeks is not None else None


def burn_down(series: BurnDown) -> Figure:
    last = max(series.length, series.days[-1])
    lines = [_vertical(series.length, "var(--text-3)")]
    notes = []
    if series.today is not None and 0 <= series.today <= last and series.today != series.length:
        lines.append({**_vertical(series.today, "var(--c1)"), "line": _dotted("var(--c1)")})
        notes.append(_note(gettext_noop("Today"), series.today, last, "var(--c1)"))
    counts = {"settled": series.settled, "total": series.total, "length": series.length}
    return Figure(
        key="burn_down",
        title=_burn_down_title(series, counts),
        subtitle=text(gettext_noop("Open hypotheses by day, timebox of %(length)d days."), **counts),
        alt=text(
            gettext_noop(
                "Step chart. %(settled)d of %(total)d hypotheses are settled; %(open)d open on day %(day)d "
                "of %(length)d."
            ),
            **counts,
            open=series.open[-1],
            day=series.days[-1],
        ),
        data=[
            reference(Message(gettext_noop("Even pace")), [0, series.length], [series.total, 0]),
            line(
                Message(gettext_noop("Open hypotheses")),
                list(series.days),
                list(series.open),
                colour="--c2",
                hovertemplate=hover(gettext_noop("day %(x)s: %(y)s open%(end)s"), x="%{x}", y="%{y}"),
            )
            | {"line": {"color": "var(--c2)", "shape": "hv", "width": 2.5}},
        ],
        layout={
            "shapes": lines,
            "annotations": notes,
            "xaxis": axis(
                gettext_noop("Day of the timebox"), dtick=_day_ticks(last), range=[0, last * 1.03 + 0.5]
            ),
            "yaxis": {
                "range": [0, max(series.total, *series.open) * 1.1 + 0.2],
                "dtick": whole_ticks(max(series.total, *series.open)),
            },
            "margin": {"l": 28, "t": 28},
            "meta": {"narrow": {"xaxis": {"dtick": 2 * _day_ticks(last)}}},
        },
        table=Table({"day": list(series.days), "open": list(series.open)}),
        headings=(
            Heading("day", Message(gettext_noop("Day")), "count"),
            Heading("open", Message(gettext_noop("Open")), "count"),
        ),
        height="h-260",
    )


def _burn_down_title(series: BurnDown, counts: dict[str, int]) -> Message:
    if series.today is None:
        return text(
            gettext_noop("Discovery: %(settled)d of %(total)d hypotheses settled in %(day)d days"),
            **counts,
            day=series.days[-1],
        )
    if series.today > series.length:
        return text(
            gettext_noop("Discovery: the time is over, %(settled)d of %(total)d hypotheses are settled"),
            **counts,
        )
    if series.today < 0:
        return text(gettext_noop("Discovery: %(total)d hypotheses wait for the start"), **counts)
    return text(
        gettext_noop("Discovery: %(settled)d of %(total)d hypotheses settled on day %(day)d of %(length)d"),
        **counts,
        day=series.today,
    )


def burn_up(series: BurnUp) -> Figure:
    counts: dict[str, Any] = {"done": series.done[-1], "total": series.scope[-1]}
    days = [day.isoformat() for day in series.days]
    data = [
        line(
            Message(gettext_noop("Agreed scope")),
            days,
            list(series.scope),
            hovertemplate=hover(gettext_noop("%(y)s scope%(end)s"), y="%{y}"),
        )
        | {"line": {"color": "var(--text-3)", "shape": "hv", "width": 1.75}},
        line(
            Message(gettext_noop("Done")),
            days,
            list(series.done),
            hovertemplate=hover(gettext_noop("%(y)s done%(end)s"), y="%{y}"),
        ),
    ]
    shapes, notes = _promise(series)
    data = [*_future(series), *data, *_expected_end(series)]
    return Figure(
        key="burn_up",
        title=_burn_up_title(series, counts),
        subtitle=_burn_up_subtitle(series),
        alt=_burn_up_alt(series, counts),
        data=data,
        layout={
            "shapes": shapes,
            "annotations": [*notes, *_expected_note(series)],
            "xaxis": {"tickformat": "%-d %b", "range": _reach(series), "nticks": 8},
            "yaxis": {
                "range": [0, max(*series.scope, 1) * 1.12],
                "dtick": whole_ticks(max(*series.scope, 1)),
                "tickformat": ",d",
            },
            "margin": {"l": 32, "t": 28},
            "legend": {"traceorder": "reversed"},
            "hovermode": "x unified",
            "meta": {"narrow": {"xaxis": {"nticks": 4}, "annotations": notes}},  # the title says the day
        },
        table=Table({"day": days, "done": list(series.done), "scope": list(series.scope)}),
        headings=(
            Heading("day", Message(gettext_noop("Day")), "text"),
            Heading("done", Message(gettext_noop("Done")), "count"),
            Heading("scope", Message(gettext_noop("Scope")), "count"),
        ),
        height="h-260",
    )


def _burn_up_title(series: BurnUp, counts: dict[str, Any]) -> Message:
    if series.scope[-1] == 0:
        return text(gettext_noop("Delivery: the scope is empty"))
    if series.remaining == 0:
        return text(gettext_noop("Delivery: all %(total)d items of work are done"), **counts)
    if series.today is None:
        return text(gettext_noop("Delivery: closed with %(done)d of %(total)d items done"), **counts)
    if series.forecast is None:
        return text(gettext_noop("Delivery: %(done)d of %(total)d items done, cannot forecast yet"), **counts)
    if series.p50_on is None:
        return text(gettext_noop("Delivery: at the present pace it takes more than ten years"), **counts)
    if series.promised_on is None:
        return text(gettext_noop("Delivery: expected to end on %(end)s"), end=series.p50_on)
    late = (series.p50_on - series.promised_on).days
    dates = {"end": series.p50_on, "promised": series.promised_on}
    if late > 0:
        return text(gettext_noop("Delivery: expected on %(end)s, after the promised %(promised)s"), **dates)
    return text(gettext_noop("Delivery: expected on %(end)s, within the promised %(promised)s"), **dates)


def _burn_up_subtitle(series: BurnUp) -> Message:
    if series.grown == 0:
        return text(gettext_noop("Items of work done against the agreed scope, which has not changed."))
    sentence = (
        gettext_noop("Items of work done against the agreed scope. It grew by %(items)d.")
        if series.grown > 0
        else gettext_noop("Items of work done against the agreed scope. It shrank by %(items)d.")
    )
    return text(sentence, items=abs(series.grown))


def _burn_up_alt(series: BurnUp, counts: dict[str, Any]) -> Message:
    if series.p50_on is None:
        return text(gettext_noop("Line chart. %(done)d of %(total)d items of work are done."), **counts)
    if series.p80_on is None or series.remaining == 0:
        return text(
            gettext_noop("Line chart. %(done)d of %(total)d items of work are done, expected end %(half)s."),
            **counts,
            half=series.p50_on,
        )
    return text(
        gettext_noop(
            "Line chart. %(done)d of %(total)d items of work are done. At the past pace the work ends by "
            "%(half)s with a chance of 50%%, and by %(most)s with 80%%."
        ),
        **counts,
        half=series.p50_on,
        most=series.p80_on,
    )


def _future(series: BurnUp) -> list[dict[str, Any]]:
    """The band that holds 80 % of the futures, and the middle one up to the expected end."""
    found, today, p50 = series.forecast, series.today, series.forecast.p50 if series.forecast else None
    if found is None or today is None or p50 is None or series.remaining == 0:
        return []
    done, days = series.done[-1], [(today + week * WEEK).isoformat() for week in range(len(found.middle))]
    high, low = [done + part for part in found.high], [done + part for part in found.low]
    return [
        {
            "type": "scatter",
            "name": Message(BAND_TEXT),
            "x": [*days, *reversed(days)],
            "y": [*high, *reversed(low)],
            "fill": "toself",
            "fillcolor": "var(--c1-soft)",
            "line": {"width": 0},
            "mode": "lines",
            "hoverinfo": "skip",
        },
        line(
            Message(gettext_noop("Forecast")),
            days[: p50 + 1],
            [done + part for part in found.middle[: p50 + 1]],
            hovertemplate=hover(gettext_noop("%(y)s forecast%(end)s"), y="%{y:.0f}"),
        )
        | {"line": _dotted("var(--c1)")},
    ]


def _expected_end(series: BurnUp) -> list[dict[str, Any]]:
    if series.p50_on is None or series.remaining == 0:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "showlegend": False,
            "x": [series.p50_on.isoformat()],
            "y": [series.scope[-1]],
            "marker": {"color": "var(--c1)", "size": 11, "symbol": "diamond"},
            "hovertemplate": hover(gettext_noop("Expected end%(end)s")),
        }
    ]


def _expected_note(series: BurnUp) -> list[dict[str, Any]]:
    """On the side of the diamond where the line of the promise is not."""
    if series.p50_on is None or series.remaining == 0:
        return []
    return [
        {
            "x": series.p50_on.isoformat(),
            "y": series.scope[-1],
            "yshift": -18,
            "xanchor": "left" if _is_late(series) else "right",
            "showarrow": False,
            "text": label("%(day)s", day=series.p50_on),
            "font": {"color": "var(--text-2)", "size": 11},
        }
    ]


def _is_late(series: BurnUp) -> bool:
    return bool(series.promised_on and series.p50_on and series.promised_on <= series.p50_on)


def _promise(series: BurnUp) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if series.promised_on is None:
        return [], []
    at = series.promised_on.isoformat()
    start, end = (date.fromisoformat(day) for day in _reach(series))
    left = series.promised_on - start < (end - start) / 2
    note = {
        "x": at,
        "y": 0,
        "yref": "y domain",
        "yanchor": "bottom",
        "xanchor": "left" if left else "right",
        "xshift": 5 if left else -5,
        "showarrow": False,
        "text": label(gettext_noop("Promised %(day)s"), day=series.promised_on),
        "font": {"color": "var(--warn-fg)", "size": 11},
    }
    return [_vertical(at, "var(--warn-fill)")], [note]


def _reach(series: BurnUp) -> list[str]:
    """From the start to behind the last thing drawn, with room for the words right of a late end."""
    ends = [series.days[-1]]
    if series.promised_on is not None:
        ends.append(series.promised_on)
    if series.forecast and series.today and series.p50_on and series.remaining:
        ends.append(series.today + (len(series.forecast.middle) - 1) * WEEK)
    start = series.days[0]
    if series.p50_on and series.remaining and _is_late(series):
        ends.append(series.p50_on + (series.p50_on - start) * 0.2)
    end = max(ends)
    return [start.isoformat(), (end + max(timedelta(days=2), (end - start) * 0.05)).isoformat()]


def _vertical(x: int | str, colour: str) -> dict[str, Any]:
    return {
        "type": "line", "x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain",
        "line": {"color": colour, "width": 1.5},
    }  # fmt: skip


def _dotted(colour: str) -> dict[str, Any]:
    return {"color": colour, "width": 1.5, "dash": "dot"}


def _note(words: str, x: int, last: int, colour: str) -> dict[str, Any]:
    """Beside a vertical line, on the side that has room."""
    left = x < last / 2
    return {
        "x": x, "xanchor": "left" if left else "right", "xshift": 4 if left else -4,
        "y": 1, "yref": "y domain", "yanchor": "top", "showarrow": False,
        "text": Message(words), "font": {"color": colour, "size": 11},
    }  # fmt: skip


def _day_ticks(last: int) -> int:
    """Whole weeks, at most eight of them labelled."""
    return 7 * max(1, -(-last // 56))
