"""Money per year: what a run's decisions are worth at a project's prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric
from apps.compute.results import EvaluationResult, MetricResult, Table, Task
from apps.compute.uncertainty import Floats, Z, count_variance

#: Not in the registry: it needs prices, which no file carries.
VALUE_PER_YEAR = Metric(
    key="value_per_year",
    label=gettext_noop("Value per year"),
    tasks=frozenset(Task),
    higher_is_better=True,
    unit="money",
    needs=frozenset(),
    description=gettext_noop("Money that the decisions of a year bring at the project's prices."),
    source="volume per year times the mean price of a decision, minus the running cost",
    low=None,
    high=None,
    headline=True,
    formula="decisions per year × mean price of a decision − running and training cost per year",
    meaning=gettext_noop(
        "What the decisions of the model are worth in a year at the prices that the project agreed on. A "
        "price list says what a hit brings and what a miss, a false alarm and a look at an alarm cost."
    ),
    misleads=gettext_noop(
        "It is as good as the prices and the volume. The interval holds the chance of the rows alone and not "
        "the doubt about the prices; look at the sensitivity to each price."
    ),
)

#: How the value comes about, for the reader.
FORMULAS: Mapping[Task, str] = {
    Task.BINARY: gettext_noop(
        "Decisions in a year × (value of a hit × share of hits − cost of a miss × share of misses − "
        "cost of a false alarm × share of false alarms − cost of looking at an alarm × share of alarms) − "
        "running and training cost per year"
    ),
    Task.MULTICLASS: gettext_noop(
        "Decisions in a year × (value of a right answer × share of right answers − cost of a wrong answer × "
        "share of wrong answers) − running and training cost per year"
    ),
    Task.REGRESSION: gettext_noop(
        "Decisions in a year × (value of an exact answer − cost of one unit of absolute error × mean "
        "absolute error) − running and training cost per year"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What decisions bring and cost, in whole units of ``currency``; costs are positive numbers."""

    volume_per_year: float
    hit: float = 0.0  # also: a right answer of a multiclass run, an exact one of a regression
    miss: float = 0.0  # also: a wrong answer
    false_alarm: float = 0.0
    error_unit: float = 0.0  # one unit of absolute error of a regression
    running_cost: float = 0.0  # per year
    review: float = 0.0  # looking at one alarm, be it right or false
    amount_column: str = ""
    hit_of_amount: float = 0.0  # these three in amounts of the row: 1 is the whole amount
    miss_of_amount: float = 0.0
    false_alarm_of_amount: float = 0.0
    training_cost: float = 0.0  # one training
    trainings_per_year: float = 0.0
    currency: str = "EUR"

    @property
    def cost_per_year(self) -> float:
        """What running and training the model costs, whatever it decides."""
        return self.running_cost + self.training_cost * self.trainings_per_year

    def of_baseline(self) -> Prices:
        """The same for a baseline, which has no model to run or to train."""
        return replace(self, running_cost=0.0, training_cost=0.0)

    def of_cells(self) -> Floats:
        """Price of a row in each cell tn, fp, fn, tp, without its amount: shape (4,)."""
        return np.array([0.0, -self.false_alarm - self.review, -self.miss, self.hit - self.review])

    def by_amount(self, task: Task) -> bool:
        """Whether the money of a decision depends on the amount of its row, which no stored result holds."""
        of_hits = bool(self.hit_of_amount or self.miss_of_amount)
        if task is Task.BINARY:
            return of_hits or bool(self.false_alarm_of_amount)
        return task is Task.MULTICLASS and of_hits

    def per_year(self, price: float) -> float:
        """A mean price of a decision, taken to the year."""
        return self.volume_per_year * price - self.cost_per_year


