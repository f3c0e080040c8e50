"""What the run page shows, made from a stored result: sentences, rows of tables, scales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common.formats import interval, number, quantity
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import EvaluationResult, MetricResult, SliceResult
from apps.compute.tasks import TASK_KINDS

#: Slices that the report shows at first, and at most.
FIRST_SLICES, MOST_SLICES = 12, 500
METHODS = {
    "wilson": "Wilson",
    "delong": "DeLong",
    "bootstrap": "bootstrap",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Ends of the line of an interval plot."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MetricRow:
    metric: Metric
    label: str
    description: str
    result: MetricResult
    scale: Scale

    @property
    def unit(self) -> str:
        return self.metric.unit

    @property
    def method(self) -> str:
        return METHODS.get(self.result.method, self.result.method)


@dataclass(frozen=True, slots=True)
class SliceRow:
    column: str
    value: str
    n: int
    result: MetricResult
    change: str  # against all rows, with sign and unit
    worse: bool  # the whole interval lies on the bad side of all rows
    better: bool  # or on the good side
    share_of_errors: float | None  # of all errors, None where the metrics do not tell
    key: str  # the value as the result has it


@dataclass(frozen=True, slots=True)
class SliceTable:
    """``rows`` are the worst first; ``total`` counts those that were cut off too."""

    metric: Metric
    label: str
    overall: MetricResult
    rows: Sequence[SliceRow]
    total: int
    scale: Scale
    columns: Sequence[str]
    column: str  # the chosen one, "" for all
    metrics: Sequence[tuple[str, str]]  # key and label of what may be chosen


@dataclass(frozen=True, slots=True)
class Threshold:
    """A row of the threshold sweep: the decisions and what they are worth."""

    value: float
    tn: float
    fp: float
    fn: float
    tp: float
    precision: float | None
    recall: float | None
    specificity: float | None
    f1: float | None

    @property
    def shown(self) -> str:
        return number(self.value, 2)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of a multiclass run; the fields are the columns of the table ``per_class``."""

    name: str
    support: float
    precision: float | None
    recall: float | None
    f1: float | None
    roc_auc: float | None
    low: float | None
    high: float | None


def metric_rows(result: EvaluationResult, *, headline: bool) -> list[MetricRow]:
    """The metrics of the main table, or the rest. Latency has a card of its own."""
    chosen = [
        (METRICS[found.key], found)
        for found in result.metrics
        if found.key in METRICS
        and METRICS[found.key].headline is headline
        and "latency" not in METRICS[found.key].needs
    ]
    return _rows(chosen)


def rows_of(metrics: Iterable[MetricResult]) -> list[MetricRow]:
    """Any metrics as rows of a table, in their order."""
    return _rows([(METRICS[found.key], found) for found in metrics])


def _rows(chosen: Sequence[tuple[Metric, MetricResult]]) -> list[MetricRow]:
    return [
        MetricRow(metric, _(metric.label), _(metric.description), found, _scale(metric, chosen))
        for metric, found in chosen
    ]


def latency_rows(result: EvaluationResult) -> list[tuple[str, str, MetricResult]]:
    """Label, unit and estimate of each latency metric."""
    return [
        (_(METRICS[found.key].label), METRICS[found.key].unit, found)
        for found in result.metrics
        if found.key in METRICS and "latency" in METRICS[found.key].needs
    ]


def _scale(metric: Metric, rows: Iterable[tuple[Metric, MetricResult]]) -> Scale:
    """All rows of one unit share a scale: shares run from 0 to 1, others over what was found."""
    if metric.unit == "share":
        return Scale(0.0, 1.0)
    if metric.unit == "score":
        return _scale_of([_ends(metric, [row for other, row in rows if other.key == metric.key])])
    return _scale_of([_ends(other, [row]) for other, row in rows if other.unit == metric.unit])


