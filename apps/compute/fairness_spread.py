"""How far groups are apart in a rate: largest minus smallest, smallest over largest, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.fairness_result import Spread
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult
from apps.compute.uncertainty import Bounds, Floats, percentile_interval

RESAMPLES = 2000
METHOD = "draws"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of each group: arrays of shape (groups,), ``draws`` (resamples, groups).

    ``rows`` is what the rate rests on. ``statistic`` with ``freedom`` is the chi-square of equality.
    """

    key: str
    value: Floats
    bounds: Bounds
    method: str
    rows: Floats
    defined: NDArray[np.bool_]
    draws: Floats
    overall: float
    overall_bounds: Bounds
    overall_draws: Floats
    statistic: float
    freedom: int
    p: float | None


def spread(rate: Rate, names: Sequence[str], *, with_ratio: bool) -> Spread:
    found = distances(rate.key, [rate])
    if int(rate.defined.sum()) < 2:
        ratio = found["ratio"] if with_ratio else None
        return Spread(rate.key, None, None, "", "", found["difference"], ratio, found["to_overall"], None)
    value = np.where(rate.defined, rate.value, np.nan)
    low, high = int(np.nanargmin(value)), int(np.nanargmax(value))
    return Spread(
        key=rate.key,
        smallest=float(value[low]),
        largest=float(value[high]),
        smallest_group=names[low],
        largest_group=names[high],
        difference=found["difference"],
        ratio=found["ratio"] if with_ratio else None,
        to_overall=found["to_overall"],
        p=rate.p,
    )


def distances(key: str, rates: Sequence[Rate]) -> Mapping[str, MetricResult]:
    """``difference``, ``ratio`` and ``to_overall`` of the worst of ``rates``, named after ``key``."""
    n = int(max(rate.rows[rate.defined].sum() for rate in rates))
    names = {"difference": "difference", "ratio": "ratio", "to_overall": "difference_to_overall"}
    if any(int(rate.defined.sum()) < 2 for rate in rates):
        why = Message(_FEW)
        return {end: MetricResult(f"{key}_{name}", None, n=n, undefined=why) for end, name in names.items()}
    values, draws = zip(*(_ends(rate) for rate in rates), strict=True)
    found = {}
    for end, name in names.items():
        worst = np.minimum if end == "ratio" else np.maximum
        value = float(worst.reduce([each[end] for each in values]))
        found[end] = _with_bounds(f"{key}_{name}", value, worst.reduce([each[end] for each in draws]), n)
    return found


def _ends(rate: Rate) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
    """The three distances of the estimate, and of each draw."""
    groups = rate.defined
    return (
        _distances(rate.value[groups], np.asarray(rate.overall)),
        _distances(rate.draws[:, groups], rate.overall_draws[:, None]),
    )


def _distances(value: Floats, overall: Floats) -> Mapping[str, Floats]:
    low, high = value.min(axis=-1), value.max(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(low / high)
    return {"difference": high - low, "ratio": ratio, "to_overall": np.abs(value - overall).max(axis=-1)}


def _with_bounds(key: str, value: float, draws: Floats, n: int) -> MetricResult:
    """The bound towards equality is not above what the upward bias of a largest difference allows."""
    if not np.isfinite(value):
        return MetricResult(key, None, n=n, undefined=Message(_ALL_ZERO))
    low, high = percentile_interval(draws)
    if key.endswith("_ratio"):
        low, high = min(low, value), min(max(high, 2 * value - low), 1.0)
    else:
        low, high = max(min(low, 2 * value - high), 0.0), max(high, value)
    return bounded(key, value, low, high, n, METHOD)


_FEW = gettext_noop("Fewer than two groups have enough rows for this rate.")
_ALL_ZERO = gettext_noop("The rate is 0 in every group, so that there is no ratio.")
