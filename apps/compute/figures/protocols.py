"""Figures of a protocol's result: groups with intervals, retention curves, detection of shifted rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.compute.figures.theme import (
    Figure,
    Heading,
    axis,
    bars,
    classes_text,
    count_axis,
    hover,
    line,
    reference,
    rounded,
    share_axis,
    text,
)
from apps.compute.labels import canonical
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.compute.protocols.records import PROTOCOLS
from apps.compute.protocols.result import ProtocolResult
from apps.compute.results import MetricResult, Table

#: Groups that are drawn, the worst first; the table has more.
MOST_DRAWN = 30
#: The number of a group that is drawn, its words and its unit; of an error the largest is the worst.
_GROUP_VALUES = {
    "precision": (gettext_noop("Precision"), "share"),
    "recall": (gettext_noop("Recall"), "share"),
    "average_precision": (gettext_noop("Average precision"), "share"),
    "pearson": (gettext_noop("Pearson correlation"), "score"),
    "accuracy": (gettext_noop("Accuracy"), "share"),
    "error": (gettext_noop("Mean error"), "score"),
}
_COLUMNS = {
    "group": (gettext_noop("Group"), "text"),
    "identity": (gettext_noop("Identity"), "text"),
    "label": (gettext_noop("True label"), "text"),
    "n": (gettext_noop("Rows"), "count"),
    "labels": (gettext_noop("Labels"), "count"),
    "selected": (gettext_noop("Selected"), "count"),
    "accuracy": (gettext_noop("Accuracy"), "share"),
    "precision": (gettext_noop("Precision"), "share"),
    "recall": (gettext_noop("Recall"), "share"),
    "f1": (gettext_noop("F1"), "share"),
    "average_precision": (gettext_noop("Average precision"), "share"),
    "pearson": (gettext_noop("Pearson correlation"), "score"),
    "mse": (gettext_noop("Mean squared error"), "score"),
    "error": (gettext_noop("Mean error"), "score"),
    "mean": (gettext_noop("Mean"), "score"),
    "measure": (gettext_noop("Measure"), "text"),
    "unit": (gettext_noop("Row"), "text"),
    "retained": (gettext_noop("Kept"), "share"),
    "random": (gettext_noop("Random order"), "score"),
    "ideal": (gettext_noop("Best order"), "score"),
    "normalized_dice": (gettext_noop("Normalised Dice"), "share"),
    "fpr": (gettext_noop("False alarms"), "share"),
    "tpr": (gettext_noop("Shifted rows found"), "share"),
    "low": (gettext_noop("From"), "score"),
    "high": (gettext_noop("To"), "score"),
}


def figures_of_protocol(result: ProtocolResult) -> list[Figure]:
    """Every figure that the result has a table for, the one of its main metric first."""
    builders = {"groups": _groups, "retention": _retention, "f1": _f1, "roc": _roc, "histogram": _histogram}
    return [build(result) for name, build in builders.items() if len(result.tables.get(name, ()))]


def headings_of(table: Table) -> tuple[Heading, ...]:
    """Words and units of the columns of any table of a protocol, in a settled order."""
    found = []
    for name in sorted(table.columns, key=_order):
        stem, end = _stem(name)
        known = _COLUMNS.get(stem)
        if known is None and stem in METRICS:
            known = (METRICS[stem].label, METRICS[stem].unit)
        words, unit = known or (stem, "score")
        label = Message(words)
        if end:
            label = Message(_FROM if end == "low" else _TO, {"name": label})
        found.append(Heading(name, label, unit))
    return tuple(found)


def _stem(name: str) -> tuple[str, str]:
    for end in ("low", "high"):
        if name.endswith(f"_{end}"):
            return name.removesuffix(f"_{end}"), end
    return name, ""


def _order(name: str) -> tuple[int, str, int]:
    stem, end = _stem(name)
    known = [*_COLUMNS, *METRICS]
    return (known.index(stem) if stem in known else len(known)), stem, ("", "low", "high").index(end)


def _metric(result: ProtocolResult, *keys: str) -> MetricResult | None:
    """The first of the metrics that was computed and is defined."""
    found = {metric.key: metric for metric in result.metrics if metric.value is not None}
    return next((found[key] for key in keys if key in found), None)


def _quantity(metric: MetricResult | None) -> Quantity:
    return Quantity(None, "score") if metric is None else Quantity.of(metric, METRICS[metric.key].unit)


@dataclass(frozen=True, slots=True)
class WorstGroup:
    """``label`` is the message id of the number that is worst there."""

    name: str
    n: int
    label: str
    unit: str
    value: float
    low: float | None
    high: float | None


def worst_group(result: ProtocolResult) -> WorstGroup | None:
    """The group with the worst number, of those that may be the worst; None where there are no groups."""
    table = result.tables.get("groups")
    if table is None:
        return None
    number, rows = _rows(table)
    left_out = {canonical(name) for name in result.params.get("left_out", ())}
    for name, n, value, low, high in rows:
        if name not in left_out:
            return WorstGroup(name, n, *_GROUP_VALUES[number], value, low, high)
    return None


@dataclass(frozen=True, slots=True)
class Numbers:
    table: Table
    headings: tuple[Heading, ...]


def measures(result: ProtocolResult) -> Numbers | None:
    """Measures of uncertainty with their numbers; None where the protocol has none."""
    table = result.tables.get("measures")
    if table is None:
        return None
    return Numbers(table, tuple(heading for heading in headings_of(table) if not _stem(heading.name)[1]))


def _rows(table: Table) -> tuple[str, list[tuple[Any, ...]]]:
    """The number that is drawn, and (group, n, value, low, high) of the groups that have it, worst first."""
    name = next(name for name in _GROUP_VALUES if name in table.columns)
    rows = table.rows("group", "n", name, f"{name}_low", f"{name}_high")
    having = sorted((row for row in rows if row[2] is not None), key=lambda row: float(row[2]))
    return name, having[::-1] if name == "error" else having


def _groups(result: ProtocolResult) -> Figure:
    table = result.tables["groups"]
    name, rows = _rows(table)
    rows = rows[:MOST_DRAWN]
    words, unit = _GROUP_VALUES[name]
    places = list(range(len(rows)))
    value, low, high = (rounded([row[i] for row in rows]) for i in (2, 3, 4))
    worst = worst_group(result)
    params = {
        "name": worst.name if worst else "—",
        "value": Quantity(worst.value, unit, worst.low, worst.high) if worst else Quantity(None, unit),
        "number": Message(words),
    }
    return Figure(
        key="protocol_groups",
        title=text(gettext_noop("Worst for “%(name)s”: %(number)s %(value)s"), **params),
        subtitle=text(
            # xgettext:no-python-format
            gettext_noop("%(number)s of %(shown)s of %(all)s groups, with 95%% intervals."),
            number=Message(words), shown=len(rows), all=len(table),
        ),
        alt=text(gettext_noop("Dots by group. The worst is “%(name)s” with %(number)s %(value)s."), **params),
        data=[
            {
                "type": "scatter", "mode": "markers", "name": Message(words), "x": value, "y": places,
                "customdata": classes_text([row[0] for row in rows]),
                "marker": {"size": 9, "color": "var(--c1)"},
                "error_x": {
                    "type": "data", "symmetric": False, "color": "var(--c1)", "thickness": 1.2, "width": 0,
                    "array": _gaps(value, high, 1), "arrayminus": _gaps(value, low, -1),
                },
                "hovertemplate": hover(
                    gettext_noop("%(name)s: %(x)s%(end)s"), name="%{customdata}",
                    x="%{x:.1%}" if unit == "share" else "%{x:.4g}",
                ),
            },
            *_average(result, name, len(rows)),
        ],
        layout={
            "showlegend": False,
            "xaxis": share_axis(words, showgrid=True, gridcolor="var(--grid)") if unit == "share"
            else axis(words, showgrid=True, gridcolor="var(--grid)"),
            "yaxis": axis(
                gettext_noop("Group"), autorange="reversed", showgrid=False, tickvals=places,
                ticktext=classes_text([row[0] for row in rows], longest=18),
            ),
        },
        table=table,
        headings=headings_of(table),
        height="h-420" if len(rows) > 6 else "h-300",
    )  # fmt: skip


def _average(result: ProtocolResult, name: str, groups: int) -> list[dict[str, Any]]:
    """A line at the number over all rows, where the result has one."""
    keys = {
        "accuracy": ("accuracy", "token_accuracy", "detection_accuracy"),
        "precision": ("precision_at_recall",),
        "average_precision": ("pooled_average_precision",),
        "pearson": ("pearson",),
    }
    found = _metric(result, *keys.get(name, ()))
    if found is None:
        return []
    value = rounded([found.value, found.value])
    return [reference(Message(gettext_noop("All rows")), value, [-0.5, groups - 0.5])]


def _gaps(values: Sequence[float | None], ends: Sequence[float | None], sign: int) -> list[float | None]:
    return rounded(
        [
            None if a is None or b is None else max(0.0, sign * (b - a))
            for a, b in zip(values, ends, strict=True)
        ]
    )


def _retention(result: ProtocolResult) -> Figure:
    table = result.tables["retention"]
    is_dice = "normalized_dice" in table.columns
    y = "normalized_dice" if is_dice else "error"
    found = _metric(result, "ndsc_retention_error" if is_dice else "retention_auc")
    ratio = _metric(result, "rejection_ratio")
    retained = rounded(table.columns["retained"])
    shown = hover(gettext_noop("%(x)s kept: %(y)s%(end)s"), x="%{x:.0%}", y="%{y:.4g}")
    data = [line(Message(_COLUMNS[y][0]), retained, rounded(table.columns[y]), hovertemplate=shown)]
    for name in ("random", "ideal"):
        if name in table.columns:
            data.append(reference(Message(_COLUMNS[name][0]), retained, rounded(table.columns[name])))
    params = {"area": _quantity(found), "ratio": _quantity(ratio), "label": _label(found)}
    title = (
        gettext_noop("%(label)s: %(area)s")
        if ratio is None
        else gettext_noop("The uncertainty goes %(ratio)s of the way from a random order to the best one")
    )
    return Figure(
        key="protocol_retention",
        title=text(title, **params),
        subtitle=text(
            gettext_noop("What is left when the least certain rows are passed on. %(label)s: %(area)s."),
            **params,
        ),
        alt=text(
            gettext_noop(
                "Curve over the share of rows that is kept, the most certain first. %(label)s: %(area)s."
            ),
            **params,
        ),
        data=data,
        layout={
            "xaxis": share_axis(gettext_noop("Share of rows kept, the most certain first")),
            "yaxis": axis(_COLUMNS[y][0], rangemode="tozero"),
        },
        table=table,
        headings=headings_of(table),
        height="h-340",
    )


def _label(metric: MetricResult | None) -> Message:
    return Message(METRICS[metric.key].label) if metric else Message(gettext_noop("Retention"))


def _f1(result: ProtocolResult) -> Figure:
    table = result.tables["f1"]
    params = {
        "area": _quantity(_metric(result, "f1_retention_auc")),
        "value": _quantity(_metric(result, "f1_at_95_retention")),
    }
    shown = hover(gettext_noop("%(x)s kept: %(y)s%(end)s"), x="%{x:.0%}", y="%{y:.3f}")
    retained, f1 = (rounded(table.columns[name]) for name in ("retained", "f1"))
    return Figure(
        key="protocol_f1",
        title=text(gettext_noop("Acceptable predictions are told apart with an F1 of %(value)s"), **params),
        subtitle=text(
            gettext_noop("F1 over the share of rows kept; one row in twenty passed on. Area: %(area)s."),
            **params,
        ),
        alt=text(
            gettext_noop(
                "F1 of acceptable predictions over the share kept. Area %(area)s, near all %(value)s."
            ),
            **params,
        ),
        data=[line(Message(gettext_noop("F1")), retained, f1, hovertemplate=shown)],
        layout={
            "showlegend": False,
            "xaxis": share_axis(gettext_noop("Share of rows kept, the most certain first")),
            "yaxis": share_axis(gettext_noop("F1")),
        },
        table=table,
        headings=headings_of(table),
    )


def _roc(result: ProtocolResult) -> Figure:
    table = result.tables["roc"]
    params = {"area": _quantity(_metric(result, "ood_roc_auc"))}
    shown = hover(gettext_noop("%(y)s found at %(x)s false alarms%(end)s"), x="%{x:.1%}", y="%{y:.1%}")
    fpr, tpr = (rounded(table.columns[name]) for name in ("fpr", "tpr"))
    return Figure(
        key="protocol_roc",
        title=text(gettext_noop("Uncertainty finds shifted rows with a ROC AUC of %(area)s"), **params),
        subtitle=Message(gettext_noop("Rows from elsewhere against those like the training; 0.5 is chance.")),
        alt=text(
            gettext_noop("ROC curve of finding shifted rows by uncertainty. Its area is %(area)s."), **params
        ),
        data=[
            line(Message(gettext_noop("Uncertainty")), fpr, tpr, hovertemplate=shown),
            reference(Message(gettext_noop("Chance")), [0, 1], [0, 1]),
        ],
        layout={
            "xaxis": share_axis(gettext_noop("False alarms")),
            "yaxis": share_axis(gettext_noop("Shifted rows found")),
        },
        table=table,
        headings=headings_of(table),
        height="h-340",
    )


def _histogram(result: ProtocolResult) -> Figure:
    table = result.tables["histogram"]
    params = {
        "value": _quantity(_metric(result, PROTOCOLS[result.protocol].main)),
        "rows": Quantity(result.n, "count"),
    }
    return Figure(
        key="protocol_histogram",
        title=text(gettext_noop("The mean correlation of a row is %(value)s"), **params),
        subtitle=text(gettext_noop("How many of %(rows)s rows have which correlation."), **params),
        alt=text(gettext_noop("Histogram of the correlations of %(rows)s rows. Their mean is "
        "%(value)s."), **params),
        data=[
            bars(
                Message(gettext_noop("Rows")), table, "n",
                hovertemplate=hover(gettext_noop("around %(x)s: %(y)s%(end)s"), x="%{x:.2f}", y="%{y:,}"),
            )
        ],
        layout={
            "bargap": 0.05,
            "showlegend": False,
            "xaxis": axis(gettext_noop("Pearson correlation")),
            "yaxis": count_axis(gettext_noop("Rows")),
        },
        table=table,
        headings=headings_of(table),
    )  # fmt: skip


_FROM, _TO = gettext_noop("%(name)s from"), gettext_noop("%(name)s to")
