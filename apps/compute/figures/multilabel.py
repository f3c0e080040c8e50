"""Figures of a run that predicts several labels per row."""

from __future__ import annotations

from apps.compute.figures.named import bounded, over_time, worst_first
from apps.compute.figures.theme import Figure, Heading, axis, count_axis, hover, metric, rounded, text
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult


def figures(result: EvaluationResult) -> list[Figure]:
    drawn = []
    if len(result.tables.get("per_label", ())):
        drawn.append(_per_label(result))
    if len(result.tables.get("wrong_labels", ())):
        drawn.append(_wrong(result))
    if len(result.tables.get("exact_match_by_time", ())):
        table = result.tables["exact_match_by_time"]
        drawn.append(
            over_time(table, "exact_match_by_time", unit="share", measure=gettext_noop("Exact match"))
        )
    return drawn


def _per_label(result: EvaluationResult) -> Figure:
    return worst_first(
        result.tables["per_label"],
        "label",
        "f1",
        unit="share",
        thing=gettext_noop("Label"),
        measure=gettext_noop("F1"),
        headings=(
            Heading("label", Message(gettext_noop("Label"))),
            Heading("support", Message(gettext_noop("True")), "count"),
            Heading("predicted", Message(gettext_noop("Predicted")), "count"),
            *bounded("f1", gettext_noop("F1"), "share"),
            Heading("precision", Message(gettext_noop("Precision")), "share"),
            Heading("recall", Message(gettext_noop("Recall")), "share"),
            Heading("roc_auc", Message(gettext_noop("ROC AUC")), "score"),
        ),
    )


def _wrong(result: EvaluationResult) -> Figure:
    table = result.tables["wrong_labels"]
    exact = metric(result, "exact_match")
    share = Quantity.of(exact, "share") if exact else Quantity(None, "share")
    return Figure(
        key="wrong_labels",
        title=text(gettext_noop("All labels are right in %(share)s of the rows"), share=share),
        subtitle=Message(gettext_noop("Rows by the number of their wrong labels.")),
        alt=text(
            gettext_noop("Bars of rows by the number of wrong labels; none is wrong in %(share)s."),
            share=share,
        ),
        data=[
            {
                "type": "bar",
                "name": Message(gettext_noop("Rows")),
                "x": list(table.columns["wrong"]),
                "y": rounded(table.columns["n"]),
                "marker": {"color": "var(--c1)"},
                "hovertemplate": hover(gettext_noop("%(x)s wrong: %(y)s rows%(end)s"), x="%{x}", y="%{y:,}"),
            }
        ],
        layout={
            "showlegend": False,
            "bargap": 0.2,
            "xaxis": axis(gettext_noop("Wrong labels of a row"), dtick=1),
            "yaxis": count_axis(gettext_noop("Rows")),
        },
        table=table,
        headings=(
            Heading("wrong", Message(gettext_noop("Wrong labels of a row")), "count"),
            Heading("n", Message(gettext_noop("Rows")), "count"),
        ),
    )
