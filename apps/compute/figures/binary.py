"""Figures of a two-class run."""

from __future__ import annotations

from apps.compute.figures.confusion import binary_confusion
from apps.compute.figures.probability import binary_calibration
from apps.compute.figures.theme import (
    Figure,
    Heading,
    axis,
    bars,
    hover,
    label,
    line,
    metric,
    nearest,
    point,
    reference,
    rounded,
    rows_of,
    share_axis,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table

#: A threshold is near the best one when it loses at most this part of the best F1.
NEAR_BEST = 0.99


def figures(result: EvaluationResult) -> list[Figure]:
    builders = {
        "pr": precision_recall,
        "roc": roc,
        "confusion": binary_confusion,
        "calibration": binary_calibration,
        "score_histogram": scores,
        "threshold_sweep": sweep,
        "gains": gains,
    }
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def _at_threshold(result: EvaluationResult, thresholds: list[float | None]) -> int | None:
    return None if result.threshold is None else nearest(thresholds, result.threshold)


def _working_point(result: EvaluationResult, table: Table, x: str, y: str) -> list[dict[str, object]]:
    at = _at_threshold(result, list(table.columns["threshold"]))
    if at is None:
        return []
    name = label(gettext_noop("Threshold %(threshold)s"), threshold=Quantity(result.threshold, "level"))
    return [point(name, table.columns[x][at], table.columns[y][at], hoverinfo="skip")]


def roc(result: EvaluationResult) -> Figure:
    table = result.tables["roc"]
    auc = metric(result, "roc_auc")
    share = Quantity.of(auc, "share") if auc else Quantity(None, "share")
    return Figure(
        key="roc",
        title=text(
            gettext_noop("A positive row scores higher than a negative one in %(share)s of pairs"),
            share=share,
        ),
        subtitle=text(gettext_noop("ROC curve of %(n)s rows."), n=rows_of(result)),
        alt=text(gettext_noop("ROC curve. The area under it is %(share)s."), share=share),
        data=[
            reference(Message(gettext_noop("Chance")), [0, 1], [0, 1]),
            line(
                Message(gettext_noop("This run")),
                rounded(table.columns["fpr"]),
                rounded(table.columns["tpr"]),
                hovertemplate=hover(
                    gettext_noop("false alarms %(x)s, found %(y)s%(end)s"), x="%{x:.3f}", y="%{y:.3f}"
                ),
            ),
            *_working_point(result, table, "fpr", "tpr"),
        ],
        layout={
            "xaxis": share_axis(gettext_noop("False alarms (share of the negatives)")),
            "yaxis": share_axis(gettext_noop("Found (share of the positives)")),
        },
        table=table,
        headings=(
            Heading("threshold", Message(gettext_noop("Threshold")), "level"),
            Heading("fpr", Message(gettext_noop("False alarms")), "share"),
            Heading("tpr", Message(gettext_noop("Found")), "share"),
        ),
    )


def precision_recall(result: EvaluationResult) -> Figure:
    table = result.tables["pr"]
    recall, precision = table.columns["recall"], table.columns["precision"]
    half = Quantity(precision[nearest(recall, 0.5)], "share")
    prevalence = metric(result, "prevalence")
    base = Quantity(prevalence.value if prevalence else None, "share")
    chance = []
    if prevalence:
        chance = [reference(Message(gettext_noop("Chance")), [0, 1], [prevalence.value, prevalence.value])]
    return Figure(
        key="pr",
        title=text(
            gettext_noop("When half of the positives are found, %(share)s of the alarms are right"),
            share=half,
        ),
        subtitle=text(
            gettext_noop("Precision-recall curve of %(n)s rows, %(base)s of them positive."),
            n=rows_of(result),
            base=base,
        ),
        alt=text(
            gettext_noop("Precision-recall curve. Precision is %(share)s at a recall of one half."),
            share=half,
        ),
        data=[
            *chance,
            line(
                Message(gettext_noop("This run")),
                rounded(recall),
                rounded(precision),
                hovertemplate=hover(
                    gettext_noop("recall %(x)s, precision %(y)s%(end)s"), x="%{x:.3f}", y="%{y:.3f}"
                ),
            ),
            *_working_point(result, table, "recall", "precision"),
        ],
        layout={
            "xaxis": share_axis(gettext_noop("Recall (share of the positives found)")),
            "yaxis": share_axis(gettext_noop("Precision")),
        },
        table=table,
        headings=(
            Heading("threshold", Message(gettext_noop("Threshold")), "level"),
            Heading("recall", Message(gettext_noop("Recall")), "share"),
            Heading("precision", Message(gettext_noop("Precision")), "share"),
        ),
    )


def scores(result: EvaluationResult) -> Figure:
    table = result.tables["score_histogram"]
    negative, positive = table.columns["negative"], table.columns["positive"]
    shared = Quantity(_overlap(list(negative), list(positive)), "share")
    shares = Table(
        {
            **table.columns,
            "negative_share": _shares(list(negative)),
            "positive_share": _shares(list(positive)),
        }
    )
    place = hover(gettext_noop("score %(x)s: %(y)s%(end)s"), x="%{x:.2f}", y="%{y:.1%}")
    return Figure(
        key="score_histogram",
        title=text(gettext_noop("The scores of the two classes overlap by %(share)s"), share=shared),
        subtitle=Message(gettext_noop("Share of each class in 30 bins of the score.")),
        alt=text(
            gettext_noop("Two histograms of the score, one per class. They overlap by %(share)s."),
            share=shared,
        ),
        data=[
            bars(
                Message(gettext_noop("Negative")), shares, "negative_share",
                colour="--c0", opacity=0.75, hovertemplate=place,
            ),
            bars(
                label(gettext_noop("Positive: %(name)s"), name=result.positive or "1"),
                shares, "positive_share",
                hatch=True, opacity=0.75, hovertemplate=place,
            ),
        ],
        layout={
            "barmode": "overlay",
            "bargap": 0,
            "xaxis": share_axis(gettext_noop("Score")),
            "yaxis": axis(gettext_noop("Share of the class"), tickformat=".0%", rangemode="tozero"),
        },
        table=table,
        headings=(
            Heading("low", Message(gettext_noop("From")), "level"),
            Heading("high", Message(gettext_noop("To")), "level"),
            Heading("negative", Message(gettext_noop("Negative")), "count"),
            Heading("positive", Message(gettext_noop("Positive")), "count"),
        ),
    )  # fmt: skip


def _shares(counts: list[float]) -> list[float]:
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def _overlap(first: list[float], second: list[float]) -> float:
    return sum(min(a, b) for a, b in zip(_shares(first), _shares(second), strict=True))


def sweep(result: EvaluationResult) -> Figure:
    table = result.tables["threshold_sweep"]
    thresholds, f1 = table.columns["threshold"], table.columns["f1"]
    best = max(range(len(f1)), key=lambda i: f1[i] or 0.0)
    at = _at_threshold(result, list(thresholds))
    where = Quantity(thresholds[best], "level")
    if at is None:
        title = text(gettext_noop("F1 is best at threshold %(best)s"), best=where)
    elif (f1[at] or 0.0) >= NEAR_BEST * (f1[best] or 0.0):
        title = text(gettext_noop("The threshold is near the best one for F1, %(best)s"), best=where)
    else:
        title = text(
            gettext_noop("F1 would be better at threshold %(best)s: %(high)s instead of %(now)s"),
            best=where,
            high=Quantity(f1[best], "share"),
            now=Quantity(f1[at], "share"),
        )
    series = {
        "precision": (gettext_noop("Precision"), "--c2", "dot"),
        "recall": (gettext_noop("Recall"), "--c3", "dash"),
        "specificity": (gettext_noop("Specificity"), "--c4", "dashdot"),
        "f1": (gettext_noop("F1"), "--c1", "solid"),
    }
    lines = [
        line(
            Message(words),
            thresholds,
            rounded(table.columns[name]),
            colour=colour,
            dash=dash,
            hovertemplate=hover(gettext_noop("threshold %(x)s: %(y)s%(end)s"), x="%{x:.2f}", y="%{y:.1%}"),
        )
        for name, (words, colour, dash) in series.items()
    ]
    return Figure(
        key="threshold_sweep",
        title=title,
        subtitle=Message(gettext_noop("What each threshold on the score would give.")),
        alt=text(
            gettext_noop("Line chart over the threshold. F1 peaks at %(best)s with %(high)s."),
            best=where,
            high=Quantity(f1[best], "share"),
        ),
        data=[*lines, *_working_point(result, table, "threshold", "f1")],
        layout={
            "xaxis": share_axis(gettext_noop("Threshold")),
            "yaxis": share_axis(gettext_noop("Share")),
            "margin": {"t": 30},
        },
        table=table,
        headings=(
            Heading("threshold", Message(gettext_noop("Threshold")), "level"),
            Heading("precision", Message(gettext_noop("Precision")), "share"),
            Heading("recall", Message(gettext_noop("Recall")), "share"),
            Heading("specificity", Message(gettext_noop("Specificity")), "share"),
            Heading("f1", Message(gettext_noop("F1")), "share"),
            Heading("tp", Message(gettext_noop("True positives")), "count"),
            Heading("fp", Message(gettext_noop("False positives")), "count"),
        ),
    )


def gains(result: EvaluationResult) -> Figure:
    table = result.tables["gains"]
    share, recall = table.columns["share"], table.columns["recall"]
    tenth = nearest(share, 0.1)
    part, found = Quantity(share[tenth], "share"), Quantity(recall[tenth], "share")
    return Figure(
        key="gains",
        title=text(
            gettext_noop("The highest tenth of the scores holds %(found)s of the positives"), found=found
        ),
        subtitle=Message(gettext_noop("Cumulative gains: rows sorted by score, highest first.")),
        alt=text(
            gettext_noop("Gains curve. The top %(part)s of the rows hold %(found)s of the positives."),
            part=part,
            found=found,
        ),
        data=[
            reference(Message(gettext_noop("Chance")), [0, 1], [0, 1]),
            line(
                Message(gettext_noop("This run")),
                rounded(share),
                rounded(recall),
                hovertemplate=hover(
                    gettext_noop("top %(x)s: %(y)s of the positives%(end)s"), x="%{x:.1%}", y="%{y:.1%}"
                ),
            ),
        ],
        layout={
            "xaxis": share_axis(gettext_noop("Share of the rows")),
            "yaxis": share_axis(gettext_noop("Share of the positives")),
        },
        table=table,
        headings=(
            Heading("share", Message(gettext_noop("Rows")), "share"),
            Heading("recall", Message(gettext_noop("Positives found")), "share"),
            Heading("precision", Message(gettext_noop("Precision")), "share"),
            Heading("lift", Message(gettext_noop("Lift")), "ratio"),
        ),
    )
