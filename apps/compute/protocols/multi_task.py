"""Several labels for each row, pooled into one list, as BDD100K, OGB-MolPCBA and ENCODE in WILDS define "
"it."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.inputs import present
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.resampling import block_sums, deal, interval, resample
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats

#: Bins of the score in the bootstrap, of all labels and of one group.
BINS, GROUP_BINS = 1_000, 200


def judge(given: Given) -> ProtocolResult:
    """`pooled_accuracy` where predictions are given, `pooled_average_precision` where scores are, and
    `worst_group_average_precision` where groups are. The bootstrap draws rows with all their labels.

    InputRejected: other numbers of truths than of predictions or scores, neither of them, labels other than 0
    and 1, no label at all, a missing prediction of a known label.
    """
    truths = given.names("truths")
    for part in ("predictions", "scores"):
        if given.names(part) and len(given.names(part)) != len(truths):
            raise InputRejected("tasks_differ", _DIFFERENT, truths=len(truths), others=len(given.names(part)))
    if not given.names("predictions") and not given.names("scores"):
        raise InputRejected("missing_part", _NEITHER)
    known = np.stack([present(given.frame.get_column(name)) for name in truths])
    if not known.any():
        raise InputRejected("no_truth", _NO_LABEL)
    pairs = np.nonzero(known)  # (task, row) of each known label
    truth = np.concatenate([_flags(given, name, known[task]) for task, name in enumerate(truths)])
    block = deal(known.shape[1], given.rng)[pairs[1]]
    metrics: list[MetricResult] = []
    tables: dict[str, Table] = {}
    if given.names("predictions"):
        predicted = [_flags(given, name, known[task]) for task, name in enumerate(given.names("predictions"))]
        metrics.append(_accuracy(given, truth == np.concatenate(predicted), block))
    if given.names("scores"):
        score = np.concatenate(
            [_values(given, name, known[task]) for task, name in enumerate(given.names("scores"))]
        )
        metrics.append(_precision(given, "pooled_average_precision", truth, score, block))
        if given.name("group"):
            worst, tables["groups"] = _by_group(given, truth, score, block, pairs[1])
            metrics.append(worst)
    return given.result(known.shape[1], metrics, tables)


def average_precision(truth: NDArray[np.bool_], score: Floats) -> float:
    """scikit-learn's average precision: sum of (R_k - R_(k-1)) P_k over distinct scores; NaN for no "
    "positive."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    found = np.cumsum(truth[order])[ends]
    if not found[-1]:
        return np.nan
    return float(np.dot(np.diff(found, prepend=0), found / (ends + 1)) / found[-1])


def _values(given: Given, name: str, known: NDArray[np.bool_]) -> Floats:
    """The finite numbers of a column where the label is known; InputRejected names the row of the file."""
    series = given.frame.get_column(name)
    numbers = series.cast(pl.Float64, strict=False).to_numpy()
    faulty = known & ~np.isfinite(numbers)
    if faulty.any():
        row = int(np.argmax(faulty)) + 1
        raise InputRejected("missing_value", _NO_VALUE, column=name, row=row, count=int(faulty.sum()))
    return numbers[known]


