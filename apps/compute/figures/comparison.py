"""Curves of several runs in one chart, from their stored results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from apps.compute.figures.theme import (
    Figure,
    Heading,
    axis,
    hover,
    label,
    line,
    metric,
    reference,
    rounded,
    share_axis,
    text,
)
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.results import EvaluationResult, Table

#: Colour and dash of the runs A to E: the first one is the reference.
STYLES = (("--c0", "dash"), ("--c2", "dot"), ("--c1", "solid"), ("--c4", "dashdot"), ("--c3", "longdash"))
#: Points that are drawn of a curve, and rows of its table.
POINTS, STEPS = 150, 20


@dataclass(frozen=True, slots=True)
class Named:
    """A run's result under the name that legends and tables use."""

    name: str
    result: EvaluationResult


def overlays(runs: Sequence[Named]) -> list[Figure]:
    """The charts for which at least two runs have a curve."""
    builders: dict[str, Callable[[Sequence[tuple[int, Named]]], Figure]] = {
        "pr": _precision_recall,
        "roc": _roc,
        "calibration": _calibration,
        "error_quantiles": _error_quantiles,
        "residual_by_prediction": _residuals,
    }
    figures = []
    for table, build in builders.items():
        having = [(place, run) for place, run in enumerate(runs) if len(run.result.tables.get(table, ()))]
        if len(having) > 1:
            figures.append(build(having))
    return figures


def _curve(table: Table, x: str, y: str) -> tuple[list[float], list[float]]:
    """Points with both values, at most `POINTS` of them, evenly chosen."""
    points = [(a, b) for a, b in table.rows(x, y) if a is not None and b is not None]
    if len(points) > POINTS:
        points = [points[round(i)] for i in np.linspace(0, len(points) - 1, POINTS)]
    return [a for a, _b in points], [b for _a, b in points]


def _at(table: Table, x: str, y: str, steps: Sequence[float]) -> list[float | None]:
    """The curve at ``steps`` of x; None beyond its ends."""
    xs, ys = _curve(table, x, y)
    order = np.argsort(xs, kind="stable")
    found = np.interp(steps, np.array(xs)[order], np.array(ys)[order], left=np.nan, right=np.nan)
    return [None if np.isnan(value) else float(value) for value in found]


def _steps_table(
    runs: Sequence[tuple[int, Named]], table: str, x: str, y: str, steps: Sequence[float]
) -> Table:
    return Table(
        {
            "step": list(steps),
            **{f"run{place}": _at(run.result.tables[table], x, y, steps) for place, run in runs},
        }
    )


def _headings(
    runs: Sequence[tuple[int, Named]], step: str, unit: str, value_unit: str
) -> tuple[Heading, ...]:
    named = (Heading(f"run{place}", label("%(name)s", name=run.name), value_unit) for place, run in runs)
    return (Heading("step", Message(step), unit), *named)


def _lines(
    runs: Sequence[tuple[int, Named]], table: str, x: str, y: str, shown: Message
) -> list[dict[str, object]]:
    lines = []
    for place, run in runs:
        colour, dash = STYLES[place]
        xs, ys = _curve(run.result.tables[table], x, y)
        name = label("%(name)s", name=run.name)
        lines.append(line(name, rounded(xs), rounded(ys), colour=colour, dash=dash, hovertemplate=shown))
    return lines


def _largest(runs: Sequence[tuple[int, Named]], key: str) -> tuple[str, Quantity]:
    """Name and value of the run with the largest metric ``key``."""
    known = [(found, run.name) for _place, run in runs if (found := metric(run.result, key)) is not None]
    if not known:
        return runs[0][1].name, Quantity(None, "score")
    found, name = max(known, key=lambda each: each[0].value or 0.0)
    return name, Quantity.of(found, "score")


SHARES = [step / STEPS for step in range(STEPS + 1)]
_OWN_ROWS = gettext_noop("Each run on all of its own rows.")


def _precision_recall(runs: Sequence[tuple[int, Named]]) -> Figure:
    name, area = _largest(runs, "average_precision")
    return Figure(
        key="compare_pr",
        title=text(
            gettext_noop("%(name)s has the largest average precision: %(area)s"), name=name, area=area
        ),
        subtitle=Message(_OWN_ROWS),
        alt=text(
            gettext_noop(
                "Precision-recall curves of %(count)d runs. The average precision of %(name)s is largest, "
                "%(area)s."
            ),
            count=len(runs),
            name=name,
            area=area,
        ),
        data=_lines(
            runs, "pr", "recall", "precision",
            hover(gettext_noop("recall %(x)s, precision %(y)s%(end)s"), x="%{x:.3f}", y="%{y:.3f}"),
        ),
        layout={
            "xaxis": share_axis(gettext_noop("Recall (share of the positives found)")),
            "yaxis": share_axis(gettext_noop("Precision")),
        },
        table=_steps_table(runs, "pr", "recall", "precision", SHARES),
        headings=_headings(runs, gettext_noop("Recall"), "share", "share"),
        height="h-340",
    )  # fmt: skip


