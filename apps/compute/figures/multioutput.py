"""Figures of a run that predicts several numbers per row."""

from __future__ import annotations

from apps.compute.figures.named import bounded, over_time, worst_first
from apps.compute.figures.theme import Figure, Heading, axis, bars, count_axis, hover, metric, text
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult


def figures(result: EvaluationResult) -> list[Figure]:
    drawn = []
    table = result.tables.get("per_output")
    if table is not None and any(value is not None for value in table.columns["r2"]):
        drawn.append(_per_output(result))
    if len(result.tables.get("row_correlations", ())):
        drawn.append(_correlations(result))
    if len(result.tables.get("loss_by_time", ())):
        loss = result.tables["loss_by_time"]
        drawn.append(
            over_time(loss, "loss_by_time", unit="target", measure=gettext_noop("Mean error of a row"))
        )
    return drawn


def _per_output(result: EvaluationResult) -> Figure:
    return worst_first(
        result.tables["per_output"],
        "output",
        "r2",
        unit="score",
        thing=gettext_noop("Output"),
        measure=gettext_noop("R²"),
        headings=(
            Heading("output", Message(gettext_noop("Output"))),
            Heading("n", Message(gettext_noop("Rows")), "count"),
            *bounded("r2", gettext_noop("R²"), "score"),
            Heading("mae", Message(gettext_noop("Mean absolute error")), "target"),
            Heading("rmse", Message(gettext_noop("Root mean squared error")), "target"),
            Heading("bias", Message(gettext_noop("Mean error (bias)")), "target"),
        ),
    )


def _correlations(result: EvaluationResult) -> Figure:
    found = metric(result, "outputs_row_correlation")
    mean = Quantity.of(found, "score") if found else Quantity(None, "score")
    table = result.tables["row_correlations"]
    return Figure(
        key="row_correlations",
        title=text(
            gettext_noop("Predictions of a row follow its truth: mean correlation %(mean)s"), mean=mean
        )
        if found
        else Message(gettext_noop("How predictions of a row follow its truth")),
        subtitle=Message(gettext_noop("Rows by the correlation of their predictions with their truth.")),
        alt=text(gettext_noop("Histogram of the correlation within rows; its mean is %(mean)s."), mean=mean),
        data=[
            bars(
                Message(gettext_noop("Rows")),
                table,
                "n",
                hovertemplate=hover(
                    gettext_noop("correlation %(x)s: %(y)s rows%(end)s"), x="%{x:.2f}", y="%{y:,}"
                ),
            )
        ],
        layout={
            "showlegend": False,
            "bargap": 0.05,
            "xaxis": axis(gettext_noop("Correlation within the row")),
            "yaxis": count_axis(gettext_noop("Rows")),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "score"),
            Heading("high", Message(gettext_noop("To")), "score"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )
