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
from apps.compute.uncertainty import LEVEL, Bounds, Floats, percentile_interval

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
    parts = [_ends(rate) for rate in rates]
    found = {}
    for end, name in names.items():
        worst = np.minimum if end == "ratio" else np.maximum
        value, draws = (worst.reduce([part[i][end] for part in parts]) for i in (0, 1))
        noise = np.maximum.reduce([part[2][end] for part in parts])
        found[end] = _with_bounds(f"{key}_{name}", float(value), draws, noise, n)
    return found


_Ends = Mapping[str, Floats]


def _ends(rate: Rate) -> tuple[_Ends, _Ends, _Ends]:
    """The three distances of the estimate, those of each draw, and what each draw adds by chance."""
    groups = rate.defined
    value, draws, overall = rate.value[groups], rate.draws[:, groups], rate.overall_draws[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(draws)
    error, log_error = draws - draws.mean(axis=0), logs - logs.mean(axis=0)
    noise = {
        "difference": np.ptp(error, axis=-1),
        "ratio": np.ptp(log_error, axis=-1),
        "to_overall": np.abs(error - (overall - overall.mean())).max(axis=-1),
    }
    return _distances(value, np.asarray(rate.overall)), _distances(draws, overall), noise


def _distances(value: Floats, overall: Floats) -> _Ends:
    low, high = value.min(axis=-1), value.max(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(low / high)
    return {"difference": high - low, "ratio": ratio, "to_overall": np.abs(value - overall).max(axis=-1)}


def _with_bounds(key: str, value: float, draws: Floats, noise: Floats, n: int) -> MetricResult:
    """Towards equality by the range of the noise, away from it by the draws; see `fairness`."""
    if not np.isfinite(value):
        return MetricResult(key, None, n=n, undefined=Message(_ALL_ZERO))
    low, high = percentile_interval(draws)
    reach = float(np.quantile(noise, LEVEL))
    if key.endswith("_ratio"):
        low, high = min(low, value), min(max(high, value * np.exp(reach)), 1.0)
    else:
        low, high = max(min(low, value - reach), 0.0), max(high, value)
    return bounded(key, value, low, high, n, METHOD)


_FEW = gettext_noop("Fewer than two groups have enough rows for this rate.")
_ALL_ZERO = gettext_noop("The rate is 0 in every group, so that there is no ratio.")
