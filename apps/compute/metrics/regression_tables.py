"""The regression tables of `apps.compute.results`, binned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.regression import Regression, pinball, weighted_quantile
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, log_interval, mean_and_variance

DENSITY_BINS = 50
RESIDUAL_BINS = 30
ERROR_QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
#: Bins of equal width span the values between these quantiles; the outermost bins hold what lies beyond.
_CORE = (0.001, 0.999)


def tables(data: Regression) -> dict[str, Table]:
    """All tables of ``data`` but those over time."""
    error = data.predicted - data.truth
    ordered = np.sort(error) if data.weight is None else error[(order := np.argsort(error))]
    found = {
        "predicted_vs_actual": _density(data),
        "residual_by_prediction": _by_prediction(data, error),
        "residual_histogram": histogram(ordered),
        "error_quantiles": _quantiles(ordered, None if data.weight is None else data.weight[order]),
    }
    if data.quantiles:
        found["quantile_levels"] = _levels(data)
    return found


def _span(*ordered_or_not: Floats) -> tuple[float, float]:
    """The range that equal-width bins should cover: outliers must not squeeze the rest into one bin."""
    ends = [np.quantile(values, _CORE) for values in ordered_or_not]
    return float(min(low for low, _ in ends)), float(max(high for _, high in ends))


def _place(values: Floats, edges: Floats) -> NDArray[np.int64]:
    width = edges[1] - edges[0]
    if width <= 0:
        return np.zeros(len(values), dtype=np.int64)
    place: NDArray[np.int64] = np.clip((values - edges[0]) / width, 0, len(edges) - 2).astype(np.int64)
    return place


def _density(data: Regression) -> Table:
    bins = DENSITY_BINS
    edges = np.linspace(*_span(data.truth, data.predicted), bins + 1)
    cell = _place(data.predicted, edges) * bins + _place(data.truth, edges)
    n = np.bincount(cell, minlength=bins * bins)
    held = np.flatnonzero(n)
    row, column = held // bins, held % bins
    return Table(
        {
            "predicted_low": edges[row].tolist(),
            "predicted_high": edges[row + 1].tolist(),
            "actual_low": edges[column].tolist(),
            "actual_high": edges[column + 1].tolist(),
            "n": n[held].tolist(),
        }
    )


def _by_prediction(data: Regression, error: Floats) -> Table:
    """Equal-count bins of the prediction; equal predictions may fall on both sides of an edge."""
    order = np.argsort(data.predicted)
    rows = []
    for part in np.array_split(order, min(RESIDUAL_BINS, len(order))):
        part_error = error[part]
        mean, _ = mean_and_variance(part_error, None if data.weight is None else _weights(data.weight, part))
        low, high = data.predicted[part[0]], data.predicted[part[-1]]
        rows.append((low, high, mean, *np.quantile(part_error, (0.1, 0.5, 0.9)), len(part)))
    columns = zip(*rows, strict=True)
    names = ("low", "high", "mean", "p10", "p50", "p90", "n")
    return Table(
        {
            name: [int(v) if name == "n" else float(v) for v in values]
            for name, values in zip(names, columns, strict=True)
        }
    )


def _weights(weight: Floats, part: NDArray[np.intp]) -> Floats | None:
    """Weights of the rows ``part``; None where they are all 0, which says nothing about the rows."""
    picked = weight[part]
    return picked if picked.any() else None


def histogram(ordered: Floats) -> Table:
    """``residual_histogram`` of the errors."""
    edges = np.linspace(*_span(ordered), RESIDUAL_BINS + 1)
    n = np.bincount(_place(ordered, edges), minlength=RESIDUAL_BINS)
    return Table({"low": edges[:-1].tolist(), "high": edges[1:].tolist(), "n": n.tolist()})


def _quantiles(ordered: Floats, weight: Floats | None) -> Table:
    if weight is None:
        values = np.quantile(ordered, ERROR_QUANTILES).tolist()
    else:
        share = np.cumsum(weight) / weight.sum()
        values = [weighted_quantile(ordered, share, q) for q in ERROR_QUANTILES]
    return Table({"q": list(ERROR_QUANTILES), "value": values})


def _levels(data: Regression) -> Table:
    """One row per quantile column: its pinball loss, and how often the truth was at or below it."""
    columns: dict[str, list[float | None]] = {
        name: [] for name in ("level", "pinball", "pinball_low", "pinball_high", "below")
    }
    for level, values in sorted(data.quantiles.items()):
        mean, variance = mean_and_variance(pinball(data.truth, values, level), data.weight)
        low, high = (float(b) if np.isfinite(b) else None for b in log_interval(mean, variance))
        below = float(np.average(data.truth <= values, weights=data.weight))
        for name, value in zip(columns, (level, mean, low, high, below), strict=True):
            columns[name].append(value)
    return Table(columns)
