"""Metrics of classification into any number of classes; scikit-learn is the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import confusion as cm
from apps.compute.metrics import multiclass_records  # noqa: F401  (registers the metrics)
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.ranking import Areas, areas
from apps.compute.metrics.registry import metrics_for
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import (
    Floats,
    effective_n,
    log_interval,
    mean_and_variance,
    score_interval,
    wilson,
)

#: Bins of the calibration of the largest probability.
CALIBRATION_BINS = 10
#: One-versus-one AUC takes the square of this many passes; with more classes it is left out.
MOST_PAIRED_CLASSES = 20
TOP_K = (2, 3, 5)

ALL_ONE_CLASS = Message(gettext_noop("The truth and the prediction hold one and the same class only."))
_ABSENT = gettext_noop("No row truly is of %(classes)s (%(count)s of the classes in all).")
_TOP_ALL = gettext_noop("There are no more than %(k)s classes, so the true one is always among them.")
_MANY_PAIRS = gettext_noop("Not computed for more than %(most)s classes.")
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Multiclass:
    """Rows to judge. Codes are positions in ``classes``.

    ``probability`` has shape (classes, n) and sums to 1 over the classes. The other arrays have shape (n,).
    ``loss`` .. ``rank`` are per-row numbers of the probabilities (see `prepare`), None without them.
    """

    classes: tuple[str, ...]
    truth: Codes
    predicted: Codes
    weight: Floats | None = None
    probability: Floats | None = None
    loss: Floats | None = None
    brier: Floats | None = None
    confidence: Floats | None = None
    rank: NDArray[np.int32] | None = None

    def rows(self, index: NDArray[Any] | slice) -> Multiclass:
        """The rows at ``index``; a view where it is a slice."""

        def pick(values: Any) -> Any:
            return None if values is None else values[..., index]

        return Multiclass(
            self.classes,
            *(
                pick(getattr(self, name))
                for name in (
                    "truth",
                    "predicted",
                    "weight",
                    "probability",
                    "loss",
                    "brier",
                    "confidence",
                    "rank",
                )
            ),
        )


def prepare(
    classes: tuple[str, ...],
    truth: Codes,
    predicted: Codes,
    weight: Floats | None,
    probability: Floats | None,
) -> Multiclass:
    """Work out what each row's probabilities say, once for all metrics and slices.

    ``loss`` is -log(p of the true class), p clipped to machine epsilon; ``brier`` the sum over classes
    of (p - [class is true])^2; ``rank`` how many classes come before the true one when classes are
    sorted by p (of equal ones the later class comes first): all three of p as given, as in scikit-learn.
    ``confidence`` is the largest p. It and the areas under curves take p scaled to sum to 1;
    ``probability``, shape (classes, n), is scaled in place.
    """
    if probability is None:
        return Multiclass(classes, truth, predicted, weight)
    n = len(truth)
    of_truth = probability[truth, np.arange(n)]
    squares, rank = np.zeros(n), np.zeros(n, np.int32)
    for code, column in enumerate(probability):
        squares += column * column
        rank += column > of_truth
        rank += (column == of_truth) & (code > truth)
    probability /= row_sums(probability)
    return Multiclass(
        classes,
        truth,
        predicted,
        weight,
        probability,
        loss=-np.log(np.clip(of_truth, _EPS, 1 - _EPS)),
        brier=squares - 2 * of_truth + 1,
        confidence=probability.max(axis=0),
        rank=rank,
    )


def row_sums(probability: Floats) -> Floats:
    """Sums over the classes of (classes, n), shape (n,), each row added up pairwise in its own order.

    Scaled equal probabilities stay equal only when their rows are added up in one way, and ranks
    depend on ties; this way is that of ``sum(axis=1)`` on a table of rows.
    """
    n = probability.shape[1]
    block = 1 << 16
    blocks = (np.ascontiguousarray(probability[:, at : at + block].T) for at in range(0, n, block))
    return np.concatenate([rows.sum(axis=1) for rows in blocks])


def measure(
    data: Multiclass, *, headline: bool = False, found_areas: Areas | None = None
) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order.

    Metrics of probabilities are left out where the file has none. ``found_areas`` saves computing
    `areas_of` again.
    """
    found = _of_labels(data)
    if data.probability is not None:
        found |= _of_probabilities(data)
        found |= _of_areas(data, found_areas or areas_of(data, pairs=not headline))
    return tuple(
        found[metric.key]
        for metric in metrics_for(Task.MULTICLASS)
        if metric.key in found and (metric.headline or not headline)
    )


