"""Accuracy by group, as WILDS defines it: the worst group, and a low percentile over the groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.compute import labels
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given, Groups
from apps.compute.protocols.resampling import MOST_CELLS, RESAMPLES, interval, ratio_min
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, quantile_interval, resample_counts, wilson


def judge(given: Given) -> ProtocolResult:
    """`worst_group_accuracy`, `percentile_group_accuracy` and `accuracy`; the table ``groups``.

    InputRejected: one group, rows of no group, all groups left out.
    """
    hits = given.hits()
    groups = given.groups()
    kept = groups.kept(given.names("left_out"))
    right, n = counts(hits, groups)
    found = [
        accuracy(hits),
        worst_share("worst_group_accuracy", right[kept], n[kept], given.rng),
        _percentile(right[kept] / n[kept], given.number("percentile")),
    ]
    absent = [name for name in given.names("expected") if labels.canonical(name) not in groups.names]
    if absent:
        given.notes.append(Message(_ABSENT, {"column": groups.column, "groups": ", ".join(absent[:20])}))
    return given.result(len(hits), found, {"groups": table(given, groups.names, right, n, absent)})


def counts(hits: NDArray[np.bool_], groups: Groups) -> tuple[Floats, Floats]:
    """(right, rows) of each group, shape (groups,)."""
    right = np.bincount(groups.codes, hits, len(groups.names)).astype(np.float64)
    return right, groups.sizes.astype(np.float64)


def accuracy(hits: NDArray[np.bool_], key: str = "accuracy") -> MetricResult:
    """The share of hits, with Wilson's interval; undefined for no rows."""
    n, right = len(hits), int(np.count_nonzero(hits))
    low, high = wilson(right, n)
    return bounded(key, right / n if n else np.nan, low, high, n, "wilson")


def worst_share(key: str, right: Floats, n: Floats, rng: np.random.Generator) -> MetricResult:
    """The least of the shares ``right / n`` (shape (groups,)), with a bootstrap of rows inside of groups."""
    having = n > 0
    right, n = right[having], n[having]
    if not len(n):
        return MetricResult(key, np.nan)
    value = float((right / n).min())
    resamples = int(np.clip(MOST_CELLS // len(n), 100, RESAMPLES))
    good = resample_counts(right, None, resamples, rng)
    all_rows = good + resample_counts(n - right, None, resamples, rng)
    low, high = interval(ratio_min(good, all_rows), value)
    return bounded(key, value, low, high, int(n.sum()), "bootstrap")


def _percentile(shares: Floats, percentile: float) -> MetricResult:
    """The percentile over groups; groups are the units, so its interval comes from their order."""
    low, high = quantile_interval(np.sort(shares), percentile / 100)
    value = float(np.percentile(shares, percentile))
    return bounded("percentile_group_accuracy", value, low, high, len(shares), "order statistics")


def table(
    given: Given,
    names: tuple[str, ...],
    right: Floats,
    n: Floats,
    absent: list[str] | tuple[str, ...] = (),
    value: str = "accuracy",
) -> Table:
    """Shares by group, the worst first, then the ``absent`` ones with 0 rows."""
    with np.errstate(invalid="ignore"):
        shares = right / n
    low, high = wilson(right, n)
    order = [int(place) for place in np.argsort(shares, kind="stable")[:MOST_GROUPS] if n[place] > 0]
    if len(names) > MOST_GROUPS:
        given.notes.append(Message(_MANY, {"shown": MOST_GROUPS, "all": len(names)}))
    missing = [None] * len(absent)
    return Table(
        {
            "group": [*(names[place] for place in order), *absent],
            "n": [*(int(n[place]) for place in order), *(0 for _ in absent)],
            value: [*(float(shares[place]) for place in order), *missing],
            f"{value}_low": [*(float(low[place]) for place in order), *missing],
            f"{value}_high": [*(float(high[place]) for place in order), *missing],
        }
    )


_ABSENT = gettext_noop(
    "No row of the column %(column)s is of these groups, so they do not count as the worst: %(groups)s."
)
_MANY = gettext_noop("The table shows the %(shown)s worst of %(all)s groups.")
