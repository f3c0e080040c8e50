"""Pearson correlation and squared error by group, as PovertyMap in WILDS defines them."""

from __future__ import annotations

import numpy as np

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.resampling import RESAMPLES, interval
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, Z, log_interval, mean_and_variance


def judge(given: Given) -> ProtocolResult:
    """`worst_group_pearson` (least over groups), `worst_group_mse` (largest), both over all rows beside them.

    Groups whose truth or prediction does not vary have no correlation: they are not the worst, and a note
    names them. Intervals: normal on Fisher's z scale with the variance of the rows' influences, which holds
    for any distribution; of the worst, from independent draws of all groups' estimates. InputRejected: one
    group, rows of no group.
    """
    truth, predicted = given.numbers("truth"), given.numbers("prediction")
    groups = given.groups()
    kept = groups.kept(given.names("left_out"))
    k = len(groups.names)
    order = np.argsort(groups.codes, kind="stable")
    parts = np.split(order, np.cumsum(groups.sizes)[:-1])
    r, r_variance = np.array([fisher(truth[part], predicted[part]) for part in parts]).T
    mse, mse_variance = np.array([mean_and_variance((predicted[p] - truth[p]) ** 2) for p in parts]).T
    if constant := [groups.names[i] for i in range(k) if not np.isfinite(r[i])]:
        given.notes.append(Message(_CONSTANT, {"groups": ", ".join(constant[:20])}))
    n = len(truth)
    all_r, all_variance = fisher(truth, predicted)
    all_mse, all_mse_variance = mean_and_variance((predicted - truth) ** 2)
    found = [
        _pearson("pearson", all_r, all_variance, n),
        bounded("mse", all_mse, *log_interval(all_mse, all_mse_variance), n, "log-normal"),
        _worst_pearson(given, r[kept], r_variance[kept], n),
        _worst_mse(given, mse[kept], mse_variance[kept], n),
    ]
    return given.result(
        n, found, {"groups": _table(groups.names, groups.sizes, r, r_variance, mse, mse_variance)}
    )


def fisher(truth: Floats, predicted: Floats) -> tuple[float, float]:
    """(r, variance of atanh r): Pearson's correlation and its delta-method variance; NaN without spread.

    A row's influence on r is x y - r (x^2 + y^2) / 2 of standard scores (Devlin et al. 1975).
    """
    n = len(truth)
    if n < 2 or np.ptp(truth) == 0 or np.ptp(predicted) == 0:
        return np.nan, np.nan
    x, y = truth - truth.mean(), predicted - predicted.mean()
    x, y = x / np.sqrt(np.dot(x, x) / n), y / np.sqrt(np.dot(y, y) / n)
    r = float(np.dot(x, y) / n)
    influence = x * y - r * (x * x + y * y) / 2
    spread = 1 - r * r
    if n < 4 or spread < 1e-12:
        return r, np.nan
    return r, float(np.dot(influence, influence) / n / (n - 3) / spread**2)


def _pearson(key: str, r: float, variance: float, n: int) -> MetricResult:
    half = Z * np.sqrt(variance)
    low, high = (
        (np.tanh(np.arctanh(r) + sign * half) for sign in (-1, 1)) if np.isfinite(half) else (np.nan,) * 2
    )
    return bounded(key, r, low, high, n, "fisher")


def _worst_pearson(given: Given, r: Floats, variance: Floats, n: int) -> MetricResult:
    known = np.isfinite(r)
    if not known.any():
        return MetricResult("worst_group_pearson", np.nan, n=n)
    value = float(r[known].min())
    spread = np.sqrt(np.nan_to_num(variance[known]))
    centre = np.arctanh(np.clip(r[known], -1 + 1e-15, 1 - 1e-15))
    drawn = np.tanh(centre + spread * given.rng.standard_normal((RESAMPLES, len(centre)))).min(axis=1)
    return bounded("worst_group_pearson", value, *interval(drawn, value), n, "parametric bootstrap")


def _worst_mse(given: Given, mse: Floats, variance: Floats, n: int) -> MetricResult:
    value = float(mse.max())
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.nan_to_num(np.sqrt(variance) / mse)
    drawn = (mse * np.exp(spread * given.rng.standard_normal((RESAMPLES, len(mse))))).max(axis=1)
    return bounded("worst_group_mse", value, *interval(drawn, value), n, "parametric bootstrap")


def _table(
    names: tuple[str, ...], sizes: np.ndarray, r: Floats, variance: Floats, mse: Floats, mse_variance: Floats
) -> Table:
    order = np.argsort(r, kind="stable")[:MOST_GROUPS]
    pearson = [_pearson("", r[i], variance[i], int(sizes[i])) for i in order]
    low, high = log_interval(mse, mse_variance)

    def defined(values: Floats) -> list[float | None]:
        return [float(values[i]) if np.isfinite(values[i]) else None for i in order]

    return Table(
        {
            "group": [names[i] for i in order],
            "n": [int(sizes[i]) for i in order],
            "pearson": defined(r),
            "pearson_low": [each.low for each in pearson],
            "pearson_high": [each.high for each in pearson],
            "mse": defined(mse),
            "mse_low": defined(low),
            "mse_high": defined(high),
        }
    )


_CONSTANT = gettext_noop(
    "In these groups the truth or the prediction is the same in every row, so that they have no correlation "
    "and are not the worst: %(groups)s."
)
