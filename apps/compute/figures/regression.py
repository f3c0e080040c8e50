"""Figures of a run that predicts a number. An error is predicted minus actual: above 0 is too high."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    bars,
    count_axis,
    heat,
    hover,
    line,
    metric,
    reference,
    rounded,
    rows_of,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table

#: Spread or error of one end is called different from the other end from this ratio on.
NOTABLE_RATIO = 1.5
NOTABLE_CHANGE = 1.2


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "predicted_vs_actual": predicted_vs_actual,
        "residual_histogram": histogram,
        "residual_by_prediction": by_prediction,
        "residual_by_time": by_time,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def predicted_vs_actual(result: EvaluationResult) -> Figure:
    table = result.tables["predicted_vs_actual"]
    xs, ys = _middles(table, "actual"), _middles(table, "predicted")
    cells = {(p, a): n for p, a, n in table.rows("predicted_low", "actual_low", "n")}
    # The logarithm lets sparse cells be seen beside dense ones; the label says the count.
    z = [[math.log10(n) + 1 if (n := cells.get((p, a))) else None for a in xs] for p in ys]
    counts = [[cells.get((p, a), 0) for a in xs] for p in ys]
    ends = [min(min(xs.values()), min(ys.values())), max(max(xs.values()), max(ys.values()))]
    median = metric(result, "median_absolute_error")
    r2 = metric(result, "r2")
    half = Quantity.of(median, "target") if median else Quantity(None, "target")
    return Figure(
        key="predicted_vs_actual",
        title=text(gettext_noop("Half of the predictions miss by less than %(half)s"), half=half),
        subtitle=text(
            gettext_noop(
                "%(n)s rows in square cells; a darker cell holds more rows. Dotted: predicted = actual."
            ),
            n=rows_of(result),
        ),
        alt=text(
            gettext_noop(
                "Density of predicted against actual values. Half of the predictions miss by less than "
                "%(half)s; R² is %(r2)s."
            ),
            half=half,
            r2=Quantity.of(r2, "score") if r2 else Quantity(None, "score"),
        ),
        data=[
            heat(
                [rounded(row) for row in z],
                x=rounded(list(xs.values())),
                y=rounded(list(ys.values())),
                zmin=0,
                customdata=counts,
                hoverongaps=False,
                hovertemplate=hover(
                    gettext_noop("actual %(x)s, predicted %(y)s: %(n)s rows%(end)s"),
                    x="%{x:.4~g}",
                    y="%{y:.4~g}",
                    n="%{customdata:,}",
                ),
            ),
            reference(Message(gettext_noop("Predicted = actual")), ends, ends),
        ],
        layout={
            "showlegend": False,
            "xaxis": axis(gettext_noop("Actual")),
            "yaxis": axis(gettext_noop("Predicted"), showgrid=False),
        },
        table=table,
        headings=(
            Heading("actual_low", Message(gettext_noop("Actual from")), "target"),
            Heading("actual_high", Message(gettext_noop("Actual to")), "target"),
            Heading("predicted_low", Message(gettext_noop("Predicted from")), "target"),
            Heading("predicted_high", Message(gettext_noop("Predicted to")), "target"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
        height="h-340",
    )


def _middles(table: Table, side: str) -> dict[float, float]:
    """Low end -> middle of every bin between the first and the last one held, without holes."""
    pairs = sorted(set(zip(table.columns[f"{side}_low"], table.columns[f"{side}_high"], strict=True)))
    return {low: (low + high) / 2 for low, high in pairs}


def histogram(result: EvaluationResult) -> Figure:
    table = result.tables["residual_histogram"]
    bias = metric(result, "mean_error")
    title = Message(gettext_noop("Errors of the predictions"))
    if bias is not None and bias.value is not None and bias.low is not None and bias.high is not None:
        size = Quantity(abs(bias.value), "target", bias.low, bias.high)
        if bias.low <= 0 <= bias.high:
            title = Message(gettext_noop("No bias is seen: the errors centre on zero"))
        elif bias.value > 0:
            title = text(gettext_noop("Predictions are %(size)s too high on average"), size=size)
        else:
            title = text(gettext_noop("Predictions are %(size)s too low on average"), size=size)
    return Figure(
        key="residual_histogram",
        title=title,
        subtitle=text(
            gettext_noop(
                "Error = predicted minus actual, %(n)s rows. The outermost bins hold what lies beyond."
            ),
            n=rows_of(result),
        ),
        alt=text(
            gettext_noop("Histogram of the error. The mean error is %(bias)s."),
            bias=Quantity.of(bias, "target") if bias else Quantity(None, "target"),
        ),
        data=[
            bars(
                Message(gettext_noop("Rows")),
                table,
                "n",
                hovertemplate=hover(
                    gettext_noop("error %(x)s: %(y)s rows%(end)s"), x="%{x:.4~g}", y="%{y:,}"
                ),
            )
        ],
        layout={
            "bargap": 0.05,
            "showlegend": False,
            "xaxis": axis(gettext_noop("Error")),
            "yaxis": count_axis(gettext_noop("Rows")),
            "shapes": [_upright(0)],
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "target"),
            Heading("high", Message(gettext_noop("To")), "target"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
        height="h-340",
    )


def _upright(x: float) -> dict[str, Any]:
    style = {"color": "var(--text)", "width": 1.2, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": style}


def by_prediction(result: EvaluationResult) -> Figure:
    table = result.tables["residual_by_prediction"]
    columns = table.columns
    x = rounded([(low + high) / 2 for low, high in zip(columns["low"], columns["high"], strict=True)])
    spread = [b - a for a, b in zip(columns["p10"], columns["p90"], strict=True)]
    first, last = _end_means(spread)
    values = {"first": Quantity(first, "target"), "last": Quantity(last, "target")}
    if last > NOTABLE_RATIO * first:
        title = Message(gettext_noop("Errors grow with the prediction"))
    elif first > NOTABLE_RATIO * last:
        title = Message(gettext_noop("Errors shrink with the prediction"))
    else:
        title = Message(gettext_noop("Errors are alike at every prediction"))
    return Figure(
        key="residual_by_prediction",
        title=title,
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Mean error in bins with equal numbers of rows. Band: 80% of the errors.")
        ),
        alt=text(
            gettext_noop(
                "Error over the prediction. The middle 80%% of the errors span %(first)s in the lowest third "
                "of the predictions and %(last)s in the highest."
            ),
            **values,
        ),
        data=[
            # xgettext:no-python-format
            band(x, columns["p10"], columns["p90"], Message(gettext_noop("80% of the errors"))),
            line(
                Message(gettext_noop("Mean error")),
                x,
                rounded(columns["mean"]),
                hovertemplate=hover(
                    gettext_noop("prediction %(x)s: mean error %(y)s%(end)s"), x="%{x:.4~g}", y="%{y:.4~g}"
                ),
            ),
        ],
        layout={
            "xaxis": axis(gettext_noop("Predicted")),
            "yaxis": axis(gettext_noop("Error"), zeroline=True, zerolinecolor="var(--text-3)"),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("Predicted from")), "target"),
            Heading("high", Message(gettext_noop("To")), "target"),
            Heading("mean", Message(gettext_noop("Mean error")), "target"),
            Heading("p10", Message(gettext_noop("10% below")), "target"),
            Heading("p50", Message(gettext_noop("Median")), "target"),
            Heading("p90", Message(gettext_noop("90% below")), "target"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )


def by_time(result: EvaluationResult) -> Figure:
    table = result.tables["residual_by_time"]
    columns = table.columns
    first, last = _end_means([value for value in columns["mae"] if value is not None])
    values = {"first": Quantity(first, "target"), "last": Quantity(last, "target")}
    if last > NOTABLE_CHANGE * first:
        title = text(gettext_noop("Errors grew over time: from %(first)s to %(last)s"), **values)
    elif first > NOTABLE_CHANGE * last:
        title = text(gettext_noop("Errors shrank over time: from %(first)s to %(last)s"), **values)
    else:
        title = Message(gettext_noop("The size of the errors is steady over time"))
    return Figure(
        key="residual_by_time",
        title=title,
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Mean error per period with its 95% interval, and mean absolute error.")
        ),
        alt=text(
            gettext_noop(
                "Error over time. The mean absolute error is %(first)s in the first third and %(last)s in "
                "the last."
            ),
            **values,
        ),
        data=[
            band(list(columns["start"]), columns["low"], columns["high"], Message(INTERVAL_TEXT)),
            line(
                Message(gettext_noop("Mean error")),
                list(columns["start"]),
                rounded(columns["mean"]),
                hovertemplate=hover(gettext_noop("mean error %(y)s%(end)s"), y="%{y:.4~g}"),
            ),
            line(
                Message(gettext_noop("Mean absolute error")),
                list(columns["start"]),
                rounded(columns["mae"]),
                colour="--c2",
                dash="dot",
                hovertemplate=hover(gettext_noop("mean absolute error %(y)s%(end)s"), y="%{y:.4~g}"),
            ),
        ],
        layout={
            "xaxis": axis(gettext_noop("Time")),
            "yaxis": axis(gettext_noop("Error"), zeroline=True, zerolinecolor="var(--text-3)"),
        },
        table=table,
        headings=(
            Heading("start", Message(gettext_noop("From"))),
            Heading("end", Message(gettext_noop("To"))),
            Heading("mean", Message(gettext_noop("Mean error")), "target"),
            Heading("low", Message(gettext_noop("Interval from")), "target"),
            Heading("high", Message(gettext_noop("Interval to")), "target"),
            Heading("mae", Message(gettext_noop("Mean absolute error")), "target"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )


def _end_means(values: Sequence[float]) -> tuple[float, float]:
    """Means of the first and of the last third."""
    third = max(1, len(values) // 3)
    return sum(values[:third]) / third, sum(values[-third:]) / third


def band(
    x: Sequence[Any], low: Sequence[float | None], high: Sequence[float | None], name: Message
) -> dict[str, Any]:
    """One closed outline; bins without both ends are left out."""
    ends = [row for row in zip(x, low, high, strict=True) if row[1] is not None and row[2] is not None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [at for at, _, _ in ends] + [at for at, _, _ in reversed(ends)],
        "y": rounded([bottom for _, bottom, _ in ends] + [top for _, _, top in reversed(ends)]),
        "fill": "toself",
        "fillcolor": "var(--c1-soft)",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
