"""Macro F1 and recall over the classes that occur in the truth, as iWildCam in WILDS defines them."""

from __future__ import annotations

import numpy as np

from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.groups import accuracy
from apps.compute.protocols.resampling import block_sums, deal, interval, resample
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, wilson


def judge(given: Given) -> ProtocolResult:
    """`f1_macro_present`, `recall_macro_present`, `accuracy`. A class that is predicted but never true is not
    averaged in; its rows are errors of their true classes all the same.
    """
    classes, (truth, predicted) = given.classes("truth", "prediction")
    k = len(classes)
    hits = truth == predicted
    block = deal(len(hits), given.rng)
    own = block_sums(block, truth, k)
    claimed = block_sums(block, predicted, k)
    right = block_sums(block, truth, k, hits.astype(np.float64))
    present = own.sum(axis=0) > 0
    sums = np.stack([right, own, claimed], axis=2)[:, present]
    total = sums.sum(axis=0)
    drawn = resample(sums.reshape(len(sums), -1), given.rng).reshape(-1, len(total), 3)
    found = [accuracy(hits)]
    for key, score in (("f1_macro_present", _f1), ("recall_macro_present", _recall)):
        value = float(score(total).mean())
        samples = score(drawn)
        occurring = drawn[:, :, 1] > 0  # a class may be absent from a sample
        means = np.where(occurring, samples, 0.0).sum(axis=1) / occurring.sum(axis=1)
        found.append(bounded(key, value, *interval(means, value), len(hits), "bootstrap"))
    low, high = wilson(total[:, 0], total[:, 1])
    f1, recall = _f1(total), _recall(total)
    names = [name for name, there in zip(classes, present, strict=True) if there]
    order = np.argsort(f1, kind="stable")[:MOST_GROUPS]
    table = Table(
        {
            "group": [names[i] for i in order],
            "n": [int(total[i, 1]) for i in order],
            "recall": [float(recall[i]) for i in order],
            "recall_low": [float(low[i]) for i in order],
            "recall_high": [float(high[i]) for i in order],
            "f1": [float(f1[i]) for i in order],
        }
    )
    return given.result(len(hits), found, {"groups": table})


def _f1(cells: Floats) -> Floats:
    """``cells`` (…, classes, (right, true, predicted)) to the F1 of each class; 0 where nothing is right."""
    return 2 * cells[..., 0] / np.maximum(cells[..., 1] + cells[..., 2], 1)


def _recall(cells: Floats) -> Floats:
    return cells[..., 0] / np.maximum(cells[..., 1], 1)
