"""Metrics of several yes-or-no labels per row; scikit-learn is the reference.

A cell is one label of one row. Cells whose truth is not known count nowhere: what looks at whole rows judges
a row by its known labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import (
    linear,
    multilabel_records,  # noqa: F401  (registers the metrics)
)
from apps.compute.metrics.label_ranking import RankedLabels, rank_labels
from apps.compute.metrics.linear import Found, Linear, Undefined, average, mean, ratio
from apps.compute.metrics.ranking import average_precision_influence, place
from apps.compute.metrics.registry import metrics_for
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import Floats

Flags = NDArray[np.bool_]

NONE_PREDICTED = Undefined(Message(gettext_noop("No label is predicted in any row.")), 0.0)
NONE_TRUE = Undefined(Message(gettext_noop("No label is true in any row.")), 0.0)
NEITHER = Undefined(Message(gettext_noop("No label is true or predicted in any row.")), 0.0)
ONE_CLASS = Undefined(Message(gettext_noop("All known labels are true, or all are not.")))
_ONE_SIDED = gettext_noop("In these rows the same holds for every row of: %(labels)s (%(count)s labels).")


@dataclass(frozen=True, slots=True)
class Multilabel:
    """All arrays but ``weight`` (n,) have shape (labels, n). ``known`` marks the cells with a truth;
    ``probability`` lies in 0..1.
    """

    labels: tuple[str, ...]
    truth: Flags
    predicted: Flags
    known: Flags
    probability: Floats | None = None
    weight: Floats | None = None

    def rows(self, index: NDArray[Any] | slice) -> Multilabel:
        """The rows at ``index``; views where it is a slice."""
        return Multilabel(
            self.labels,
            self.truth[:, index],
            self.predicted[:, index],
            self.known[:, index],
            None if self.probability is None else self.probability[:, index],
            None if self.weight is None else self.weight[index],
        )

    @property
    def n(self) -> int:
        return int(self.truth.shape[1])

    def wrong(self) -> Floats:
        """Wrong labels of each row, (n,)."""
        return _per_row((self.truth != self.predicted) & self.known)

    def cells(self) -> Floats:
        """Known labels of each row, (n,)."""
        return _per_row(self.known)


def _per_row(cells: Flags) -> Floats:
    found: Floats = cells.sum(axis=0, dtype=np.float64)
    return found


def _hits(data: Multilabel) -> tuple[Floats, Floats, Floats]:
    """Per row: labels that are true and predicted, true, predicted."""
    true, predicted = data.truth & data.known, data.predicted & data.known
    return _per_row(true & predicted), _per_row(true), _per_row(predicted)


def _pooled(above: Floats, below: Floats, data: Multilabel, none: Undefined) -> Found:
    held = below if data.weight is None else below * data.weight
    return ratio(above, below, data.weight) if held.any() else none


def _precision_micro(data: Multilabel) -> Found:
    hits, _, predicted = _hits(data)
    return _pooled(hits, predicted, data, NONE_PREDICTED)


def _recall_micro(data: Multilabel) -> Found:
    hits, true, _ = _hits(data)
    return _pooled(hits, true, data, NONE_TRUE)


def _f1_micro(data: Multilabel) -> Found:
    hits, true, predicted = _hits(data)
    return _pooled(2 * hits, true + predicted, data, NEITHER)


def _f1_samples(data: Multilabel) -> Found:
    hits, true, predicted = _hits(data)
    held = true + predicted
    return mean(np.divide(2 * hits, held, out=np.zeros(data.n), where=held > 0), data.weight)


def label_rates(data: Multilabel, label: int) -> dict[str, Linear]:
    """Precision, recall and F1 of one label; 0 where nothing is to divide by, as in scikit-learn."""
    known = data.known[label]
    true, predicted = data.truth[label] & known, data.predicted[label] & known
    t, p, hits = (values.astype(np.float64) for values in (true, predicted, true & predicted))
    parts = {"precision": (hits, p), "recall": (hits, t), "f1": (2 * hits, t + p)}
    return {name: _or_zero(above, below, data.weight) for name, (above, below) in parts.items()}


def _or_zero(above: Floats, below: Floats, weight: Floats | None) -> Linear:
    held = below if weight is None else below * weight
    return ratio(above, below, weight) if held.any() else Linear(0.0, np.zeros(len(above)))


def _macro(name: str) -> Callable[[Multilabel], Found]:
    def rule(data: Multilabel) -> Found:
        return average(label_rates(data, label)[name] for label in range(len(data.labels)))

    return rule


def one_sided(data: Multilabel) -> list[str]:
    """Labels that are true in all of their known rows, or in none."""
    w = np.ones(data.n) if data.weight is None else data.weight
    found = []
    for label, name in enumerate(data.labels):
        mass = w * data.known[label]
        positive = float((mass * data.truth[label]).sum())
        if not 0 < positive < float(mass.sum()):
            found.append(name)
    return found


def label_curves(data: Multilabel, label: int) -> tuple[Linear, Linear]:
    """ROC AUC and average precision of a label that some known rows have and others do not."""
    assert data.probability is not None  # noqa: S101  the callers have looked
    known = data.known[label]
    w = None if data.weight is None else data.weight[known]
    auc, precision = _curves(data.probability[label, known], data.truth[label, known], w)
    share = float(np.average(known, weights=data.weight))
    return tuple(_spread(each, known, share) for each in (auc, precision))  # type: ignore[return-value]


def _curves(score: Floats, truth: Flags, weight: Floats | None) -> tuple[Linear, Linear]:
    curve = place(score, truth, weight)
    prevalence = float(np.average(truth, weights=weight))
    area = (curve.of_rows(truth) - curve.auc) / np.where(truth, prevalence, 1 - prevalence)
    value, influence = average_precision_influence(curve, truth)
    return Linear(curve.auc, area), Linear(min(value, 1.0), influence)


def _spread(found: Linear, known: Flags, share: float) -> Linear:
    """From the known rows to all rows."""
    influence = np.zeros(len(known))
    influence[known] = found.influence / share
    return Linear(found.value, influence)


def _macro_curve(which: int) -> Callable[[Multilabel], Found | None]:
    def rule(data: Multilabel) -> Found | None:
        if data.probability is None:
            return None
        if constant := one_sided(data):
            names = ", ".join(constant[:5])
            return Undefined(Message(_ONE_SIDED, {"labels": names, "count": len(constant)}))
        return average(label_curves(data, label)[which] for label in range(len(data.labels)))

    return rule


def _micro_curve(which: int) -> Callable[[Multilabel], Found | None]:
    """Of all cells at once; a row moves the metric by the sum of what its cells do."""

    def rule(data: Multilabel) -> Found | None:
        if data.probability is None:
            return None
        known = data.known
        truth = data.truth[known]
        rows = np.broadcast_to(np.arange(data.n), known.shape)[known]
        w = None if data.weight is None else data.weight[rows]
        mass = np.ones(len(truth)) if w is None else w
        if not 0 < float(mass[truth].sum()) < float(mass.sum()):
            return ONE_CLASS
        found = _curves(data.probability[known], truth, w)[which]
        cells = float(np.average(data.cells(), weights=data.weight))
        return Linear(found.value, np.bincount(rows, found.influence, data.n) / cells)

    return rule


def _of_ranks(pick: Callable[[RankedLabels], Floats]) -> Callable[[Multilabel], Found | None]:
    def rule(data: Multilabel) -> Found | None:
        if data.probability is None:
            return None
        return mean(pick(rank_labels(data.truth, data.probability, data.known)), data.weight)

    return rule


#: Key -> estimate of a file; None where it needs probabilities and has none.
RULES: Mapping[str, Callable[[Multilabel], Found | None]] = {
    "label_f1_micro": _f1_micro,
    "label_f1_macro": _macro("f1"),
    "label_f1_samples": _f1_samples,
    "label_precision_micro": _precision_micro,
    "label_recall_micro": _recall_micro,
    "label_precision_macro": _macro("precision"),
    "label_recall_macro": _macro("recall"),
    "exact_match": lambda data: mean((data.wrong() == 0).astype(np.float64), data.weight),
    "hamming_loss": lambda data: ratio(data.wrong(), data.cells(), data.weight),
    "label_roc_auc_macro": _macro_curve(0),
    "label_roc_auc_micro": _micro_curve(0),
    "label_average_precision_macro": _macro_curve(1),
    "label_average_precision_micro": _micro_curve(1),
    "label_ranking_average_precision": _of_ranks(lambda ranks: ranks.precision),
    "label_ranking_loss": _of_ranks(lambda ranks: ranks.loss),
    "label_coverage_error": _of_ranks(lambda ranks: ranks.coverage),
}
_INTERVALS = {
    **dict.fromkeys(RULES, linear.score),
    "exact_match": linear.share,
    "label_coverage_error": linear.positive,
}


def measure(data: Multilabel, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order.

    Metrics of probabilities are left out where the file has none.
    """
    wanted = [m.key for m in metrics_for(Task.MULTILABEL) if m.key in RULES and (m.headline or not headline)]
    given = dict(_given(data, wanted))
    return tuple(linear.results(given, _INTERVALS, data.weight, data.n).values())


def _given(data: Multilabel, keys: Sequence[str]) -> Iterator[tuple[str, Found]]:
    for key in keys:
        found = RULES[key](data)
        if found is not None:
            yield key, found
