"""Both sides of a numeric column on one axis: the one merge that rank tests and counts are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.compute.drift.columns import Counts, Floats, Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Every distinct ``value`` of both sides, ascending, and how many values of each side are at most it."""

    values: Floats
    reference: Counts
    current: Counts


def pool(reference: Numbers, current: Numbers) -> Pooled:
    """Merge two sides that are not empty, in the time of one merge of sorted runs."""
    (ours, our_ends), (theirs, their_ends) = reference.steps, current.steps
    values = np.concatenate((ours, theirs))
    order = np.argsort(values, kind="stable")  # merges the two ascending runs
    values = values[order]
    last = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)
    seen = np.cumsum(order < len(ours))[last]
    return Pooled(
        values[last],
        np.concatenate(([0], our_ends))[seen],
        np.concatenate(([0], their_ends))[last + 1 - seen],
    )


def value_counts(reference: Numbers, current: Numbers) -> tuple[Counts, Counts]:
    """How often each distinct value of both sides occurs on either."""
    both = pool(reference, current)
    return np.diff(both.reference, prepend=0), np.diff(both.current, prepend=0)
