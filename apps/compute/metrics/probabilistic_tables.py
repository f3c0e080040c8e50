"""The tables of predicted distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from apps.compute.metrics.probabilistic import (
    LEVELS,
    Probabilistic,
    below,
    covered,
    interval_score,
    width,
)
from apps.compute.metrics.regression_tables import histogram
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, effective_n, log_interval, mean_and_variance, wilson

PIT_BINS = 20


def tables(data: Probabilistic) -> dict[str, Table]:
    """All tables of ``data`` but those over time. Nothing of quantiles where an interval is all there is."""
    found = {"coverage_levels": _coverage(data)}
    if data.levels:
        found |= {"pit_histogram": _pit(data), "quantile_calibration": _calibration(data)}
    return {**found, "residual_histogram": histogram(np.sort(data.predicted - data.truth))}


def _coverage(data: Probabilistic) -> Table:
    own = () if data.interval is None else (data.interval[0],)
    columns: dict[str, list[float | None]] = {"level": []}
    for level in own or LEVELS:
        inside = covered(data, level)
        if inside is None:
            continue
        columns["level"].append(level)
        row = _share("coverage", data, inside)
        row |= _mean("width", data, width, level) | _mean("score", data, interval_score, level)
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return Table(columns)


def _share(name: str, data: Probabilistic, values: Floats) -> dict[str, float | None]:
    share, size = float(np.average(values, weights=data.weight)), effective_n(data.weight, len(values))
    low, high = wilson(share * size, size)
    return {name: share, f"{name}_low": float(low), f"{name}_high": float(high)}


def _mean(
    name: str, data: Probabilistic, rule: Callable[[Probabilistic, float], Floats | None], level: float
) -> dict[str, float | None]:
    values = rule(data, level)
    if values is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    mean, variance = mean_and_variance(values, data.weight)
    low, high = (float(end) if np.isfinite(end) else None for end in log_interval(mean, variance))
    return {name: mean, f"{name}_low": low, f"{name}_high": high}


def _pit(data: Probabilistic) -> Table:
    """Where truths fall in their own distributions (Dawid 1984): evenly, if those are right. Quantiles give
    the bins between their levels; a row's bin is the number of its quantiles below the truth.
    """
    if data.std is not None:
        edges = np.arange(PIT_BINS + 1) / PIT_BINS
        place = np.minimum(ndtr((data.truth - data.predicted) / data.std) * PIT_BINS, PIT_BINS - 1)
        place = place.astype(np.int64)
    else:
        edges = np.array([0.0, *data.levels, 1.0])
        place = (len(data.levels) - np.sum(below(data), axis=0)).astype(np.int64)
    size = len(edges) - 1
    w = np.ones(len(place)) if data.weight is None else data.weight
    shares = np.bincount(place, w, size) / w.sum()
    effective = effective_n(data.weight, len(place))
    low, high = wilson(shares * effective, effective)
    return Table(
        {
            "low": edges[:-1].tolist(),
            "high": edges[1:].tolist(),
            "share": shares.tolist(),
            "share_low": low.tolist(),
            "share_high": high.tolist(),
            "expected": np.diff(edges).tolist(),
            "n": np.bincount(place, minlength=size).tolist(),
        }
    )


def _calibration(data: Probabilistic) -> Table:
    columns: dict[str, list[float | None]] = {"level": list(data.levels)}
    for flags in below(data):
        for name, value in _share("observed", data, flags).items():
            columns.setdefault(name, []).append(value)
    return Table(columns)
