"""Figures that several tasks share: named things with an interval each, and a measure over time."""

from __future__ import annotations

from typing import Any

from apps.compute.figures.regression import band
from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    classes_text,
    hover,
    line,
    rounded,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table

#: The worst are drawn; the table below holds all.
MOST_DRAWN = 20


def worst_first(
    table: Table, name: str, value: str, *, unit: str, thing: str, measure: str, headings: tuple[Heading, ...]
) -> Figure:
    """Dots with intervals of the first rows of ``table``, which holds the worst first. Rows without a value
    are left out. ``thing`` and ``measure`` are message ids for the axes.
    """
    rows = [row for row in table.rows(name, value, f"{value}_low", f"{value}_high") if row[1] is not None]
    shown = rows[:MOST_DRAWN]
    names = classes_text([str(row[0]) for row in shown], longest=40)
    worst = shown[0] if shown else ("", None, None, None)
    finding = {
        "name": str(worst[0]),
        "measure": Message(measure),
        "value": Quantity(worst[1], unit, worst[2], worst[3]),
        "count": len(table),
    }
    return Figure(
        key=f"{value}_by_{name}",
        title=text(gettext_noop("“%(name)s” is predicted worst: %(measure)s %(value)s"), **finding),
        subtitle=text(
            gettext_noop("The worst %(shown)d of %(count)d, with 95%% intervals."),
            shown=len(shown),
            count=len(table),
        ),
        alt=text(
            gettext_noop("%(measure)s of %(count)d outputs. “%(name)s” is worst with %(value)s."), **finding
        ),
        data=[_dots(shown, names, measure)],
        layout={
            "showlegend": False,
            "xaxis": axis(measure, showgrid=True, gridcolor="var(--grid)"),
            "yaxis": axis(
                thing,
                range=[len(shown) - 0.5, -0.5],
                showgrid=False,
                tickvals=list(range(len(shown))),
                ticktext=names,
            ),
        },
        table=table,
        headings=headings,
        height="h-420" if len(shown) > 6 else "h-300",
    )


def _dots(shown: list[tuple[Any, ...]], names: list[str], measure: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": Message(measure),
        "x": rounded([row[1] for row in shown]),
        "y": list(range(len(shown))),
        "customdata": names,
        "marker": {"size": 9, "color": "var(--c1)"},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rounded([_reach(row[1], row[3]) for row in shown]),
            "arrayminus": rounded([_reach(row[2], row[1]) for row in shown]),
            "color": "var(--c1)",
            "thickness": 1.2,
            "width": 0,
        },
        "hovertemplate": hover(gettext_noop("%(name)s: %(x)s%(end)s"), name="%{customdata}", x="%{x:.4g}"),
    }


def _reach(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else max(0.0, high - low)


def over_time(table: Table, key: str, *, unit: str, measure: str) -> Figure:
    """A measure (``value``, ``low``, ``high``) per period; ``measure`` is a message id."""
    columns = table.columns
    values = [value for value in columns["value"] if value is not None]
    ends = {
        "measure": Message(measure),
        "first": Quantity(values[0] if values else None, unit),
        "last": Quantity(values[-1] if values else None, unit),
    }
    return Figure(
        key=key,
        title=text(gettext_noop("%(measure)s over time: from %(first)s to %(last)s"), **ends),
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Per period, with its 95% interval.")
        ),
        alt=text(
            gettext_noop("%(measure)s over time: %(first)s in the first period and %(last)s in the last."),
            **ends,
        ),
        data=[
            band(list(columns["start"]), columns["low"], columns["high"], Message(INTERVAL_TEXT)),
            line(
                Message(measure),
                list(columns["start"]),
                rounded(columns["value"]),
                hovertemplate=hover(gettext_noop("%(y)s%(end)s"), y="%{y:.4~g}"),
            ),
        ],
        layout={"xaxis": axis(gettext_noop("Time")), "yaxis": axis(measure)},
        table=table,
        headings=(
            Heading("start", Message(gettext_noop("From"))),
            Heading("end", Message(gettext_noop("To"))),
            Heading("value", Message(measure), unit),
            Heading("low", Message(gettext_noop("Interval from")), unit),
            Heading("high", Message(gettext_noop("Interval to")), unit),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )


def bounded(name: str, label: str, unit: str) -> tuple[Heading, Heading, Heading]:
    """Heads of a value and the ends of its interval."""
    return (
        Heading(name, Message(label), unit),
        Heading(f"{name}_low", Message(gettext_noop("From")), unit),
        Heading(f"{name}_high", Message(gettext_noop("To")), unit),
    )
