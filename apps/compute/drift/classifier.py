"""The whole table: how well a classifier tells which side a row is from.

    score = table_score(reference, current, kinds, seed=0)       # a result.TableScore, or None

Single columns may each look as before while their combinations are new; this sees it. Ids and times must be
left out by the caller: they would give the sides away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from apps.compute.drift.columns import Floats
from apps.compute.drift.evidence.auc import judged_auc
from apps.compute.drift.result import Driver, TableScore
from apps.compute.metrics.binary.ranking import rank, roc_auc

#: Rows a side, columns and categories of a column that are looked at; more categories are one.
MOST_ROWS, MOST_COLUMNS, MOST_CATEGORIES = 5_000, 100, 200
FOLDS, FEWEST_ROWS = 2, 20
#: Drivers are sought among this many held-out rows and told up to this number.
JUDGED_ROWS, TOLD_DRIVERS = 1_000, 5

#: Values of both sides of a column -> numbers.
Encoder = Callable[[pl.Series], Floats]
#: A model and the rows that it did not learn from.
Fold = tuple[HistGradientBoostingClassifier, NDArray[np.intp]]


def table_score(
    reference: pl.DataFrame, current: pl.DataFrame, kinds: Mapping[str, str], *, seed: int = 0
) -> TableScore | None:
    """Two tables of rows, at best already sampled, with the columns that ``kinds`` names: their kind is
    number, date, boolean or category, others are left out, and so are columns after the first `MOST_COLUMNS`.
    Missing values are a value of their own.

    Every row is judged by a model that did not learn from it. None with fewer than `FEWEST_ROWS` rows on a
    side or without a column. The drivers are the columns whose shuffling costs the most AUC; of two columns
    that say the same either may take the credit. A score that may be chance has no drivers.
    """
    names = [name for name, kind in kinds.items() if kind in _ENCODED][:MOST_COLUMNS]
    sides = [_sample(side.select(names), seed) for side in (reference, current)]
    if not names or min(len(side) for side in sides) < FEWEST_ROWS:
        return None
    rows = [len(side) for side in sides]
    is_current = np.arange(sum(rows)) >= rows[0]
    features = np.column_stack([_encoded(sides[0][name], sides[1][name], kinds[name]) for name in names])
    with threadpool_limits(1, "openmp"):  # threads that wait for each other stall where cores are shared
        proba, folds = _judged(features, is_current, seed)
        score = TableScore(*judged_auc(is_current, proba), len(features))
        if score.low <= 0.5:
            return score
        losses = np.mean([_losses(*fold, features, is_current, seed) for fold in folds], axis=0)
    order = [k for k in np.argsort(-losses, kind="stable")[:TOLD_DRIVERS] if losses[k] > 0]
    return replace(score, drivers=tuple(Driver(names[k], float(losses[k])) for k in order))


def _judged(features: Floats, is_current: NDArray[np.bool_], seed: int) -> tuple[Floats, list[Fold]]:
    """Each row's probability of the current side, and the models with the rows that they have not seen."""
    proba, folds = np.empty(len(features)), []
    for learn, judge in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(features, is_current):
        model = HistGradientBoostingClassifier(
            max_iter=40, max_leaf_nodes=15, early_stopping=False, random_state=seed
        ).fit(features[learn], is_current[learn])
        proba[judge] = model.predict_proba(features[judge])[:, 1]
        folds.append((model, judge))
    return proba, folds


def _sample(side: pl.DataFrame, seed: int) -> pl.DataFrame:
    return side.sample(MOST_ROWS, seed=seed) if len(side) > MOST_ROWS else side


def _encoded(reference: pl.Series, current: pl.Series, kind: str) -> Floats:
    """One column of both sides, below each other: (n,). Missing is a value of its own, so that a fold in
    which every value is missing does no harm.
    """
    return _ENCODED[kind](pl.concat([_plain(side, kind) for side in (reference, current)]))


def _plain(column: pl.Series, kind: str) -> pl.Series:
    if kind == "category":
        return column.cast(pl.String)
    return column.cast(pl.Datetime("us")).cast(pl.Float64) if kind == "date" else column.cast(pl.Float64)


def _numbers(column: pl.Series) -> Floats:
    """Missing values lie below all others."""
    largest = float(np.finfo(np.float32).max)
    values: Floats = np.clip(column.to_numpy(), -largest, largest)
    known = values[~np.isnan(values)]
    lowest = float(known.min()) if len(known) else 0.0
    return np.where(np.isnan(values), lowest - max(1.0, abs(lowest)), values)


def _codes(column: pl.Series) -> Floats:
    """Categories by frequency: 0 is the most frequent one; those after `MOST_CATEGORIES` share a code."""
    counts = column.rename("value").value_counts(sort=True, name="rows")
    frequent = counts.sort("rows", "value", descending=[True, False])["value"].head(MOST_CATEGORIES)
    codes = np.arange(len(frequent), dtype=np.float64)
    return column.replace_strict(frequent, codes, default=float(MOST_CATEGORIES)).to_numpy()


_ENCODED: dict[str, Encoder] = {"number": _numbers, "date": _numbers, "boolean": _numbers, "category": _codes}


def _losses(
    model: HistGradientBoostingClassifier,
    unseen: NDArray[np.intp],
    features: Floats,
    is_current: NDArray[np.bool_],
    seed: int,
) -> Floats:
    """Per column, how much AUC a sample of the rows ``unseen`` loses when the column is shuffled."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(unseen)[:JUDGED_ROWS]
    sides, table = is_current[rows], features[rows]

    def auc() -> float:
        return roc_auc(rank(sides, model.predict_proba(table)[:, 1])).value or 0.0

    whole, losses = auc(), np.zeros(features.shape[1])
    for k in range(features.shape[1]):
        kept = table[:, k].copy()
        table[:, k] = rng.permutation(kept)
        losses[k] = whole - auc()
        table[:, k] = kept
    return losses
