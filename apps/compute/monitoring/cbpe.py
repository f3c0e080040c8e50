"""How good is a classifier while its labels are not known? CBPE: confidence-based performance estimation.

Definitions of NannyML 0.13.1. A labelled reference teaches which probability each score stands for (isotonic
regression, where it helps: `cbpe_isotonic`). With these probabilities every row of a batch counts in part as
a hit and in part as a miss, and the metric of those parts is the estimate: what the metric is expected to be
once the labels are there.

It assumes, and nothing in a batch without labels can show, that

* the scores mean what they meant in the reference: no concept drift. Where the same rows now end otherwise,
  the estimate stays where it was while the truth falls, and its interval does not cover the truth;
* the probabilities are calibrated, or the reference has enough rows to calibrate them;
* the batch lies within what the reference has seen. Other shares of what was seen are allowed for, new kinds
  of rows are not.

The interval covers 95 % of the metrics that batches of this size have under these assumptions: chance in the
labels of the batch (`cbpe_spread`; NannyML draws three standard errors instead of 1.96), and chance in the
reference, which is a sample as well: standard error = spread x sqrt(1 / rows + 1 / reference rows). A metric
that never failed in the reference takes the spread of one miss more.
Simulated batches up to the size of the reference are covered in 94 % of cases and more (F1, recall and
specificity in nearly all); twice that size in 88 % at the least, as the maps flatter the reference they fit.

Ties count as in the portal's metrics (NannyML's average precision steps through tied rows one by one, and
its curves round the running sums to five digits). Brier score and log loss are ours: the expectation of the
loss of the score as it is, under the calibrated probability. Weights are not used. NannyML's macro
specificity has no key in the portal and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.inputs import read
from apps.compute.judged import judge_binary, judge_multiclass
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.binary.evaluate import decide
from apps.compute.metrics.registry import METRICS, metrics_for
from apps.compute.monitoring import cbpe_expected as expected
from apps.compute.monitoring import cbpe_isotonic as isotonic
from apps.compute.monitoring import cbpe_spread as spreads
from apps.compute.monitoring.cbpe_table import Scored, complete, read_scored, scores_of
from apps.compute.results import MetricResult, Task
from apps.compute.roles import ColumnRoles, Role
from apps.compute.uncertainty import Floats, Z

METHOD = "cbpe"
#: What is estimated: keys of `registry.METRICS`.
ESTIMATED = {
    Task.BINARY: frozenset(
        {
            *("accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"),
            *("brier", "log_loss"),
        }
    ),
    Task.MULTICLASS: frozenset(
        {
            *("accuracy", "precision_macro", "recall_macro", "f1_macro", "roc_auc_ovr_macro"),
            *("brier_multiclass", "log_loss"),
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """What labelled reference data taught: isotonic maps from score to probability for each class (knots; of
    two classes the positive one's alone), and the spread of each metric's sampling error. Survives a trip
    through JSON: at most 256 knots a class.
    """

    task: Task
    classes: tuple[str, ...]  # of two: negative, positive
    positive: str | None
    threshold: float | None
    knots: Mapping[str, tuple[Sequence[float], Sequence[float]] | None]  # None: needs no calibration
    spread: Mapping[str, float]  # metric -> standard error of one row's contribution (as NannyML)
    rows: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        return cls(
            task=Task(data["task"]),
            classes=tuple(data["classes"]),
            positive=data["positive"],
            threshold=data["threshold"],
            knots={
                label: None if knots is None else (tuple(knots[0]), tuple(knots[1]))
                for label, knots in data["knots"].items()
            },
            spread=dict(data["spread"]),
            rows=data["rows"],
        )

    def standard_error(self, metric: str, rows: int) -> float | None:
        """Of the metric of ``rows`` rows, from chance in their labels alone; None where nothing is known."""
        spread = self.spread.get(metric)
        return None if spread is None else spread / float(np.sqrt(rows))

    def interval(self, metric: str, value: float, rows: int) -> tuple[float, float] | None:
        """95 % bounds within the range of the metric."""
        if metric not in self.spread:
            return None
        one_miss = np.sqrt(self.rows + 1) / (self.rows + 2)
        half = Z * max(self.spread[metric], one_miss) * np.sqrt(1 / rows + 1 / self.rows)
        low, high = METRICS[metric].low, METRICS[metric].high
        return (
            float(value - half if low is None else max(value - half, low)),
            float(value + half if high is None else min(value + half, high)),
        )


def calibrate(
    path: Path, roles: ColumnRoles, task: Task, *, positive: str | None, threshold: float | None
) -> Calibration:
    """Learn from the labelled rows of a Parquet table; rows without label, probability or prediction are left
    out. InputRejected: regression, no column of probabilities, no such row, and as `evaluation.evaluate`.
    """
    _check_probabilities(roles, task)
    inputs = complete(read(path, roles))
    if inputs.frame.height == 0:
        raise InputRejected("no_rows", _NO_LABELLED)
    if task is Task.BINARY:
        data = judge_binary(inputs, None, positive, threshold, seed=0).data
        score = scores_of(inputs, data.classes, data.classes[1])[1]
        decision = decide(score, data.predicted, threshold)
        knots = {data.classes[1]: _learn(score, data.truth)}
        spread = spreads.binary(score, data.truth, decision)
        return Calibration(task, data.classes, data.classes[1], threshold, knots, spread, len(score))
    many = judge_multiclass(inputs, None, threshold).data
    scores = scores_of(inputs, many.classes, None)
    return Calibration(
        task,
        many.classes,
        None,
        threshold,
        {label: _learn(scores[code], many.truth == code) for code, label in enumerate(many.classes)},
        spreads.multiclass(scores, many.truth, many.predicted),
        scores.shape[1],
    )


def estimate(path: Path, roles: ColumnRoles, calibration: Calibration) -> tuple[MetricResult, ...]:
    """Estimated metrics (keys of the registry) of a table without labels, with 95 % intervals; ``method`` is
    "cbpe" and ``n`` the rows used: those without probability or prediction are left out. Decisions are the
    prediction column's, or probability >= threshold, as in `evaluation.evaluate`. A metric that the rows do
    not define has the reason; so have all of them in an empty table.

    InputRejected: a column that is missing, a probability outside 0..1, a class the reference does not have.
    """
    _check_probabilities(roles, calibration.task)
    scored = read_scored(path, roles, calibration.classes, calibration.positive)
    n = scored.scores.shape[1]
    if n == 0:
        return tuple(
            MetricResult(metric.key, None, undefined=_NO_ROWS)
            for metric in metrics_for(calibration.task)
            if metric.key in ESTIMATED[calibration.task]
        )
    found = _expect(scored, calibration)
    return tuple(
        _result(metric.key, *found[metric.key], n, calibration)
        for metric in metrics_for(calibration.task)
        if metric.key in found
    )


def _learn(score: Floats, truth: NDArray[np.bool_]) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    if not isotonic.needed(score, truth):
        return None
    scores, values = isotonic.fit(score, truth)
    return tuple(scores.tolist()), tuple(values.tolist())


def _expect(scored: Scored, calibration: Calibration) -> expected.Expected:
    if calibration.task is Task.BINARY:
        score = scored.scores[1]
        predicted = None if scored.predicted is None else scored.predicted == 1
        probability = _probability(calibration.knots[calibration.classes[1]], score)
        return expected.binary(probability, score, decide(score, predicted, calibration.threshold))
    probabilities = np.stack(
        [
            _probability(calibration.knots[label], score)
            for label, score in zip(calibration.classes, scored.scores, strict=True)
        ]
    )
    total = probabilities.sum(axis=0)
    # Rows in which no class is possible say nothing.
    probabilities = np.where(total > 0, probabilities, 1.0)
    probabilities /= probabilities.sum(axis=0)
    predicted_codes = scored.predicted
    if predicted_codes is None:
        predicted_codes = np.argmax(scored.scores, axis=0).astype(np.int32)
    return expected.multiclass(probabilities, scored.scores, predicted_codes, calibration.classes)


def _probability(knots: tuple[Sequence[float], Sequence[float]] | None, score: Floats) -> Floats:
    return score if knots is None else isotonic.probability(knots, score)


def _result(
    key: str, value: float | None, why: Message | None, rows: int, calibration: Calibration
) -> MetricResult:
    if value is None or why is not None:
        return MetricResult(key, value, n=rows, undefined=why)
    bounds = calibration.interval(key, value, rows)
    if bounds is None:
        return MetricResult(key, value, n=rows)
    return MetricResult(key, value, *bounds, rows, METHOD)


def _check_probabilities(roles: ColumnRoles, task: Task) -> None:
    if task is Task.REGRESSION:
        raise InputRejected("no_classes", _REGRESSION)
    if not any(use.role is Role.PROBABILITY for use in roles.values()):
        raise InputRejected("missing_role", _NO_PROBABILITY)


_NO_ROWS = Message(gettext_noop("No row has the probabilities and the prediction that an estimate needs."))
_NO_LABELLED = gettext_noop(
    "No row of the reference has a label and all its probabilities and prediction, so there is nothing to "
    "learn from. Choose a reference with labels."
)
_REGRESSION = gettext_noop(
    "Metrics can be estimated without labels only from the probabilities of classes, and a regression has "
    "none. Wait for the labels."
)
_NO_PROBABILITY = gettext_noop(
    "No column has the role of a probability, and metrics can be estimated without labels only from the "
    "probabilities of the classes. Choose the column with the model's probabilities."
)
