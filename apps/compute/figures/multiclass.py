"""Figures of a run with more than two classes."""

from __future__ import annotations

from apps.compute.figures.confusion import multiclass_confusion
from apps.compute.figures.probability import confidence, top_calibration
from apps.compute.figures.theme import (
    MAX_CLASSES,
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
from apps.compute.results import EvaluationResult, Table


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "confusion": multiclass_confusion,
        "per_class": per_class,
        "calibration": top_calibration,
        "confidence_histogram": confidence,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def per_class(result: EvaluationResult) -> Figure:
    """Recall of every class with its interval, worst on top; the 20 worst where there are more."""
    whole = result.tables["per_class"]
    names = list(whole.columns)
    at = names.index("recall")
    rows = sorted((row for row in whole.rows() if row[names.index("support")]), key=lambda row: row[at])
    table = Table(dict(zip(names, map(list, zip(*rows[:MAX_CLASSES], strict=True)), strict=True)))
    recall, low, high = (table.columns[name] for name in ("recall", "recall_low", "recall_high"))
    worst = Quantity(recall[0], "share", low[0], high[0])
    values = {"name": table.columns["class"][0], "share": worst}
    subtitle = (
        text(gettext_noop("Recall of the %(shown)s worst of %(all)s classes, with 95%% intervals."),
             shown=len(table), all=len(rows))
        if len(rows) > len(table)
        # xgettext:no-python-format
        else Message(gettext_noop("Recall of each class, with 95% intervals."))
    )  # fmt: skip
    places = list(range(len(table)))
    return Figure(
        key="per_class",
        title=text(gettext_noop("“%(name)s” is found least often: in %(share)s of its rows"), **values),
        subtitle=subtitle,
        alt=text(
            gettext_noop("Recall by class, worst first. “%(name)s” is found in %(share)s of its rows."),
            **values,
        ),
        data=[
            {
                "type": "scatter",
                "mode": "markers",
                "name": Message(gettext_noop("Recall")),
                "x": rounded(recall),
                "y": places,
                "customdata": classes_text(list(table.columns["class"])),
                "marker": {"size": 9, "color": "var(--c1)"},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": rounded([max(0.0, b - a) for a, b in zip(recall, high, strict=True)]),
                    "arrayminus": rounded([max(0.0, a - b) for a, b in zip(recall, low, strict=True)]),
                    "color": "var(--c1)",
                    "thickness": 1.2,
                    "width": 0,
                },
                "hovertemplate": hover(
                    gettext_noop("%(name)s: %(x)s%(end)s"), name="%{customdata}", x="%{x:.1%}"
                ),
            }
        ],
        layout={
            "showlegend": False,
            "xaxis": share_axis(gettext_noop("Recall"), showgrid=True, gridcolor="var(--grid)"),
            "yaxis": axis(
                gettext_noop("Class"),
                autorange="reversed",
                showgrid=False,
                tickvals=places,
                ticktext=classes_text(list(table.columns["class"]), longest=18),
            ),
        },
        table=table,
        headings=(
            Heading("class", Message(gettext_noop("Class"))),
            Heading("support", Message(gettext_noop("Rows")), "count"),
            Heading("precision", Message(gettext_noop("Precision")), "share"),
            Heading("recall", Message(gettext_noop("Recall")), "share"),
            Heading("recall_low", Message(gettext_noop("Recall from")), "share"),
            Heading("recall_high", Message(gettext_noop("Recall to")), "share"),
            Heading("f1", Message(gettext_noop("F1")), "share"),
            Heading("roc_auc", Message(gettext_noop("ROC AUC")), "score"),
        ),
        height="h-420" if len(table) > 6 else "h-340",
    )