def _roc(runs: Sequence[tuple[int, Named]]) -> Figure:
    name, area = _largest(runs, "roc_auc")
    return Figure(
        key="compare_roc",
        title=text(gettext_noop("%(name)s has the largest ROC AUC: %(area)s"), name=name, area=area),
        subtitle=Message(_OWN_ROWS),
        alt=text(
            gettext_noop("ROC curves of %(count)d runs. The area of %(name)s is largest, %(area)s."),
            count=len(runs),
            name=name,
            area=area,
        ),
        data=[
            reference(Message(gettext_noop("Chance")), [0, 1], [0, 1]),
            *_lines(
                runs, "roc", "fpr", "tpr",
                hover(gettext_noop("false alarms %(x)s, found %(y)s%(end)s"), x="%{x:.3f}", y="%{y:.3f}"),
        ),
        ],
        layout={
            "xaxis": share_axis(gettext_noop("False alarms (share of the negatives)")),
            "yaxis": share_axis(gettext_noop("Found (share of the positives)")),
        },
        table=_steps_table(runs, "roc", "fpr", "tpr", SHARES),
        headings=_headings(runs, gettext_noop("False alarms"), "share", "share"),
        height="h-340",
    )  # fmt: skip


def _calibration(runs: Sequence[tuple[int, Named]]) -> Figure:
    return Figure(
        key="compare_calibration",
        title=Message(gettext_noop("How often a stated probability comes true")),
        subtitle=Message(_OWN_ROWS),
        alt=text(
            gettext_noop("Calibration of %(count)d runs: the share observed over the mean probability."),
            count=len(runs),
        ),
        data=[
            reference(Message(gettext_noop("Perfect")), [0, 1], [0, 1]),
            *_lines(
                runs, "calibration", "mean_predicted", "observed",
                hover(gettext_noop("predicted %(x)s, observed %(y)s%(end)s"), x="%{x:.3f}", y="%{y:.3f}"),
        ),
        ],
        layout={
            "xaxis": share_axis(gettext_noop("Predicted probability")),
            "yaxis": share_axis(gettext_noop("Observed share")),
        },
        table=_steps_table(runs, "calibration", "mean_predicted", "observed", SHARES),
        headings=_headings(runs, gettext_noop("Predicted"), "share", "share"),
        height="h-340",
    )  # fmt: skip


def _error_quantiles(runs: Sequence[tuple[int, Named]]) -> Figure:
    steps = [step / 10 for step in range(1, 10)]
    return Figure(
        key="compare_errors",
        title=Message(gettext_noop("How large the errors are")),
        subtitle=Message(gettext_noop("Share of the rows whose error lies below a value.")),
        alt=text(gettext_noop("Quantiles of the errors of %(count)d runs."), count=len(runs)),
        data=_lines(
            runs, "error_quantiles", "value", "q",
            hover(gettext_noop("error %(x)s: %(y)s of rows below%(end)s"), x="%{x:.4g}", y="%{y:.1%}"),
        ),
        layout={
            "xaxis": axis(gettext_noop("Error (prediction minus truth)")),
            "yaxis": share_axis(gettext_noop("Share of rows below")),
        },
        table=_steps_table(runs, "error_quantiles", "q", "value", steps),
        headings=_headings(runs, gettext_noop("Share of rows below"), "share", "target"),
        height="h-340",
    )  # fmt: skip


def _residuals(runs: Sequence[tuple[int, Named]]) -> Figure:
    tables = {place: run.result.tables["residual_by_prediction"] for place, run in runs}
    middles = {
        place: Table(
            {"middle": [(a + b) / 2 for a, b in table.rows("low", "high")], "mean": table.columns["mean"]}
        )
        for place, table in tables.items()
    }
    lines = []
    for place, run in runs:
        colour, dash = STYLES[place]
        x, y = _curve(middles[place], "middle", "mean")
        lines.append(
            line(
                label("%(name)s", name=run.name),
                rounded(x),
                rounded(y),
                colour=colour,
                dash=dash,
                hovertemplate=hover(
                    gettext_noop("prediction %(x)s, mean error %(y)s%(end)s"), x="%{x:.4g}", y="%{y:.4g}"
                ),
            )
        )
    ends = [x for table in middles.values() for x in table.columns["middle"]]
    steps = [float(step) for step in np.linspace(min(ends), max(ends), 11)]
    return Figure(
        key="compare_residuals",
        title=Message(gettext_noop("Mean error over the size of the prediction")),
        subtitle=Message(_OWN_ROWS),
        alt=text(gettext_noop("Mean errors of %(count)d runs over their predictions."), count=len(runs)),
        data=[reference(Message(gettext_noop("No error")), [min(ends), max(ends)], [0, 0]), *lines],
        layout={"xaxis": axis(gettext_noop("Prediction")), "yaxis": axis(gettext_noop("Mean error"))},
        table=Table(
            {
                "step": steps,
                **{f"run{place}": _at(middles[place], "middle", "mean", steps) for place, _run in runs},
            }
        ),
        headings=_headings(runs, gettext_noop("Prediction"), "target", "target"),
        height="h-340",
    )  # fmt: skip
