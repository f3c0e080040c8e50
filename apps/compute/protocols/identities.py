"""Accuracy by identity and true label, as CivilComments in WILDS defines it. Groups may overlap."""

from __future__ import annotations

import numpy as np

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.groups import accuracy
from apps.compute.protocols.resampling import block_sums, deal, interval, ratio_min, resample
from apps.compute.protocols.result import ProtocolResult
from apps.compute.results import Table
from apps.compute.uncertainty import wilson

MOST_LABELS = 20


def judge(given: Given) -> ProtocolResult:
    """`worst_group_accuracy` over identities x true labels, and `accuracy`.

    A group without rows has accuracy 0, as in the reference, and a note names it. The bootstrap draws rows,
    so that a row in several groups stays in all of them. InputRejected: an identity that is not 0 and 1, too
    many labels.
    """
    classes, (truth, predicted) = given.classes("truth", "prediction")
    present = np.flatnonzero(np.bincount(truth, minlength=len(classes)))
    if len(present) > MOST_LABELS:
        raise InputRejected("too_many_labels", _TOO_MANY, column=given.name("truth"), most=MOST_LABELS)
    hits = truth == predicted
    block = deal(len(hits), given.rng)
    cells = 2 * len(classes)
    names, sums = [], []
    for identity in given.names("identities"):
        member = given.flags(identity)
        cell = 2 * truth[member].astype(np.int64) + hits[member]
        whole = np.zeros((int(block.max()) + 1, cells))
        if member.any():
            found = block_sums(block[member], cell, cells)
            whole[: len(found)] = found
        for label in present:
            names.append((identity, classes[label]))
            sums.append(whole[:, 2 * label : 2 * label + 2])
    wrong_right = np.stack(sums, axis=1)  # (blocks, groups, 2)
    right, n = wrong_right[:, :, 1].sum(axis=0), wrong_right.sum(axis=(0, 2))
    value = float(np.where(n > 0, right / np.maximum(n, 1), 0.0).min())
    if empty := [
        f"{identity} × {label}" for (identity, label), rows in zip(names, n, strict=True) if not rows
    ]:
        given.notes.append(Message(_EMPTY, {"groups": ", ".join(empty[:20])}))
        worst = bounded("worst_group_accuracy", value, np.nan, np.nan, int(n.sum()), "")
    else:
        drawn = resample(wrong_right.reshape(len(wrong_right), -1), given.rng).reshape(-1, len(names), 2)
        ends = interval(ratio_min(drawn[:, :, 1], drawn.sum(axis=2)), value)
        worst = bounded("worst_group_accuracy", value, *ends, len(hits), "bootstrap")
    low, high = wilson(right, n)
    shares = [float(r / k) if k else 0.0 for r, k in zip(right, n, strict=True)]
    order = np.argsort(shares, kind="stable")
    table = Table(
        {
            "group": [f"{names[i][0]} × {names[i][1]}" for i in order],
            "identity": [names[i][0] for i in order],
            "label": [names[i][1] for i in order],
            "n": [int(n[i]) for i in order],
            "accuracy": [shares[i] for i in order],
            "accuracy_low": [float(low[i]) if n[i] else None for i in order],
            "accuracy_high": [float(high[i]) if n[i] else None for i in order],
        }
    )
    return given.result(len(hits), [worst, accuracy(hits)], {"groups": table})


_TOO_MANY = gettext_noop(
    "The column %(column)s has more than %(most)s labels, so that most groups would have few rows. Choose a "
    "column with fewer labels."
)
_EMPTY = gettext_noop(
    "These groups have no row and count as an accuracy of 0, as in the reference: %(groups)s. Leave out the "
    "identities that do not occur."
)
