"""The gain ledger drawn: change by change from the first model to the last, and by day of work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from apps.compute.figures.theme import Figure, Heading, classes_text, hover, rounded, text
from apps.compute.ledger import KIND_NAMES, Entry, Kind
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

#: Colour and hatch of each kind of work.
STYLES: Mapping[Kind, tuple[str, str]] = {
    Kind.DATA: ("--c1", ""),
    Kind.MODEL: ("--c2", "/"),
    Kind.BOTH: ("--c4", "x"),
    Kind.NONE: ("--c0", ""),
    Kind.UNKNOWN: ("--c0", "."),
}
#: Bars beside each other that can still be read.
MOST = 40


def waterfall(
    entries: Sequence[Entry],
    start: float,
    *,
    metric: Message,
    unit: str,
    names: tuple[Message | str, Message | str],
) -> Figure:
    """The kept changes of ``entries`` in their order, from the value ``start`` to where they lead. ``names``
    are those of the first and the last model. Shares are drawn in per cent. At most `MOST` changes, the last.
    """
    kept = [entry for entry in entries if entry.kept]
    for entry in kept[:-MOST]:
        start += entry.gain
    kept = kept[-MOST:]
    levels = [start]
    for entry in kept:
        levels.append(levels[-1] + entry.gain)
    scale = 100.0 if unit == "share" else 1.0
    floor = _floor([level * scale for level in levels])
    last = len(kept) + 1
    data = [_ends(levels, scale, floor, last)]
    for kind, (colour, shape) in STYLES.items():
        places = [place for place, entry in enumerate(kept) if entry.kind is kind]
        if places:
            data.append(_steps(kind, places, kept, levels, scale, unit, colour, shape))
    words = {
        "metric": metric,
        "start": Quantity(levels[0], unit),
        "end": Quantity(levels[-1], unit),
        "count": len(kept),
    }
    first, last_name = (name if isinstance(name, Message) else classes_text([name])[0] for name in names)
    ticks = [first, *classes_text([entry.title for entry in kept]), last_name]
    return Figure(
        key="waterfall",
        title=_title(kept, unit, words),
        subtitle=text(gettext_noop("From the first model to the last, one change at a time.")),
        alt=text(
            gettext_noop("Waterfall of %(metric)s from %(start)s to %(end)s in %(count)s changes."), **words
        ),
        data=data,
        layout={
            "barmode": "overlay",
            "yaxis": {
                "tickvals": list(range(last + 1)),
                "ticktext": ticks,
                "range": [last + 0.6, -0.6],
                "showgrid": False,
            },
            "xaxis": {
                "title": {"text": _axis_title(metric, unit, floor)},
                "range": _range([level * scale for level in levels], floor),
            },
            "legend": {"traceorder": "normal"},
            "margin": {"t": 28, "l": 40},
            "meta": {"narrow": {"yaxis": {"tickfont": {"size": 10}}}},
        },
        table=Table(
            {
                "change": [entry.title for entry in kept],
                "kind": [entry.kind.value for entry in kept],
                "gain": [entry.gain for entry in kept],
                "low": [entry.low for entry in kept],
                "high": [entry.high for entry in kept],
                "reached": levels[1:],
            }
        ),
        headings=(
            Heading("change", Message(gettext_noop("Change"))),
            Heading("kind", Message(gettext_noop("Kind"))),
            *_gain_headings(unit),
            Heading("reached", metric, unit),
        ),
        height="h-340",
    )


def gain_per_day(entries: Sequence[Entry], *, metric: Message, unit: str) -> Figure | None:
    """Gain of each change for each day of work, kept or not, with its interval; None where no change says its
    days. At most `MOST` changes, the last.
    """
    known = [entry for entry in entries if entry.days and entry.days > 0][-MOST:]
    if not known:
        return None
    scale = 100.0 if unit == "share" else 1.0
    rates = [_per_day(entry) for entry in known]
    data = []
    for kind, (colour, shape) in STYLES.items():
        places = [place for place, entry in enumerate(known) if entry.kind is kind]
        if not places:
            continue
        values = [rates[place][0] * scale for place in places]
        ends = [rates[place] for place in places]
        data.append(
            {
                **_bar(Message(KIND_NAMES[kind]), places, colour, shape),
                "x": rounded(values),
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded([0.0 if e[2] is None else (e[2] - e[0]) * scale for e in ends]),
                    "arrayminus": rounded([0.0 if e[1] is None else (e[0] - e[1]) * scale for e in ends]),
                    "color": "var(--text-2)",
                    "thickness": 1.25,
                    "width": 3,
                },
                "hovertemplate": hover(gettext_noop("%(x)s per day%(end)s"), x="%{x:.3~g}"),
            }
        )
    best = max(known, key=lambda entry: abs(_per_day(entry)[0]))
    rate, low, high = _per_day(best)
    words = {"metric": metric, "title": best.title, "rate": Quantity(rate, _rate(unit), low, high)}
    return Figure(
        key="gain_per_day",
        title=text(gettext_noop("“%(title)s” moved %(metric)s most per day of work: %(rate)s"), **words),
        subtitle=text(gettext_noop("Each change with its 95%% interval, dropped ones too."), **words),
        alt=text(
            gettext_noop("Bars of the change of %(metric)s per day of work; the largest is %(rate)s."),
            **words,
        ),
        data=data,
        layout={
            "barmode": "overlay",
            "yaxis": {
                "tickvals": list(range(len(known))),
                "ticktext": classes_text([entry.title for entry in known]),
                "range": [len(known) - 0.4, -0.6],
                "showgrid": False,
            },
            "xaxis": {"title": {"text": _day_title(metric, unit)}, "zeroline": True},
            "margin": {"t": 28, "l": 40},
            "legend": {"traceorder": "normal"},
        },
        table=Table(
            {
                "change": [entry.title for entry in known],
                "kind": [entry.kind.value for entry in known],
                "days": [entry.days for entry in known],
                "rate": [rate[0] for rate in rates],
                "low": [rate[1] for rate in rates],
                "high": [rate[2] for rate in rates],
            }
        ),
        headings=(
            Heading("change", Message(gettext_noop("Change"))),
            Heading("kind", Message(gettext_noop("Kind"))),
            Heading("days", Message(gettext_noop("Days")), "number"),
            Heading("rate", Message(gettext_noop("Gain per day")), _rate(unit)),
            Heading("low", Message(gettext_noop("Low end")), _rate(unit)),
            Heading("high", Message(gettext_noop("High end")), _rate(unit)),
        ),
        height="h-300",
    )


def _difference(unit: str) -> str:
    """Differences of shares are percentage points."""
    return "points" if unit == "share" else unit


def _rate(unit: str) -> str:
    """A day's gain may be much smaller than the values."""
    return "points" if unit == "share" else "number"


