"""Figures of forecasts: error by horizon, the worst series, and what they share with regression."""

from __future__ import annotations

from typing import Any

from apps.compute.figures import regression
from apps.compute.figures.regression import band
from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    classes_text,
    hover,
    line,
    reference,
    rounded,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult

MOST_DRAWN = 20
#: The error of the farthest horizon is called larger than that of the nearest from this ratio on.
NOTABLE_RATIO = 1.2

_MAE = gettext_noop("Mean absolute error")


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "error_by_horizon": by_horizon,
        "worst_series": worst_series,
        "residual_by_time": regression.by_time,
        "residual_histogram": regression.histogram,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def by_horizon(result: EvaluationResult) -> Figure:
    table = result.tables["error_by_horizon"]
    columns, x = table.columns, list(table.columns["horizon"])
    first, last = columns["mae"][0], columns["mae"][-1]
    values = {
        "first": Quantity(first, "target", columns["mae_low"][0], columns["mae_high"][0]),
        "last": Quantity(last, "target", columns["mae_low"][-1], columns["mae_high"][-1]),
        "from": x[0],
        "to": x[-1],
    }
    if len(x) == 1:
        title = text(gettext_noop("Forecasts of %(from)d steps are off by %(first)s"), **values)
    elif last > NOTABLE_RATIO * first:
        title = text(gettext_noop("Errors grow with the horizon: from %(first)s to %(last)s"), **values)
    elif first > NOTABLE_RATIO * last:
        title = text(gettext_noop("Errors shrink with the horizon: from %(first)s to %(last)s"), **values)
    else:
        title = Message(gettext_noop("Errors are alike at every horizon"))
    label = hover(gettext_noop("%(x)s steps ahead: %(y)s%(end)s"), x="%{x}", y="%{y:.4~g}")
    return Figure(
        key="error_by_horizon",
        title=title,
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Mean absolute error with its 95% interval, and mean error, by steps ahead.")
        ),
        alt=text(
            gettext_noop(
                "Error over the horizon. The mean absolute error is %(first)s at %(from)d steps and "
                "%(last)s at %(to)d."
            ),
            **values,
        ),
        data=[
            band(x, columns["mae_low"], columns["mae_high"], Message(INTERVAL_TEXT)),
            line(Message(_MAE), x, rounded(columns["mae"]), hovertemplate=label, **_look(x)),
            line(
                Message(gettext_noop("Mean error")),
                x,
                rounded(columns["bias"]),
                colour="--c2",
                dash="dot",
                hovertemplate=label,
                **_look(x),
            ),
        ],
        layout={
            "xaxis": axis(gettext_noop("Steps ahead")),
            "yaxis": axis(gettext_noop("Error"), zeroline=True, zerolinecolor="var(--text-3)"),
        },
        table=table,
        headings=(
            Heading("horizon", Message(gettext_noop("Steps ahead")), "count"),
            *_bounded("mae", _MAE, "target"),
            *_bounded("bias", gettext_noop("Mean error"), "target"),
            *_bounded("mase", gettext_noop("MASE"), "score"),
            *_bounded("interval_coverage", gettext_noop("Coverage"), "share"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )


def _look(x: list[int]) -> dict[str, Any]:
    """A line of one point needs a marker to be seen."""
    return {"mode": "lines+markers"} if len(x) == 1 else {}


def _bounded(name: str, label: str, unit: str) -> tuple[Heading, Heading, Heading]:
    return (
        Heading(name, Message(label), unit),
        Heading(f"{name}_low", Message(gettext_noop("Interval from")), unit),
        Heading(f"{name}_high", Message(gettext_noop("Interval to")), unit),
    )


def worst_series(result: EvaluationResult) -> Figure:
    """By MASE, or by sMAPE where the file has no scale."""
    table = result.tables["worst_series"]
    by_mase = table.columns["mase"][0] is not None
    key, unit, name = (
        ("mase", "score", gettext_noop("MASE")) if by_mase else ("smape", "share", gettext_noop("sMAPE"))
    )
    rows = [
        row
        for row in table.rows("series", key, f"{key}_low", f"{key}_high")[:MOST_DRAWN]
        if row[1] is not None
    ]
    names, places = [str(row[0]) for row in rows], list(range(len(rows)))
    _series, value, low, high = rows[0]
    values = {"series": names[0], "value": Quantity(value, unit, low, high), "metric": Message(name)}
    naive = [reference(Message(gettext_noop("Naive forecast")), [1, 1], [-0.5, len(rows) - 0.5])]
    return Figure(
        key="worst_series",
        title=text(gettext_noop("Series “%(series)s” is forecast worst: %(metric)s %(value)s"), **values),
        subtitle=text(
            gettext_noop(
                "The %(shown)d worst series by %(metric)s, with 95%% intervals where there are enough "
                "times. The numbers list up to 200."
            ),
            shown=len(rows),
            metric=Message(name),
        ),
        alt=text(
            gettext_noop("%(metric)s of the %(shown)d worst series. “%(series)s” is worst with %(value)s."),
            shown=len(rows),
            **values,
        ),
        data=[
            *(naive if by_mase else []),
            {
                "type": "scatter",
                "mode": "markers",
                "name": Message(name),
                "x": rounded([row[1] for row in rows]),
                "y": places,
                "customdata": classes_text(names, longest=80),
                "marker": {"size": 9, "color": "var(--c1)"},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded([0.0 if row[3] is None else row[3] - row[1] for row in rows]),
                    "arrayminus": rounded([0.0 if row[2] is None else row[1] - row[2] for row in rows]),
                    "color": "var(--c1)",
                    "thickness": 1.2,
                    "width": 0,
                },
                "hovertemplate": hover(
                    gettext_noop("%(name)s: %(x)s%(end)s"),
                    name="%{customdata}",
                    x="%{x:.3f}" if by_mase else "%{x:.1%}",
                ),
            },
        ],
        layout={
            "showlegend": False,
            "xaxis": axis(name, rangemode="tozero", **({} if by_mase else {"tickformat": ".0%"})),
            "yaxis": axis(
                gettext_noop("Series"),
                range=[len(rows) - 0.5, -0.5],
                showgrid=False,
                tickvals=places,
                ticktext=classes_text(names, longest=40),
            ),
        },
        table=table,
        headings=(
            Heading("series", Message(gettext_noop("Series"))),
            *_bounded("mase", gettext_noop("MASE"), "score"),
            *_bounded("smape", gettext_noop("sMAPE"), "share"),
            *_bounded("mae", _MAE, "target"),
            Heading("bias", Message(gettext_noop("Mean error")), "target"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
        height="h-420" if len(rows) > 6 else "h-300",
    )
