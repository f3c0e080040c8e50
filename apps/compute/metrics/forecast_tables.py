"""The tables of a forecast: by horizon, by series, over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.compute.metrics.forecast import Forecast, estimate, has, terms
from apps.compute.metrics.regression_tables import histogram
from apps.compute.over_time import Buckets
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats

MOST_HORIZONS = 200
MOST_SERIES = 200


def tables(names: Sequence[str], data: Forecast) -> dict[str, Table]:
    """All tables but those over time. ``names`` has one text per series."""
    found = {}
    if data.horizon is not None:
        found["error_by_horizon"] = _by_horizon(data)
    if len(names) > 1:
        found["worst_series"] = _worst(names, data)
    return {**found, "residual_histogram": histogram(np.sort(data.error))}


def _by_horizon(data: Forecast) -> Table:
    """A forecast of h steps overlaps with h - 1 others, so each horizon has a dependence of its own."""
    if data.horizon is None:
        return Table({})
    horizons = np.unique(data.horizon)[:MOST_HORIZONS]
    columns: dict[str, list[float | None]] = {}
    for horizon in horizons:
        part = data.rows(np.flatnonzero(data.horizon == horizon))
        row = {**_ends(part, "mae", "mae"), **_ends(part, "mean_error", "bias")}
        for key in ("mase", "interval_coverage"):
            row |= _ends(part, key, key)
        for name, value in {**row, "n": len(part.series)}.items():
            columns.setdefault(name, []).append(value)
    return Table({"horizon": horizons.tolist(), **columns})


def _ends(data: Forecast, key: str, name: str) -> dict[str, float | None]:
    """Value and both ends of the interval; None where the file does not carry the metric."""
    found = estimate(data, key, data.dependence()) if has(data, key) else MetricResult(key, None)
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _worst(names: Sequence[str], data: Forecast) -> Table:
    """The series with the largest MASE, or sMAPE where the file has no scale. A series of scale 0 is last."""
    size = len(names)
    by_mase = terms(data, "mase") is not None
    values = _means(data, "mase" if by_mase else "series_smape", size)
    worst = np.argsort(-values, kind="stable")[:MOST_SERIES]
    order = np.argsort(data.series, kind="stable")
    ends = np.searchsorted(data.series[order], np.arange(size + 1))
    columns: dict[str, list[float | None]] = {}
    for series in worst:
        part = data.rows(order[ends[series] : ends[series + 1]])
        row = {
            **_ends(part, "mase", "mase"),
            **_ends(part, "series_smape", "smape"),
            **_ends(part, "mae", "mae"),
        }
        row["bias"] = float(np.average(part.error, weights=part.given.weight))
        for name, value in {**row, "n": len(part.series)}.items():
            columns.setdefault(name, []).append(value)
    return Table({"series": [names[place] for place in worst], **columns})


def _means(data: Forecast, key: str, size: int) -> Floats:
    """The metric of each series; -1 where it has none."""
    values, weight = terms(data, key) or (None, None)
    if values is None or weight is None:
        return np.full(size, -1.0)
    mass = np.bincount(data.series, weight, size)
    return np.where(mass > 0, np.bincount(data.series, weight * values, size), -1.0)


def over_time(buckets: Buckets, data: Forecast) -> Table:
    """``residual_by_time``: mean error per bucket with its interval, and the MAE."""
    columns: dict[str, list[float | None]] = {name: [] for name in ("mean", "low", "high", "mae", "n")}
    for place in range(len(buckets.starts)):
        held = np.flatnonzero(buckets.codes == place)
        bias, mae = MetricResult("mean_error", None), None
        if len(held):
            part = data.rows(held)
            bias = estimate(part, "mean_error", part.dependence())
            mae = float(np.average(np.abs(part.error), weights=part.given.weight))
        row = (bias.value, bias.low, bias.high, mae, len(held))
        for values, value in zip(columns.values(), row, strict=True):
            values.append(value)
    return Table({"start": list(buckets.starts), "end": list(buckets.ends), **columns})
