"""The tables of a multi-label run."""

from __future__ import annotations

import numpy as np

from apps.compute.metrics.linear import Linear, score
from apps.compute.metrics.multilabel import Multilabel, label_curves, label_rates, one_sided
from apps.compute.results import Table
from apps.compute.uncertainty import effective_n, mean_and_variance

#: Rows with this many wrong labels and more share the last place.
MOST_WRONG = 20


def tables(data: Multilabel) -> dict[str, Table]:
    """All tables of ``data`` but those over time."""
    return {"per_label": _per_label(data), "wrong_labels": _wrong(data)}


def _per_label(data: Multilabel) -> Table:
    """One row per label, the lowest F1 first. ``support`` and ``predicted`` are weights if there are any."""
    w = np.ones(data.n) if data.weight is None else data.weight
    constant = set(one_sided(data))
    rows = []
    for label, name in enumerate(data.labels):
        known = data.known[label]
        found: dict[str, Linear] = label_rates(data, label)
        if data.probability is not None and name not in constant:
            found["roc_auc"], found["average_precision"] = label_curves(data, label)
        row: dict[str, object] = {
            "label": name,
            "support": float((w * (data.truth[label] & known)).sum()),
            "predicted": float((w * (data.predicted[label] & known)).sum()),
            "n": int(known.sum()),
        }
        size = effective_n(w[known], int(known.sum())) if w[known].any() else np.nan
        for key in ("f1", "precision", "recall", "roc_auc", "average_precision"):
            row |= _bounded(key, found.get(key), data, size)
        rows.append(row)
    rows.sort(key=lambda row: row["f1"])  # type: ignore[arg-type,return-value]
    return Table({column: [row[column] for row in rows] for column in rows[0]})


def _bounded(key: str, found: Linear | None, data: Multilabel, size: float) -> dict[str, float | None]:
    if found is None:
        return dict.fromkeys((key, f"{key}_low", f"{key}_high"))
    ends, _ = score(found.value, mean_and_variance(found.influence, data.weight)[1], size)
    low, high = (float(end) if np.isfinite(end) else None for end in ends)
    return {key: found.value, f"{key}_low": low, f"{key}_high": high}


def _wrong(data: Multilabel) -> Table:
    """Rows by the number of their wrong labels; the last place holds all larger numbers."""
    wrong = data.wrong().astype(np.int64)
    last = min(len(data.labels), MOST_WRONG)
    n = np.bincount(np.minimum(wrong, last), minlength=last + 1)
    return Table({"wrong": list(range(last + 1)), "n": n.tolist()})