def _of_labels(data: Multiclass) -> dict[str, MetricResult]:
    n = len(data.truth)
    confusion = cm.Confusion.count(data.truth, data.predicted, len(data.classes), data.weight)
    values = {key: float(value) for key, value in cm.metrics(confusion.margins()).items()}
    known = {key: value for key, value in values.items() if np.isfinite(value)}
    bounds = cm.intervals(confusion, known)
    found = {key: MetricResult(key, value, *bounds[key], n, "delta") for key, value in known.items()}
    if "cohen_kappa" not in found:
        found["cohen_kappa"] = MetricResult("cohen_kappa", None, n=n, undefined=ALL_ONE_CLASS)
    size = effective_n(data.weight, n)
    low, high = wilson(values["accuracy"] * size, size)
    for key in ("accuracy", "precision_micro", "recall_micro", "f1_micro"):
        found[key] = MetricResult(key, values["accuracy"], float(low), float(high), n, "wilson")
    return found


def _of_probabilities(data: Multiclass) -> dict[str, MetricResult]:
    n = len(data.truth)
    if data.loss is None or data.brier is None or data.rank is None:
        return {}
    found = {}
    for key, losses in (("log_loss", data.loss), ("brier_multiclass", data.brier)):
        mean, variance = mean_and_variance(losses, data.weight)
        found[key] = bounded(key, mean, *log_interval(mean, variance), n, "log-normal")
    size = effective_n(data.weight, n)
    for top in TOP_K:
        key = f"top_{top}_accuracy"
        if top >= len(data.classes):
            found[key] = MetricResult(key, None, n=n, undefined=Message(_TOP_ALL, {"k": top}))
            continue
        share = float(np.average(data.rank < top, weights=data.weight))
        found[key] = bounded(key, share, *wilson(share * size, size), n, "wilson")
    bins = calibration_bins(data)
    gaps = np.abs(bins["observed"] - bins["mean_predicted"])
    found["ece_top_label"] = MetricResult("ece_top_label", float(np.dot(gaps, bins["share"])), n=n)
    found["mce_top_label"] = MetricResult("mce_top_label", float(gaps.max()), n=n)
    return found


def areas_of(data: Multiclass, *, pairs: bool = True) -> Areas | None:
    """Areas under the ROC curves; None where a class has no row. Pairs only up to a number of classes."""
    if data.probability is None or len(data.classes) < 2 or classes_without_rows(data):
        return None
    pairs = pairs and len(data.classes) <= MOST_PAIRED_CLASSES
    return areas(data.probability, data.truth, data.weight, pairs=pairs)


def _of_areas(data: Multiclass, found: Areas | None) -> dict[str, MetricResult]:
    n, keys = len(data.truth), ("roc_auc_ovr_macro", "roc_auc_ovo_macro")
    if found is None:
        absent = classes_without_rows(data)
        why = Message(_ABSENT, {"classes": ", ".join(absent[:5]), "count": len(absent)})
        if not absent:
            why = ALL_ONE_CLASS
        return {key: MetricResult(key, None, n=n, undefined=why) for key in keys}
    low, high = score_interval(found.macro, found.variance) if 0 < found.macro < 1 else (np.nan, np.nan)
    results = {keys[0]: bounded(keys[0], found.macro, low, high, n, "delong")}
    many = None if found.pairs is not None else Message(_MANY_PAIRS, {"most": MOST_PAIRED_CLASSES})
    results[keys[1]] = MetricResult(keys[1], found.pairs, n=n, undefined=many)
    return results


def classes_without_rows(data: Multiclass) -> list[str]:
    """Classes without any weight in the truth."""
    mass = np.bincount(data.truth, data.weight, len(data.classes))
    return [label for label, share in zip(data.classes, mass, strict=True) if share == 0]


def calibration_bins(data: Multiclass, bins: int = CALIBRATION_BINS) -> dict[str, Floats]:
    """Equal-width bins [i/bins, (i+1)/bins) of the largest probability, the last closed, empty ones out.

    ``observed`` is the (weighted) share of right predictions, ``share`` the bin's share of the weight,
    ``size`` its effective number of rows. Expected calibration error = sum share |observed - mean|
    (Guo et al. 2017).
    """
    if data.confidence is None:
        raise ValueError("Calibration needs probabilities.")
    edges = np.arange(bins + 1) / bins
    place = np.clip(np.searchsorted(edges, data.confidence, "right") - 1, 0, bins - 1)
    w = np.ones(len(place)) if data.weight is None else data.weight
    right = data.truth == data.predicted
    mass = np.bincount(place, w, bins)
    held = mass > 0
    squares = np.bincount(place, w * w, bins)[held]
    mass_held = mass[held]
    return {
        "low": edges[:-1][held],
        "high": edges[1:][held],
        "mean_predicted": np.bincount(place, w * data.confidence, bins)[held] / mass_held,
        "observed": np.bincount(place, w * right, bins)[held] / mass_held,
        "share": mass_held / mass.sum(),
        "size": mass_held**2 / squares,
        "n": np.bincount(place, minlength=bins)[held].astype(np.float64),
    }
