"""Figure of the rates by group."""

from __future__ import annotations

from collections.abc import Sequence

from apps.compute.fairness_result import Fairness, GroupRow
from apps.compute.figures.theme import (
    Figure,
    Heading,
    axis,
    classes_text,
    hover,
    rounded,
    share_axis,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

MOST_GROUPS = 20
#: Rate -> its words, colour and mark, in the order of the drawing.
_LOOKS = {
    "selection_rate": (gettext_noop("Selected"), "--c1", "circle"),
    "tpr": (gettext_noop("Found (recall)"), "--c2", "diamond"),
    "fpr": (gettext_noop("False alarms"), "--c4", "square"),
    "accuracy": (gettext_noop("Accuracy"), "--c3", "triangle-up"),
}


def rates(result: Fairness, keys: Sequence[str] = ("selection_rate", "tpr", "fpr")) -> Figure | None:
    """The rates ``keys`` of the largest groups as dots with intervals; None where no group has one of them,
    as in regression.

    The title speaks of the rate in which the groups are farthest apart.
    """
    spreads = [s for s in result.spreads if s.key in keys and s.difference.value is not None]
    if not spreads:
        return None
    shown = sorted(result.groups, key=lambda group: -group.n)[:MOST_GROUPS]
    widest = max(spreads, key=lambda s: s.difference.value or 0.0)
    finding = {
        "rate": Message(_LOOKS[widest.key][0]),
        "largest": widest.largest_group,
        "smallest": widest.smallest_group,
        "difference": Quantity.of(widest.difference, "points"),
    }
    drawn = [spread.key for spread in spreads]
    return Figure(
        key="group_rates",
        title=text(
            gettext_noop("%(rate)s: “%(largest)s” lies %(difference)s above “%(smallest)s”"), **finding
        ),
        subtitle=text(
            gettext_noop("Rates of %(shown)d of %(all)d groups, the largest first, with 95%% intervals."),
            shown=len(shown),
            all=len(result.groups),
        ),
        alt=text(
            gettext_noop(
                "Rates of %(shown)d groups. Farthest apart is %(rate)s, by %(difference)s between "
                "“%(smallest)s” and “%(largest)s”."
            ),
            shown=len(shown),
            **finding,
        ),
        data=[_dots(key, place, len(drawn), shown) for place, key in enumerate(drawn)],
        layout={
            "xaxis": share_axis(gettext_noop("Share"), showgrid=True, gridcolor="var(--grid)"),
            "yaxis": axis(
                gettext_noop("Group"),
                range=[len(shown) - 0.5, -0.5],
                showgrid=False,
                tickvals=list(range(len(shown))),
                ticktext=classes_text([group.name for group in shown], longest=18),
            ),
        },
        table=_table(drawn, shown),
        headings=_headings(drawn),
        height="h-420" if len(shown) > 4 else "h-300",
    )


def _dots(key: str, place: int, of: int, shown: Sequence[GroupRow]) -> dict[str, object]:
    """One rate; the rates of a group lie a little apart."""
    name, colour, symbol = _LOOKS[key]
    offset = (place - (of - 1) / 2) * 0.2
    points = [
        (y, group, rate) for y, group in enumerate(shown) if (rate := group.rate(key)).value is not None
    ]
    values = [(rate.value or 0.0, rate.low or 0.0, rate.high or 0.0) for _y, _group, rate in points]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": Message(name),
        "x": rounded([value for value, _low, _high in values]),
        "y": rounded([y + offset for y, _group, _rate in points]),
        "customdata": classes_text([group.name for _y, group, _rate in points]),
        "marker": {"size": 9, "color": f"var({colour})", "symbol": symbol},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rounded([max(0.0, high - value) for value, _low, high in values]),
            "arrayminus": rounded([max(0.0, value - low) for value, low, _high in values]),
            "color": f"var({colour})",
            "thickness": 1.2,
            "width": 0,
        },
        "hovertemplate": hover(gettext_noop("%(name)s: %(x)s%(end)s"), name="%{customdata}", x="%{x:.1%}"),
    }


def _table(keys: Sequence[str], shown: Sequence[GroupRow]) -> Table:
    columns: dict[str, list[object]] = {
        "group": [group.name for group in shown],
        "n": [group.n for group in shown],
    }
    for key in keys:
        found = [group.rate(key) for group in shown]
        columns[key] = [rate.value for rate in found]
        columns[f"{key}_low"] = [rate.low for rate in found]
        columns[f"{key}_high"] = [rate.high for rate in found]
    return Table(columns)


def _headings(keys: Sequence[str]) -> tuple[Heading, ...]:
    headings = [
        Heading("group", Message(gettext_noop("Group"))),
        Heading("n", Message(gettext_noop("Rows")), "count"),
    ]
    for key in keys:
        headings += [
            Heading(key, Message(_LOOKS[key][0]), "share"),
            Heading(f"{key}_low", Message(gettext_noop("From")), "share"),
            Heading(f"{key}_high", Message(gettext_noop("To")), "share"),
        ]
    return tuple(headings)
