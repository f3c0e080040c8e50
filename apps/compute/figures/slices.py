"""Figure of the weakest slices beside all rows."""

from __future__ import annotations

from collections.abc import Sequence

from apps.compute.figures.theme import (
    Figure,
    Heading,
    axis,
    classes_text,
    hover,
    reference,
    rounded,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import Table
from apps.compute.weak_slices_result import SliceSearch, WeakSlice

MOST_DRAWN = 20


def weakest(result: SliceSearch) -> Figure | None:
    """The weakest slices, the worst on top, as dots with intervals against the mean of all rows; None when no
    weak slice was found.
    """
    shown = result.found[:MOST_DRAWN]
    if not shown:
        return None
    unit = "share" if result.is_share else "score"
    first = shown[0]
    finding = {
        "slice": _name(first),
        "value": Quantity(first.mean, unit, first.low, first.high),
        "all": Quantity(result.mean, unit, result.low, result.high),
    }
    return Figure(
        key="weak_slices",
        title=text(gettext_noop("“%(slice)s” loses most: %(value)s, all rows %(all)s"), **finding),
        subtitle=text(
            gettext_noop(
                "Mean loss of the %(shown)d weakest of %(looked)d slices that were judged, with 95%% "
                "intervals. The dotted line is all rows."
            ),
            shown=len(shown),
            looked=result.looked,
        ),
        alt=text(
            gettext_noop(
                "Mean loss of %(shown)d weak slices. “%(slice)s” is worst with %(value)s; all rows have "
                "%(all)s."
            ),
            shown=len(shown),
            **finding,
        ),
        data=[
            reference(
                Message(gettext_noop("All rows")), [result.mean, result.mean], [-0.5, len(shown) - 0.5]
            ),
            _dots(shown, result.is_share),
        ],
        layout={
            "showlegend": False,
            "xaxis": _loss_axis(result.is_share),
            "yaxis": axis(
                gettext_noop("Slice"),
                range=[len(shown) - 0.5, -0.5],
                showgrid=False,
                tickvals=list(range(len(shown))),
                ticktext=classes_text([_name(each) for each in shown], longest=40),
            ),
        },
        table=_table(shown),
        headings=(
            Heading("slice", Message(gettext_noop("Slice"))),
            Heading("n", Message(gettext_noop("Rows")), "count"),
            Heading("mean", Message(gettext_noop("Mean loss")), unit),
            Heading("low", Message(gettext_noop("From")), unit),
            Heading("high", Message(gettext_noop("To")), unit),
            Heading("rest", Message(gettext_noop("All other rows")), unit),
            Heading("share_of_rows", Message(gettext_noop("Share of rows")), "share"),
            Heading("share_of_loss", Message(gettext_noop("Share of the loss")), "share"),
            Heading("corrected", Message(gettext_noop("Corrected p")), "score"),
        ),
        height="h-420" if len(shown) > 6 else "h-300",
    )


def _name(found: WeakSlice) -> str:
    return " · ".join(f"{part.column}: {part.value}" for part in found.conditions)


def _loss_axis(is_share: bool) -> dict[str, object]:
    title = gettext_noop("Share of wrong rows") if is_share else gettext_noop("Mean loss")
    look = {"showgrid": True, "gridcolor": "var(--grid)"}
    return axis(title, rangemode="tozero", tickformat=".0%", **look) if is_share else axis(title, **look)


def _dots(shown: Sequence[WeakSlice], is_share: bool) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": Message(gettext_noop("Slice")),
        "x": rounded([each.mean for each in shown]),
        "y": list(range(len(shown))),
        "customdata": classes_text([_name(each) for each in shown], longest=80),
        "marker": {"size": 9, "color": "var(--c1)"},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rounded([max(0.0, each.high - each.mean) for each in shown]),
            "arrayminus": rounded([max(0.0, each.mean - each.low) for each in shown]),
            "color": "var(--c1)",
            "thickness": 1.2,
            "width": 0,
        },
        "hovertemplate": hover(
            gettext_noop("%(name)s: %(x)s%(end)s"),
            name="%{customdata}",
            x="%{x:.1%}" if is_share else "%{x:.4g}",
        ),
    }


def _table(shown: Sequence[WeakSlice]) -> Table:
    columns = ("n", "mean", "low", "high", "rest", "share_of_rows", "share_of_loss", "corrected")
    return Table(
        {
            "slice": [_name(each) for each in shown],
            **{name: [getattr(each, name) for each in shown] for name in columns},
        }
    )
