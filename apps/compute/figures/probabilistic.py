"""Figures of a run that predicts a distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.compute.figures.named import bounded, over_time
from apps.compute.figures.regression import band, by_time, histogram
from apps.compute.figures.theme import (
    INTERVAL_TEXT,
    Figure,
    Heading,
    axis,
    bars,
    hover,
    line,
    reference,
    rounded,
    share_axis,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "coverage_levels": _coverage,
        "pit_histogram": _pit,
        "quantile_calibration": _calibration,
        "residual_histogram": histogram,
        "residual_by_time": by_time,
        "loss_by_time": _loss,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def _loss(result: EvaluationResult) -> Figure:
    table = result.tables["loss_by_time"]
    return over_time(table, "loss_by_time", unit="target", measure=gettext_noop("Loss of a row"))


def _coverage(result: EvaluationResult) -> Figure:
    table = result.tables["coverage_levels"]
    columns = table.columns
    widest = {
        "level": Quantity(columns["level"][-1], "share"),
        "coverage": Quantity(
            columns["coverage"][-1], "share", columns["coverage_low"][-1], columns["coverage_high"][-1]
        ),
    }
    return Figure(
        key="coverage_levels",
        title=text(
            gettext_noop("Intervals meant to hold %(level)s hold %(coverage)s of the truths"), **widest
        ),
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Share of truths inside intervals over what they are meant to hold, 95% interval.")
        ),
        alt=text(
            gettext_noop("Coverage over level; intervals meant to hold %(level)s hold %(coverage)s."),
            **widest,
        ),
        data=_observed(columns["level"], columns, "coverage"),
        layout=_square(gettext_noop("Meant to hold"), gettext_noop("Holds")),
        table=table,
        headings=(
            Heading("level", Message(gettext_noop("Meant to hold")), "share"),
            *bounded("coverage", gettext_noop("Holds"), "share"),
            Heading("width", Message(gettext_noop("Mean width")), "target"),
            Heading("score", Message(gettext_noop("Interval score")), "target"),
        ),
    )


def _calibration(result: EvaluationResult) -> Figure:
    table = result.tables["quantile_calibration"]
    columns = table.columns
    gaps = [abs(seen - level) for level, seen in table.rows("level", "observed")]
    gap = Quantity(max(gaps), "points")
    return Figure(
        key="quantile_calibration",
        title=text(gettext_noop("Quantiles are off by at most %(gap)s"), gap=gap),
        subtitle=Message(
            # xgettext:no-python-format
            gettext_noop("Share of truths below each quantile over its level, with its 95% interval.")
        ),
        alt=text(gettext_noop("Calibration of quantiles; the largest gap is %(gap)s."), gap=gap),
        data=_observed(columns["level"], columns, "observed"),
        layout=_square(gettext_noop("Level"), gettext_noop("Truths below")),
        table=table,
        headings=(
            Heading("level", Message(gettext_noop("Level")), "share"),
            *bounded("observed", gettext_noop("Truths below"), "share"),
        ),
    )


def _observed(
    levels: Sequence[Any], columns: Mapping[str, Sequence[Any]], name: str
) -> list[dict[str, object]]:
    x = rounded(levels)
    return [
        band(x, columns[f"{name}_low"], columns[f"{name}_high"], Message(INTERVAL_TEXT)),
        line(
            Message(gettext_noop("Measured")),
            x,
            rounded(columns[name]),
            mode="lines+markers",
            hovertemplate=hover(gettext_noop("%(x)s: %(y)s%(end)s"), x="%{x:.1%}", y="%{y:.1%}"),
        ),
        reference(Message(gettext_noop("As meant")), [0, 1], [0, 1]),
    ]


def _square(x: str, y: str) -> dict[str, object]:
    return {"xaxis": share_axis(x), "yaxis": share_axis(y)}


def _pit(result: EvaluationResult) -> Figure:
    table = result.tables["pit_histogram"]
    columns = table.columns
    outer = columns["share"][0] + columns["share"][-1]
    expected = columns["expected"][0] + columns["expected"][-1]
    ends = {"outer": Quantity(outer, "share"), "expected": Quantity(expected, "share")}
    if outer > 1.2 * expected:
        title = gettext_noop("Distributions are too narrow: %(outer)s of the truths lie at their ends")
    elif outer < 0.8 * expected:
        title = gettext_noop("Distributions are too wide: %(outer)s of the truths lie at their ends")
    else:
        title = gettext_noop("Truths fall into their distributions about evenly")
    rate = [share / width for share, width in table.rows("share", "expected")]
    drawn = type(table)({**columns, "rate": rate})
    return Figure(
        key="pit_histogram",
        title=text(title, **ends),
        subtitle=Message(gettext_noop("Where truths fall in their own distribution, against even: 1.")),
        alt=text(
            gettext_noop("Truths at the ends of their distributions: %(outer)s, even would be %(expected)s."),
            **ends,
        ),
        data=[
            bars(
                Message(gettext_noop("Truths")),
                drawn,
                "rate",
                hovertemplate=hover(
                    gettext_noop("%(x)s: %(y)s times even%(end)s"), x="%{x:.2f}", y="%{y:.2f}"
                ),
            ),
            reference(Message(gettext_noop("Even")), [0, 1], [1, 1]),
        ],
        layout={
            "showlegend": False,
            "bargap": 0.05,
            "xaxis": axis(gettext_noop("Place in the distribution"), range=[0, 1]),
            "yaxis": axis(gettext_noop("Times even"), rangemode="tozero"),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "share"),
            Heading("high", Message(gettext_noop("To")), "share"),
            *bounded("share", gettext_noop("Share of truths"), "share"),
            Heading("expected", Message(gettext_noop("Even")), "share"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )
