"""Accuracy of tokens by type, as Py150 in WILDS defines it."""

from __future__ import annotations

import numpy as np

from apps.compute import labels
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.groups import accuracy, counts, table
from apps.compute.protocols.resampling import block_sums, deal, interval, resample
from apps.compute.protocols.result import ProtocolResult
from apps.compute.uncertainty import Floats


def judge(given: Given) -> ProtocolResult:
    """`chosen_token_accuracy` over all tokens of the chosen types, `token_accuracy` over all with a label.

    With sequences the bootstrap draws whole ones; without, tokens are independent (Wilson). Tokens without a
    label are left out. InputRejected: a chosen type that does not occur.
    """
    hits = given.hits()
    types = given.groups("type", least=1)
    chosen_types = {labels.canonical(name) for name in given.names("chosen")}
    others = [name for name in types.names if name not in chosen_types]
    absent = chosen_types - set(types.names)
    kept = types.kept([*others, *sorted(absent)])  # an absent one is refused here, with the names there are
    chosen = kept[types.codes]
    metrics = [accuracy(hits[chosen], "chosen_token_accuracy"), accuracy(hits, "token_accuracy")]
    if given.name("sequence"):
        sequence = given.groups("sequence", least=1)
        block = deal(len(sequence.names), given.rng)[sequence.codes]
        samples = _samples(given, block, hits, chosen)
        metrics = [
            bounded(found.key, found.value or 0.0, *interval(each, found.value or 0.0), found.n, "bootstrap")
            for found, each in zip(metrics, samples, strict=True)
        ]
    right, n = counts(hits, types)
    return given.result(len(hits), metrics, {"groups": table(given, types.names, right, n)})


def _samples(given: Given, block: np.ndarray, hits: np.ndarray, chosen: np.ndarray) -> tuple[Floats, Floats]:
    """Accuracies of the chosen tokens and of all, in samples of whole sequences."""
    drawn = resample(block_sums(block, 2 * chosen.astype(np.int64) + hits, 4), given.rng)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_chosen = drawn[:, 3] / (drawn[:, 2] + drawn[:, 3])
        return of_chosen, (drawn[:, 1] + drawn[:, 3]) / drawn.sum(axis=1)
