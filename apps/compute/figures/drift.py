"""How the values of one column changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apps.compute.drift.result import ColumnDrift, Picture
from apps.compute.figures.drift_titles import title_of
from apps.compute.figures.theme import (
    Figure,
    Heading,
    axis,
    bars,
    classes_text,
    hover,
    line,
    rounded,
    text,
)
from apps.compute.messages import Message, gettext_noop
from apps.compute.results import Table

#: Words that are drawn of a text column, the heaviest first.
WORDS = 14


def column(found: ColumnDrift) -> Figure | None:
    """Reference and current values; None where there is nothing to draw."""
    if found.words:
        return _words(found)
    if found.picture is None:
        return None
    return _numbers(found, found.picture) if found.picture.edges else _labels(found, found.picture)


def _frame(found: ColumnDrift, **drawn: Any) -> Figure:
    subtitle = {
        "text": gettext_noop("Words that tell the two sides apart, by their weight."),
        "number": gettext_noop("Share of rows by value, reference against current."),
        "date": gettext_noop("Share of rows by time, reference against current."),
    }
    words = subtitle.get(found.kind, gettext_noop("Share of rows by value, reference against current."))
    return Figure(key="drift_column", title=title_of(found), subtitle=text(words), height="h-260", **drawn)


def _numbers(found: ColumnDrift, picture: Picture) -> Figure:
    dates = found.kind == "date"
    edges = [_iso(edge) for edge in picture.edges] if dates else list(picture.edges)
    table = Table(
        {
            "low": list(picture.edges[:-1]),
            "high": list(picture.edges[1:]),
            "reference": list(picture.reference),
            "current": list(picture.current),
        }
    )
    reference = bars(
        Message(gettext_noop("Reference")),
        table,
        "reference",
        colour="--c0-soft",
        hovertemplate=hover(gettext_noop("%(y)s of the reference%(end)s"), y="%{y:.1%}"),
    )
    if dates:
        reference["x"] = [_iso((a + b) / 2) for a, b in zip(picture.edges, picture.edges[1:], strict=False)]
        reference["width"] = [width * 1_000 for width in reference["width"]]
    current = line(
        Message(gettext_noop("Current")),
        edges,
        rounded([*picture.current, picture.current[-1]]),
        hovertemplate=hover(gettext_noop("%(y)s of the current rows%(end)s"), y="%{y:.1%}"),
    )
    current["line"] |= {"shape": "hv", "width": 2}
    unit = "date" if dates else "number"
    return _frame(
        found,
        alt=_alt(found, gettext_noop("Steps: reference filled, current outlined. %(finding)s.")),
        data=[reference, current],
        layout={
            "bargap": 0.04,
            "xaxis": {"nticks": 6, **({"type": "date"} if dates else {})},
            "yaxis": _shares(),
            "margin": {"l": 36, "t": 28, "r": 12},
            "hovermode": "x",
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), unit),
            Heading("high", Message(gettext_noop("To")), unit),
            *_side_headings(),
        ),
    )


def _labels(found: ColumnDrift, picture: Picture) -> Figure:
    names = list(picture.labels)
    sides = {"reference": list(picture.reference), "current": list(picture.current)}
    other = {"reference": picture.other_reference, "current": picture.other_current}
    if any(other.values()):
        names.append("…")
        sides = {name: [*shares, other[name]] for name, shares in sides.items()}
    shown = classes_text(names, 18)
    # Cut names may be equal, and equal names would fall on one place: places are numbers.
    places = list(range(len(names)))
    data = [
        {
            "type": "bar",
            "name": words,
            "x": places,
            "y": rounded(sides[side]),
            "marker": {"color": f"var({colour})"},
            "customdata": shown,
            "hovertemplate": hover("%(name)s: %(y)s%(end)s", name="%{customdata}", y="%{y:.1%}"),
        }
        for side, words, colour in (
            ("reference", Message(gettext_noop("Reference")), "--c0"),
            ("current", Message(gettext_noop("Current")), "--c1"),
        )
    ]
    return _frame(
        found,
        alt=_alt(found, gettext_noop("Grouped bars. %(finding)s.")),
        data=data,
        layout={
            "barmode": "group",
            "bargap": 0.3,
            "bargroupgap": 0.08,
            "xaxis": {
                "tickvals": places,
                "ticktext": shown,
                "tickangle": -40 if len(names) > 3 else 0,
                "tickfont": {"size": 10.5},
            },
            "yaxis": _shares(),
            "margin": {"l": 36, "t": 28, "r": 12},
        },
        table=Table({"value": names, **sides}),
        headings=(Heading("value", Message(gettext_noop("Value of the column"))), *_side_headings()),
    )


def _words(found: ColumnDrift) -> Figure:
    words = sorted(found.words, key=lambda each: -abs(each.weight))[:WORDS]
    words.reverse()  # Plotly draws from the bottom up
    sides = (
        ("reference", Message(gettext_noop("Of the reference")), "--c0"),
        ("current", Message(gettext_noop("Of the current rows")), "--c1"),
    )
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": [i for i, word in enumerate(words) if word.side == side],
            "x": rounded([abs(word.weight) for word in words if word.side == side]),
            "marker": {"color": f"var({colour})"},
            "hoverinfo": "x",
        }
        for side, name, colour in sides
    ]
    return _frame(
        found,
        alt=_alt(found, gettext_noop("Bars of words. %(finding)s.")),
        data=data,
        layout={
            "yaxis": {
                "tickvals": list(range(len(words))),
                "ticktext": classes_text([word.word for word in words], 18),
                "showgrid": False,
            },
            "xaxis": axis(gettext_noop("Weight")),
            "margin": {"l": 60, "t": 28, "r": 12},
        },
        table=Table(
            {
                "word": [word.word for word in reversed(words)],
                **{
                    side: [abs(word.weight) if word.side == side else None for word in reversed(words)]
                    for side in ("reference", "current")
                },
            }
        ),
        headings=(
            Heading("word", Message(gettext_noop("Word"))),
            Heading("reference", Message(gettext_noop("Reference")), "score"),
            Heading("current", Message(gettext_noop("Current")), "score"),
        ),
    )


def _alt(found: ColumnDrift, sentence: str) -> Message:
    return text(sentence, finding=title_of(found))


def _side_headings() -> tuple[Heading, Heading]:
    return (
        Heading("reference", Message(gettext_noop("Reference")), "share"),
        Heading("current", Message(gettext_noop("Current")), "share"),
    )


def _shares() -> dict[str, Any]:
    return {"rangemode": "tozero", "tickformat": ".0%", "nticks": 5}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