def _ends(metric: Metric, rows: Iterable[MetricResult]) -> tuple[float, float]:
    values = [v for row in rows for v in (row.value, row.low, row.high) if v is not None]
    low = min([0.0, *values]) if metric.low is None else metric.low
    high = max([0.0, *values]) if metric.high is None else metric.high
    return low, high


def _scale_of(ends: Sequence[tuple[float, float]]) -> Scale:
    low, high = min(low for low, _high in ends), max(high for _low, high in ends)
    return Scale(low, high if high > low else low + 1.0)


def _around(results: Iterable[MetricResult]) -> Scale:
    """From the lowest to the highest end of the intervals: slices are told apart, not measured from zero."""
    values = [v for row in results for v in (row.value, row.low, row.high) if v is not None]
    return _scale_of([(min(values, default=0.0), max(values, default=1.0))])


# The first sentence


def lead(result: EvaluationResult) -> list[str]:
    """The answer in at most three sentences, each said only when the numbers carry it."""
    return [said for said in (_how_good(result), _calibration(result), _weakest(result)) if said]


def _how_good(result: EvaluationResult) -> str:
    kind = TASK_KINDS[result.task]
    if not kind.measured:
        return _("%(rows)s rows were read.") % {"rows": number(result.n, 0)}
    main = _metric(result, kind.main)
    if main is None or main.value is None:
        return _("%(rows)s rows were judged.") % {"rows": number(result.n, 0)}
    unit = METRICS[main.key].unit
    said = {
        "metric": _(METRICS[main.key].label),
        "value": quantity(main.value, unit, main.low, main.high),
        "interval": interval(main.low, main.high, unit, main.value),
        "rows": number(result.n, 0),
    }
    return _(kind.sentence) % said


def _calibration(result: EvaluationResult) -> str:
    error = _metric(result, "ece") or _metric(result, "ece_top_label")
    if error is None:
        return _bias(result)
    if error.value is None:
        return ""
    return _("The probabilities are %(points)s percentage points off on average.") % {
        "points": number(100 * error.value, 1)
    }


def _bias(result: EvaluationResult) -> str:
    error = _metric(result, "mean_error")
    if error is None or error.value is None or error.low is None or error.high is None:
        return ""
    if error.low <= 0 <= error.high:
        return _("No bias can be seen.")
    said = {"value": quantity(abs(error.value), "target", error.low, error.high)}
    if error.value > 0:
        return _("The predictions are too high by %(value)s on average.") % said
    return _("The predictions are too low by %(value)s on average.") % said


def _weakest(result: EvaluationResult) -> str:
    table = slice_table(result)
    worst = next((row for row in table.rows if row.worse), None) if table else None
    if table is None or worst is None:
        return ""
    return _("Weakest slice: %(column)s = %(value)s, %(metric)s %(number)s.") % {
        "column": worst.column,
        "value": worst.value,
        "metric": table.label.lower() if table.label[1:].islower() else table.label,
        "number": quantity(worst.result.value, table.metric.unit, worst.result.low, worst.result.high),
    }


def _metric(result: EvaluationResult, key: str) -> MetricResult | None:
    return next((metric for metric in result.metrics if metric.key == key), None)


# Slices


def slice_table(
    result: EvaluationResult, metric: str = "", column: str = "", most: int = FIRST_SLICES
) -> SliceTable | None:
    """The slices, worst first, by ``metric`` (or the main one), of ``column`` (or of all)."""
    keys = _slice_metrics(result)
    if not keys:
        return None
    key = metric if metric in keys else _default_slice_metric(result, keys)
    overall = _metric(result, key) or MetricResult(key, None)
    record = METRICS[key]
    columns = list(dict.fromkeys(_column_of(found) for found in result.slices))
    chosen = column if column in columns else ""
    errors = _errors(result.metrics, result)
    rows = [
        _slice_row(found, record, overall, _share(_errors(found.metrics, result), errors))
        for found in result.slices
        if chosen in ("", _column_of(found))
    ]
    rows.sort(key=lambda row: _badness(row, record))
    return SliceTable(
        metric=record,
        label=_(record.label),
        overall=overall,
        rows=rows[:most],
        total=len(rows),
        scale=_around([*(row.result for row in rows[:most]), overall]),
        columns=columns,
        column=chosen,
        metrics=[(key, _(METRICS[key].label)) for key in keys],
    )


