"""Precision at one global recall, as SQF in WILDS defines it."""

from __future__ import annotations

import numpy as np

from apps.compute import labels
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given, Groups
from apps.compute.protocols.groups import accuracy, counts, worst_share
from apps.compute.protocols.resampling import block_sums, deal, interval, ratio_min, resample
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, wilson

#: Scores are put into this many bins of equal counts for the bootstrap, which chooses the threshold anew.
BINS = 400


def judge(given: Given) -> ProtocolResult:
    """Precision of score > t where t is the (1 - recall) percentile of the positives' scores, overall and in
    the worst group with a selected row; accuracy at 0.5 beside it.

    InputRejected: more than two classes, an unclear positive one, no positive row, one group.
    """
    truth = _positives(given)
    score = given.inputs.probabilities(given.params["score"])
    groups = given.groups()
    threshold = float(np.percentile(score[truth], 100 * (1 - given.number("recall"))))
    selected = score > threshold
    chosen = np.bincount(groups.codes[selected], minlength=len(groups.names)).astype(np.float64)
    right = np.bincount(groups.codes[selected & truth], minlength=len(groups.names)).astype(np.float64)
    hits = truth == (score > 0.5)
    found = [
        accuracy(hits),
        worst_share("worst_group_accuracy", *counts(hits, groups), given.rng),
        *_precisions(given, truth, score, groups, right, chosen),
    ]
    table = _table(groups, right, chosen, *counts(hits, groups))
    return given.result(len(truth), found, {"groups": table})


def _positives(given: Given) -> np.ndarray:
    classes, (codes,) = given.classes("truth")
    column = given.params["truth"]
    if len(classes) != 2:
        raise InputRejected("not_two_classes", _TWO_CLASSES, column=column, count=len(classes))
    wanted = given.name("positive")
    positive = labels.canonical(wanted) if wanted else labels.positive_of(classes)
    if positive not in classes:
        raise InputRejected("unclear_positive", _UNCLEAR, column=column, classes=", ".join(classes))
    return np.asarray(codes == classes.index(positive))


def _precisions(
    given: Given, truth: np.ndarray, score: Floats, groups: Groups, right: Floats, chosen: Floats
) -> list[MetricResult]:
    """Both precisions, with a bootstrap of rows that chooses the threshold anew in each sample."""
    with np.errstate(divide="ignore", invalid="ignore"):
        overall, worst = float(right.sum() / chosen.sum()), float(ratio_min(right, chosen))
    order = np.argsort(-score, kind="stable")
    place = np.empty(len(score), np.int64)
    place[order] = np.arange(len(score)) * min(BINS, len(score)) // len(score)
    bins = int(place.max()) + 1
    block = deal(len(score), given.rng)
    k = len(groups.names)
    if k * bins * 2 > 100_000:  # many groups: the threshold stays where it is
        worst_metric = worst_share("worst_group_precision_at_recall", right, chosen, given.rng)
        low, high = wilson(right.sum(), chosen.sum())
        return [bounded("precision_at_recall", overall, low, high, len(score), "wilson"), worst_metric]
    cell = (groups.codes.astype(np.int64) * bins + place) * 2 + truth
    sums = block_sums(block, cell, k * bins * 2)
    rounds = [resample(sums, given.rng) for _ in range(max(1, k * bins * 2 // 40_000))]
    precisions = np.concatenate(
        [_drawn(each.reshape(-1, k, bins, 2), given.number("recall")) for each in rounds]
    )
    own = _drawn(sums.sum(axis=0).reshape(1, k, bins, 2), given.number("recall"))[0]
    # Bins place the threshold a little off; only the spread of the samples around their own centre counts.
    bounds: list[tuple[float, float]] = []
    for value, samples, centre in ((overall, precisions[:, 0], own[0]), (worst, precisions[:, 1], own[1])):
        ends = interval(samples - centre + value, value)
        bounds.append((max(ends[0], 0.0), min(ends[1], 1.0)))
    n = int(chosen.sum())
    return [
        bounded("precision_at_recall", overall, *bounds[0], n, "bootstrap"),
        bounded("worst_group_precision_at_recall", worst, *bounds[1], n, "bootstrap"),
    ]


def _drawn(cells: Floats, recall: float) -> Floats:
    """Shape (samples, 2): overall and worst precision at the bin where ``recall`` is reached."""
    found = np.cumsum(cells.sum(axis=1), axis=1)  # (samples, bins, 2), best scores first
    positives = found[:, :, 1]
    at = np.argmin(np.abs(positives - recall * positives[:, -1:]), axis=1)
    samples = np.arange(len(cells))
    by_group = np.cumsum(cells, axis=2)[samples, :, at]  # (samples, groups, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        overall = positives[samples, at] / found[samples, at].sum(axis=1)
    return np.stack([overall, ratio_min(by_group[:, :, 1], by_group.sum(axis=2))], axis=1)


def _table(groups: Groups, right: Floats, chosen: Floats, hits: Floats, n: Floats) -> Table:
    low, high = wilson(right, chosen)
    order = np.argsort(np.where(chosen > 0, right / np.maximum(chosen, 1), 2.0), kind="stable")[:MOST_GROUPS]

    def defined(values: Floats) -> list[float | None]:
        return [float(values[i]) if chosen[i] else None for i in order]

    return Table(
        {
            "group": [groups.names[i] for i in order],
            "n": [int(n[i]) for i in order],
            "selected": [int(chosen[i]) for i in order],
            "precision": defined(right / np.maximum(chosen, 1)),
            "precision_low": defined(low),
            "precision_high": defined(high),
            "accuracy": [float(hits[i] / n[i]) for i in order],
        }
    )


_TWO_CLASSES = gettext_noop(
    "The column %(column)s has %(count)s classes. Precision at a recall needs two, one of them positive."
)
_UNCLEAR = gettext_noop("It is not clear which class of %(column)s is positive: %(classes)s. Name it.")