def _shown(value: float, unit: str, low: float | None = None, high: float | None = None) -> Quantity:
    return Quantity(value, _difference(unit), low, high)


def _gain_headings(unit: str) -> tuple[Heading, ...]:
    return (
        Heading("gain", Message(gettext_noop("Gain")), _difference(unit)),
        Heading("low", Message(gettext_noop("Low end")), _difference(unit)),
        Heading("high", Message(gettext_noop("High end")), _difference(unit)),
    )


def _per_day(entry: Entry) -> tuple[float, float | None, float | None]:
    days = entry.days or math.nan
    low, high = (None if bound is None else bound / days for bound in (entry.low, entry.high))
    return entry.gain / days, low, high


def _bar(name: Message, places: Sequence[int], colour: str, shape: str) -> dict[str, Any]:
    marker: dict[str, Any] = {"color": f"var({colour})"}
    if shape:
        marker["pattern"] = {
            "shape": shape,
            "size": 6,
            "solidity": 0.2,
            "fgcolor": "var(--surface)",
            "fillmode": "overlay",
        }
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": list(places),
        "width": 0.62,
        "marker": marker,
    }


def _labelled(texts: Sequence[Message]) -> dict[str, Any]:
    return {
        "text": list(texts),
        "textposition": "outside",
        "textfont": {"color": "var(--text-2)"},
        "cliponaxis": False,
    }


