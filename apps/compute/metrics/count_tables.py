"""The tables of predicted counts."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from apps.compute.metrics.regression import Regression
from apps.compute.metrics.regression_tables import histogram
from apps.compute.results import Table
from apps.compute.uncertainty import log_interval, mean_and_variance

GROUPS = 10
#: Bins of a rootogram, what share of the rows they span, and rows that are summed at a time.
MOST_BINS, _COMMON, BLOCK = 40, 0.999, 100_000


def tables(data: Regression) -> dict[str, Table]:
    """All tables of ``data`` but those over time."""
    return {
        "count_calibration": _calibration(data),
        "rootogram": _rootogram(data),
        "residual_histogram": histogram(np.sort(data.predicted - data.truth)),
    }


def _calibration(data: Regression) -> Table:
    """Equal-count groups of the prediction: mean prediction and mean count with its interval."""
    order = np.argsort(data.predicted, kind="stable")
    columns: dict[str, list[float | int | None]] = {
        name: []
        for name in ("low", "high", "mean_predicted", "observed", "observed_low", "observed_high", "n")
    }
    for part in np.array_split(order, min(GROUPS, len(order))):
        weight = None if data.weight is None else data.weight[part]
        if weight is not None and not weight.any():
            continue
        predicted = data.predicted[part]
        observed, variance = mean_and_variance(data.truth[part], weight)
        ends = (float(end) if np.isfinite(end) else None for end in log_interval(observed, variance))
        row = (
            float(predicted[0]),
            float(predicted[-1]),
            float(np.average(predicted, weights=weight)),
            observed,
            *ends,
            len(part),
        )
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return Table(columns)


def _rootogram(data: Regression) -> Table:
    """How often counts were seen and how often Poisson counts with the predicted means would be (Kleiber &
    Zeileis 2016), from ``low`` to ``high`` with both. Bins are as wide as it takes to hold all but one in a
    thousand rows; the last one holds all larger counts, and its ``high`` is None.
    """
    common = float(np.quantile(data.truth, _COMMON))
    step = max(1, int(np.ceil((common + 1) / MOST_BINS)))
    edges = np.arange(0, common + 1, step)
    weight = np.ones(len(data.truth)) if data.weight is None else data.weight
    place = np.minimum(data.truth // step, len(edges) - 1).astype(np.int64)
    below = np.zeros(len(edges))
    for start in range(0, len(weight), BLOCK):
        rows = slice(start, start + BLOCK)
        below[1:] += poisson.cdf(edges[1:, None] - 1, data.predicted[rows]) @ weight[rows]
    highs: list[int | None] = [int(edge) - 1 for edge in edges[1:]]
    return Table(
        {
            "low": [int(edge) for edge in edges],
            "high": [*highs, None],
            "observed": np.bincount(place, weight, len(edges)).tolist(),
            "expected": np.diff(below, append=weight.sum()).tolist(),
        }
    )