def _column_of(found: SliceResult) -> str:
    return " × ".join(found.columns)


def _slice_metrics(result: EvaluationResult) -> list[str]:
    """Metrics that can be worse on one slice than on another."""
    given = {metric.key for found in result.slices for metric in found.metrics}
    return [key for key, metric in METRICS.items() if key in given and metric.higher_is_better is not None]


def _default_slice_metric(result: EvaluationResult, keys: Sequence[str]) -> str:
    main = TASK_KINDS[result.task].main
    return main if main in keys else keys[0]


def _errors(metrics: Iterable[MetricResult], result: EvaluationResult) -> float | None:
    """The sum of all errors: wrong rows, or absolute errors. None where rows have weights, for a slice does
    not say how much it weighs.
    """
    found = {metric.key: metric for metric in metrics if metric.value is not None}
    if result.weighted:
        return None
    if (right := found.get("accuracy")) is not None:
        return right.n * (1 - (right.value or 0.0))
    if (off := found.get("mae")) is not None:
        return off.n * (off.value or 0.0)
    return None


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def _slice_row(found: SliceResult, metric: Metric, overall: MetricResult, share: float | None) -> SliceRow:
    result = next((m for m in found.metrics if m.key == metric.key), MetricResult(metric.key, None))
    worse, better = _sides(result, overall, metric)
    return SliceRow(
        column=_column_of(found),
        value=" × ".join(value if value != "" else _("(empty)") for value in found.values),
        n=found.n,
        result=result,
        change=_change(result, overall, metric.unit),
        worse=worse,
        better=better,
        share_of_errors=share,
        key=" × ".join(found.values),
    )


def _change(result: MetricResult, overall: MetricResult, unit: str) -> str:
    if result.value is None or overall.value is None:
        return ""
    change = result.value - overall.value
    sign = "+" if change > 0 else ""
    if unit == "share":
        return _("%(change)s pp") % {"change": f"{sign}{number(100 * change, 1)}"}
    return f"{sign}{quantity(change, unit, result.low, result.high)}"


def _sides(result: MetricResult, overall: MetricResult, metric: Metric) -> tuple[bool, bool]:
    """Whether the whole interval is worse, and whether it is better, than the value of all rows."""
    if result.low is None or result.high is None or overall.value is None:
        return False, False
    below, above = result.high < overall.value, result.low > overall.value
    return (below, above) if metric.higher_is_better else (above, below)


def _badness(row: SliceRow, metric: Metric) -> tuple[bool, float]:
    if row.result.value is None:
        return True, 0.0
    return False, row.result.value if metric.higher_is_better else -row.result.value


# Thresholds


def threshold_at(result: EvaluationResult, wanted: float | None) -> Threshold | None:
    """The stored decisions at the threshold nearest to ``wanted`` (or to the run's own)."""
    sweep = result.tables.get("threshold_sweep")
    if sweep is None or not len(sweep):
        return None
    target = wanted if wanted is not None else result.threshold if result.threshold is not None else 0.5
    values = sweep.columns["threshold"]
    at = min(range(len(values)), key=lambda i: abs(values[i] - target))
    row = {name: column[at] for name, column in sweep.columns.items()}
    return Threshold(value=row.pop("threshold"), **row)


# Classes


def class_rows(result: EvaluationResult) -> list[ClassRow]:
    """The classes of a multiclass run, the one that is recognised worst first."""
    table = result.tables.get("per_class")
    if table is None:
        return []
    names = {"class": "name", "recall_low": "low", "recall_high": "high"}
    rows = [
        ClassRow(**{names.get(name, name): value for name, value in zip(table.columns, row, strict=True)})
        for row in table.rows()
    ]
    return sorted(rows, key=lambda row: (row.recall is None, row.recall))