def _ends(levels: Sequence[float], scale: float, floor: float, last: int) -> dict[str, Any]:
    ends = [levels[0] * scale, levels[-1] * scale]
    return {
        **_bar(Message(gettext_noop("Model")), [0, last], "--c0", ""),
        "base": [floor, floor],
        "x": rounded([end - floor for end in ends]),
        **_labelled([Message("%(value)s", {"value": f"{end:.4g}"}) for end in ends]),
        "hoverinfo": "skip",
    }


def _steps(
    kind: Kind,
    places: Sequence[int],
    kept: Sequence[Entry],
    levels: Sequence[float],
    scale: float,
    unit: str,
    colour: str,
    shape: str,
) -> dict[str, Any]:
    changes = [kept[place] for place in places]
    signed = [
        Message(
            "+%(gain)s" if each.gain > 0 else "%(gain)s",
            {"gain": _shown(each.gain, unit, each.low, each.high)},
        )
        for each in changes
    ]
    return {
        **_bar(Message(KIND_NAMES[kind]), [place + 1 for place in places], colour, shape),
        "base": rounded([min(levels[place], levels[place + 1]) * scale for place in places]),
        "x": rounded([abs(each.gain) * scale for each in changes]),
        **_labelled(signed),
        "hovertemplate": hover(gettext_noop("%(gain)s%(end)s"), gain="%{text}"),
    }


def _title(kept: Sequence[Entry], unit: str, words: Mapping[str, Any]) -> Message:
    kinds = {entry.kind for entry in kept}
    data = sum(entry.gain for entry in kept if entry.kind is Kind.DATA)
    whole = sum(entry.gain for entry in kept)
    if not kept:
        return text(gettext_noop("No change is kept yet: %(metric)s is %(start)s"), **words)
    if kinds == {Kind.MODEL}:
        return text(gettext_noop("Model work alone changed it by %(whole)s"), whole=_shown(whole, unit))
    return text(
        gettext_noop("Data work brought %(data)s of the change of %(whole)s"),
        data=_shown(data, unit),
        whole=_shown(whole, unit),
    )


def _floor(levels: Sequence[float]) -> float:
    """Where the axis starts: 0 where the steps reach near it, else a round number below the lowest level."""
    low, high = min(levels), max(levels)
    span = (high - low) or abs(high) * 0.05 or 1.0
    if low < 0 or low <= 0.5 * span:
        return min(0.0, low)
    step = 10 ** math.floor(math.log10(span))
    floor = math.floor((low - 0.2 * span) / step) * step
    return float(f"{max(floor, 0.0):.10g}")


def _range(levels: Sequence[float], floor: float) -> list[float]:
    """Room on the right for the texts of bars."""
    high = max(*levels, floor)
    room = (high - floor) * 0.3 or 1.0
    left = floor - ((high - floor) * 0.05 if floor < 0 else 0.0)
    return [float(f"{left:.5g}"), float(f"{high + room:.5g}")]


def _axis_title(metric: Message, unit: str, floor: float) -> Message:
    words = {"metric": metric, "start": f"{floor:g}"}
    if unit == "share":
        if floor:
            return Message(gettext_noop("%(metric)s, %%; axis starts at %(start)s"), words)
        return Message(gettext_noop("%(metric)s, %%"), words)
    return Message(gettext_noop("%(metric)s, axis starts at %(start)s"), words) if floor else metric


def _day_title(metric: Message, unit: str) -> Message:
    words = {"metric": metric}
    if unit == "share":
        return Message(gettext_noop("Change of %(metric)s per day, percentage points"), words)
    return Message(gettext_noop("Change of %(metric)s per day"), words)
