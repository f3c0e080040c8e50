"""Figures of a run that predicts counts."""

from __future__ import annotations

from apps.compute.figures.named import bounded
from apps.compute.figures.regression import band, by_time, histogram
from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    count_axis,
    hover,
    line,
    reference,
    rounded,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "count_calibration": _calibration,
        "rootogram": _rootogram,
        "residual_histogram": histogram,
        "residual_by_time": by_time,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def _calibration(result: EvaluationResult) -> Figure:
    table = result.tables["count_calibration"]
    columns = table.columns
    x = rounded(columns["mean_predicted"])
    ends = [min(columns["mean_predicted"]), max(columns["mean_predicted"])]
    top = {
        "predicted": Quantity(columns["mean_predicted"][-1], "target"),
        "observed": Quantity(columns["observed"][-1], "target"),
    }
    return Figure(
        key="count_calibration",
        title=text(
            gettext_noop("The highest tenth is predicted as %(predicted)s and seen as %(observed)s"), **top
        ),
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Mean count over mean prediction in tenths of the rows, with its 95% interval.")
        ),
        alt=text(
            gettext_noop(
                "Mean count over mean prediction. In the highest tenth %(predicted)s are predicted and "
                "%(observed)s seen."
            ),
            **top,
        ),
        data=[
            band(x, columns["observed_low"], columns["observed_high"], Message(INTERVAL_TEXT)),
            line(
                Message(gettext_noop("Mean count")),
                x,
                rounded(columns["observed"]),
                hovertemplate=hover(
                    gettext_noop("predicted %(x)s, seen %(y)s%(end)s"), x="%{x:.4~g}", y="%{y:.4~g}"
                ),
            ),
            reference(Message(gettext_noop("Predicted = seen")), ends, ends),
        ],
        layout={"xaxis": axis(gettext_noop("Mean prediction")), "yaxis": axis(gettext_noop("Mean count"))},
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("Predicted from")), "target"),
            Heading("high", Message(gettext_noop("Predicted to")), "target"),
            Heading("mean_predicted", Message(gettext_noop("Mean prediction")), "target"),
            *bounded("observed", gettext_noop("Mean count"), "target"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )


def _rootogram(result: EvaluationResult) -> Figure:
    table = result.tables["rootogram"]
    columns = table.columns
    names = [
        str(low) if high == low else f"{low}+" if high is None else f"{low}–{high}"
        for low, high in table.rows("low", "high")
    ]
    zero = {
        "observed": Quantity(columns["observed"][0], "count"),
        "expected": Quantity(columns["expected"][0], "count"),
    }
    bar = {
        "type": "bar",
        "name": Message(gettext_noop("Seen")),
        "x": names,
        "y": rounded(columns["observed"]),
        "marker": {"color": "var(--c1)"},
        "hovertemplate": hover(gettext_noop("%(x)s: seen in %(y)s rows%(end)s"), x="%{x}", y="%{y:,.4~g}"),
    }
    return Figure(
        key="rootogram",
        title=text(
            gettext_noop(
                "The lowest counts are seen in %(observed)s rows, a Poisson model expects %(expected)s"
            ),
            **zero,
        ),
        subtitle=Message(gettext_noop("Rows by their count, and what Poisson counts with these means give.")),
        alt=text(
            gettext_noop("Rows by count: %(observed)s of the lowest are seen and %(expected)s expected."),
            **zero,
        ),
        data=[
            bar,
            line(
                Message(gettext_noop("Expected")),
                names,
                rounded(columns["expected"]),
                colour="--c2",
                dash="dot",
                hovertemplate=hover(
                    gettext_noop("%(x)s: expected in %(y)s rows%(end)s"), x="%{x}", y="%{y:,.4~g}"
                ),
            ),
        ],
        layout={
            "bargap": 0.1,
            "xaxis": axis(gettext_noop("Count"), type="category", nticks=12),
            "yaxis": count_axis(gettext_noop("Rows")),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("Count from")), "count"),
            Heading("high", Message(gettext_noop("Count to")), "count"),
            Heading("observed", Message(gettext_noop("Seen")), "count"),
            Heading("expected", Message(gettext_noop("Expected")), "count"),
        ),
    )