def value_per_year(result: EvaluationResult, prices: Prices) -> MetricResult | None:
    """The money that the run's decisions would bring in a year, in units of ``prices.currency``.

    Binary: from the shares of the confusion table, with a delta-method interval. Multiclass and regression:
    a linear map of accuracy and of the mean absolute error, and of their intervals. None when no price
    speaks of this task, so that nothing looks like a value of 0, and when prices speak of amounts of rows:
    then only the rows can tell (`money.judge`).
    """
    if prices.by_amount(result.task):
        return None
    if result.task is Task.BINARY:
        return _binary(result, prices)
    if result.task is Task.MULTICLASS:
        if not (prices.hit or prices.miss):
            return None
        return _mapped(result.metric("accuracy"), prices, prices.hit + prices.miss, -prices.miss)
    error = next((metric for metric in result.metrics if metric.key == "mae"), None)
    if error is None or not prices.error_unit:
        return None
    return _mapped(error, prices, -prices.error_unit, prices.hit)


def value_at_thresholds(result: EvaluationResult, prices: Prices) -> Table | None:
    """The same at each threshold of the sweep: columns threshold, value, low, high.

    None for runs without probabilities of two classes, and where `value_per_year` is None.
    """
    sweep = result.tables.get("threshold_sweep")
    if sweep is None or result.task is not Task.BINARY or not prices.of_cells().any():
        return None
    if prices.by_amount(result.task):
        return None
    counts = np.array(sweep.rows("tn", "fp", "fn", "tp"), dtype=np.float64)
    value, low, high = _of_counts(counts, prices, _weight_of_a_row(result))
    return Table(
        {
            "threshold": list(sweep.columns["threshold"]),
            "value": value.tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
        }
    )


def _binary(result: EvaluationResult, prices: Prices) -> MetricResult | None:
    if not prices.of_cells().any():
        return None
    counts = _cells(result)
    value, low, high = _of_counts(counts, prices, _weight_of_a_row(result))
    key = VALUE_PER_YEAR.key
    return MetricResult(key, float(value), float(low), float(high), result.n, "delta")


def _cells(result: EvaluationResult) -> Floats:
    """tn, fp, fn, tp: the order in which `curves.confusion_table` writes them."""
    return np.array(result.tables["confusion"].columns["n"], dtype=np.float64)


def _of_counts(counts: Floats, prices: Prices, weight: float) -> tuple[Floats, Floats, Floats]:
    """Value and bounds of tables of shape (..., 4) whose rows weigh ``weight`` on average."""
    price = prices.of_cells()
    mean = counts @ price / counts.sum(axis=-1)
    # Half a row in each cell keeps the variance above 0 when a cell is empty (Agresti 2013, 3.1).
    rows = counts / weight + 0.5
    variance = count_variance(lambda shares: shares @ price / shares.sum(axis=-1), rows)
    half = Z * np.sqrt(variance)
    scale, cost = prices.volume_per_year, prices.cost_per_year
    return scale * mean - cost, scale * (mean - half) - cost, scale * (mean + half) - cost


def _weight_of_a_row(result: EvaluationResult) -> float:
    """Sum of weights per effective row: 1 without weights.

    A result does not keep the squares of the weights. The effective number of rows is read back from
    Wilson's interval of the accuracy: either bound b solves (p - b)^2 = z^2 b (1 - b) / n.
    """
    if not result.weighted:
        return 1.0
    total = float(_cells(result).sum())
    accuracy = result.metric("accuracy")
    if accuracy.value is None or accuracy.low is None or accuracy.high is None:
        return total / result.n
    bound = accuracy.low if accuracy.value > 0.5 else accuracy.high
    return total * (accuracy.value - bound) ** 2 / (Z * Z * bound * (1 - bound))


def _mapped(metric: MetricResult, prices: Prices, slope: float, start: float) -> MetricResult | None:
    if metric.value is None:
        return None
    value, low, high = (
        None if part is None else prices.per_year(start + slope * part)
        for part in (metric.value, metric.low, metric.high)
    )
    if slope < 0:
        low, high = high, low
    return MetricResult(VALUE_PER_YEAR.key, value, low, high, metric.n, metric.method)
