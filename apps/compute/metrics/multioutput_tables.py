"""The tables of a run with several numbers per row."""

from __future__ import annotations

import numpy as np

from apps.compute.metrics.linear import Interval, Linear, below_one, positive, signed
from apps.compute.metrics.multioutput import (
    Multioutput,
    output_bias,
    output_mae,
    output_r2,
    output_rmse,
    row_correlations,
)
from apps.compute.results import Table
from apps.compute.uncertainty import mean_and_variance

CORRELATION_BINS = 20


def tables(data: Multioutput) -> dict[str, Table]:
    """All tables of ``data`` but those over time."""
    return {"per_output": _per_output(data), "row_correlations": _correlations(data)}


def _per_output(data: Multioutput) -> Table:
    """One row per output, the lowest R2 first; those whose truth does not vary last."""
    rows = []
    for output in data.held():
        row: dict[str, object] = {"output": data.outputs[output], "n": int(data.known[output].sum())}
        r2 = None if data.constant(output) else output_r2(data, output)
        row |= _bounded("r2", r2, below_one, data)
        row |= _bounded("mae", output_mae(data, output), positive, data)
        row |= _bounded("rmse", output_rmse(data, output), positive, data)
        row |= _bounded("bias", output_bias(data, output), signed, data)
        rows.append(row)
    rows.sort(key=lambda row: (row["r2"] is None, row["r2"]))
    return Table({column: [row[column] for row in rows] for column in rows[0]})


def _bounded(
    key: str, found: Linear | None, interval: Interval, data: Multioutput
) -> dict[str, float | None]:
    if found is None:
        return dict.fromkeys((key, f"{key}_low", f"{key}_high"))
    variance = mean_and_variance(found.influence, data.weight)[1]
    low, high = (
        float(end) if np.isfinite(end) else None for end in interval(found.value, variance, data.n)[0]
    )
    return {key: found.value, f"{key}_low": low, f"{key}_high": high}


def _correlations(data: Multioutput) -> Table:
    """Rows by the correlation of their predictions with their truth."""
    values, enough = row_correlations(data)
    n, edges = np.histogram(values[enough], CORRELATION_BINS, (-1.0, 1.0))
    return Table({"low": edges[:-1].tolist(), "high": edges[1:].tolist(), "n": n.tolist()})
