"""The result of an evaluation: small frozen records that survive a trip through JSON.

Everything a report draws is here already binned, so a page never opens the data file again. All
charts are `Table`s: named columns of equal length. The names and columns of the tables are:

========================  ================================================================
binary
``roc``                   fpr, tpr, threshold (at most 512 points; first point 0,0)
``pr``                    recall, precision, threshold (at most 512 points)
``calibration``           low, high, mean_predicted, observed, observed_low, observed_high, n
``score_histogram``       low, high, negative, positive (30 equal bins over 0..1; weights if given)
``threshold_sweep``       threshold (0, .01 … 1), tn, fp, fn, tp, precision, recall, specificity, f1
``confusion``             truth, predicted, n (one row per cell)
``gains``                 share (of rows, best first), recall, precision, lift
multiclass
``confusion``             truth, predicted, n (cells > 0 only when over 50 classes)
``per_class``             class, support, precision, recall, f1, roc_auc, recall_low, recall_high
``confused_pairs``        truth, predicted, n, share (of the truth's rows), at most 20
``calibration``           as above, for the largest probability
``confidence_histogram``  low, high, wrong, right
regression
``predicted_vs_actual``   predicted_low, predicted_high, actual_low, actual_high, n (<= 50 x 50)
``residual_by_prediction`` low, high, mean, p10, p50, p90, n (30 equal-count bins)
``residual_by_time``      start, end, mean, low, high, mae, n (only with a timestamp)
``residual_histogram``    low, high, n
``error_quantiles``       q, value
``quantile_levels``       level, pinball, pinball_low, pinball_high, below (only with quantile columns)
ranking
``ndcg_by_k``             k, ndcg, low, high, recall, precision, hit_rate, n (queries)
``query_histogram``       low, high, n (queries by their NDCG, 20 equal bins over 0..1)
``worst_queries``         query, ndcg, average_precision, reciprocal_rank, documents, relevant (<= 200)
``ndcg_by_documents``     documents_from, documents_to, ndcg, low, high, n (queries)
``ndcg_by_time``          start, end, value, low, high, n (queries; only with a timestamp)
forecast
``error_by_horizon``      horizon (<= 200), n; mae, bias, mase, interval_coverage, each with _low and _high
``worst_series``          series (<= 200), bias, n; mase, smape, mae, each with _low and _high
``residual_histogram``    as for regression
``residual_by_time``      as for regression
several labels
``per_label``             label, support, predicted, n; f1, precision, recall, roc_auc, average_precision,
                          each with _low and _high (the lowest F1 first)
``wrong_labels``          wrong (<= 20, the last and more), n
``exact_match_by_time``   start, end, value, low, high, n (only with a timestamp)
several outputs
``per_output``            output, n; r2, mae, rmse, bias, each with _low and _high (the lowest R2 first)
``row_correlations``      low, high, n (rows by the correlation of their outputs, 20 bins over -1..1)
``loss_by_time``          start, end, value, low, high, n (squared error in units of the outputs' variance)
counts
``count_calibration``     low, high, mean_predicted, observed, observed_low, observed_high, n (10 groups)
``rootogram``             low, high (None: and more), observed, expected
``residual_histogram``    as for regression
``residual_by_time``      as for regression
distributions
``coverage_levels``       level; coverage, width, score, each with _low and _high
``pit_histogram``         low, high, share, share_low, share_high, expected, n (not for an interval alone)
``quantile_calibration``  level, observed, observed_low, observed_high (not for an interval alone)
``residual_histogram``    as for regression
``residual_by_time``      as for regression
``loss_by_time``          start, end, value, low, high, n (CRPS, or the score of the interval)
classification
``metric_by_time``        start, end, value, low, high, n (accuracy; only with a timestamp)
any task
``latency``               q, value, low, high (milliseconds)
``latency_histogram``     low, high, n
========================  ================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from apps.compute.messages import Message

SCHEMA_VERSION = 1


class Task(StrEnum):
    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    MULTILABEL = "multilabel"
    MULTIOUTPUT = "multioutput"
    RANKING = "ranking"
    FORECAST = "forecast"
    COUNT = "count"
    PROBABILISTIC = "probabilistic"
    PROTOCOL = "protocol"  # judged by named protocols alone


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One metric's estimate. ``value`` is None only when ``undefined`` says why. With a reason *and* a
    value, the value is scikit-learn's convention (0 for the precision of no predicted positives).

    ``low``/``high`` bound a two-sided 95 % confidence interval made by ``method`` (``"wilson"``,
    ``"delong"``, ``"bootstrap"`` …). ``n`` is the number of rows the estimate rests on.
    """

    key: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    method: str = ""
    undefined: Message | None = None

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"key": self.key, "value": self.value, "n": self.n}
        if self.low is not None:
            data.update(low=self.low, high=self.high, method=self.method)
        if self.undefined is not None:
            data["undefined"] = self.undefined.to_json()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MetricResult:
        why = data.get("undefined")
        return cls(
            key=data["key"],
            value=data["value"],
            low=data.get("low"),
            high=data.get("high"),
            n=data["n"],
            method=data.get("method", ""),
            undefined=Message.from_json(why) if why else None,
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of equal length; values are numbers, text or None. Never NaN or infinity."""

    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self, *names: str) -> list[tuple[Any, ...]]:
        """Row by row, the columns ``names`` in this order, or all. A result that comes from the database has
        lost the order of its columns, so give the names where the order counts."""
        chosen = [self.columns[name] for name in names] if names else self.columns.values()
        return list(zip(*chosen, strict=True))


@dataclass(frozen=True, slots=True)
class SliceResult:
    """The headline metrics of the rows where ``columns`` have ``values`` (several = their crossing)."""

    columns: tuple[str, ...]
    values: tuple[str, ...]
    n: int
    metrics: tuple[MetricResult, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "values": list(self.values),
            "n": self.n,
            "metrics": [m.to_json() for m in self.metrics],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SliceResult:
        return cls(
            columns=tuple(data["columns"]),
            values=tuple(data["values"]),
            n=data["n"],
            metrics=tuple(MetricResult.from_json(m) for m in data["metrics"]),
        )


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What one run said. ``classes`` are texts in report order; ``positive`` names the binary one.

    ``threshold`` is None when the file's own predicted labels were judged. ``durations`` are seconds
    per step. ``notes`` tell the reader what was unusual (rows left out, slices not shown).
    """

    task: Task
    n: int
    metrics: tuple[MetricResult, ...]
    classes: tuple[str, ...] = ()
    positive: str | None = None
    threshold: float | None = None
    weighted: bool = False
    tables: Mapping[str, Table] = field(default_factory=dict)
    slices: tuple[SliceResult, ...] = ()
    notes: tuple[Message, ...] = ()
    seed: int = 0
    resamples: int = 0
    durations: Mapping[str, float] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def metric(self, key: str) -> MetricResult:
        """The metric named ``key``; KeyError if this task has none."""
        for metric in self.metrics:
            if metric.key == key:
                return metric
        raise KeyError(key)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema_version": self.schema_version,
            "task": self.task.value,
            "n": self.n,
            "classes": list(self.classes),
            "positive": self.positive,
            "threshold": self.threshold,
            "weighted": self.weighted,
            "metrics": [m.to_json() for m in self.metrics],
            "tables": {k: {c: list(v) for c, v in t.columns.items()} for k, t in self.tables.items()},
            "slices": [s.to_json() for s in self.slices],
            "notes": [m.to_json() for m in self.notes],
            "seed": self.seed,
            "resamples": self.resamples,
            "durations": dict(self.durations),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EvaluationResult:
        return cls(
            schema_version=data["schema_version"],
            task=Task(data["task"]),
            n=data["n"],
            classes=tuple(data["classes"]),
            positive=data["positive"],
            threshold=data["threshold"],
            weighted=data["weighted"],
            metrics=tuple(MetricResult.from_json(m) for m in data["metrics"]),
            tables={k: Table(t) for k, t in data["tables"].items()},
            slices=tuple(SliceResult.from_json(s) for s in data["slices"]),
            notes=tuple(Message.from_json(m) for m in data["notes"]),
            seed=data["seed"],
            resamples=data["resamples"],
            durations=data["durations"],
        )