def _flags(given: Given, name: str, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    values = _values(given, name, known)
    faulty = (values != 0) & (values != 1)
    if faulty.any():
        row = int(np.flatnonzero(known)[np.argmax(faulty)]) + 1
        raise InputRejected(
            "not_a_flag", _NOT_A_FLAG, column=name, row=row, value=float(values[np.argmax(faulty)])
        )
    return np.asarray(values == 1)


def _accuracy(given: Given, hits: NDArray[np.bool_], block: NDArray[np.int64]) -> MetricResult:
    value = float(hits.mean())
    drawn = resample(block_sums(block, hits.astype(np.int64), 2), given.rng)
    low, high = interval(drawn[:, 1] / drawn.sum(axis=1), value)
    return bounded("pooled_accuracy", value, low, high, len(hits), "bootstrap")


def _precision(
    given: Given, key: str, truth: NDArray[np.bool_], score: Floats, block: NDArray[np.int64]
) -> MetricResult:
    value = average_precision(truth, score)
    if not np.isfinite(value):
        return MetricResult(key, value, n=len(truth))
    low, high = interval(_samples(given, truth, score, block), value)
    return bounded(key, value, low, high, len(truth), "bootstrap")


def _samples(
    given: Given, truth: NDArray[np.bool_], score: Floats, block: NDArray[np.int64], bins: int = BINS
) -> Floats:
    """Average precisions of resamples, from counts in bins of the score that hold equal numbers."""
    distinct = np.unique(score)
    if len(distinct) > bins:
        distinct = np.unique(np.quantile(score, np.linspace(0, 1, bins)))
    place = len(distinct) - 1 - np.clip(np.searchsorted(distinct, score, "right") - 1, 0, None)
    cells = len(distinct)
    sums = block_sums(block, place * 2 + truth, cells * 2)
    drawn = np.cumsum(resample(sums, given.rng).reshape(-1, cells, 2), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.nan_to_num(drawn[:, :, 1] / drawn.sum(axis=2))
        area = (np.diff(drawn[:, :, 1], prepend=0, axis=1) * precision).sum(axis=1) / drawn[:, -1, 1]
    return np.asarray(area)


def _by_group(
    given: Given,
    truth: NDArray[np.bool_],
    score: Floats,
    block: NDArray[np.int64],
    row: NDArray[np.int64],
) -> tuple[MetricResult, Table]:
    """The worst group's average precision and the table; its interval is of the least of independent "
    "groups."""
    groups = given.groups()
    order = np.argsort(groups.codes[row], kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(groups.codes[row], minlength=len(groups.names)))[:-1])
    values = np.array(
        [average_precision(truth[part], score[part]) if len(part) else np.nan for part in parts]
    )
    bounds, least = [], None
    for part, value in zip(parts, values, strict=True):
        if not np.isfinite(value):
            bounds.append((np.nan, np.nan))
            continue
        samples = _samples(given, truth[part], score[part], block[part], GROUP_BINS)
        bounds.append(interval(samples, float(value)))
        if least is None:
            least = samples
        else:
            shared = min(len(least), len(samples))
            least = np.fmin(least[:shared], samples[:shared])
    key = "worst_group_average_precision"
    if least is None:
        worst = MetricResult(key, np.nan, n=len(truth))
    else:
        value = float(np.nanmin(values))
        worst = bounded(key, value, *interval(least, value), len(truth), "bootstrap")
    ranked = np.argsort(values, kind="stable")[:MOST_GROUPS]
    sizes = groups.sizes

    def listed(found: list[float]) -> list[float | None]:
        return [float(found[i]) if np.isfinite(found[i]) else None for i in ranked]

    return worst, Table(
        {
            "group": [groups.names[i] for i in ranked],
            "n": [int(sizes[i]) for i in ranked],
            "labels": [len(parts[i]) for i in ranked],
            "average_precision": listed(list(values)),
            "average_precision_low": listed([low for low, _ in bounds]),
            "average_precision_high": listed([high for _, high in bounds]),
        }
    )


_DIFFERENT = gettext_noop(
    "There are %(truths)s columns of truth and %(others)s of predictions. Name one prediction for each "
    "truth, "
    "in the same order."
)
_NEITHER = gettext_noop("Name the columns with the predictions or with the scores of the tasks, or both.")
_NO_LABEL = gettext_noop("All labels of all tasks are missing, so there is nothing to compare with.")
_NO_VALUE = gettext_noop(
    "The column %(column)s has no number in row %(row)s, where the label is known (%(count)s such rows). "
    "Fill "
    "the values in."
)
_NOT_A_FLAG = gettext_noop("The column %(column)s must hold 0 and 1, but row %(row)s has %(value)s.")
