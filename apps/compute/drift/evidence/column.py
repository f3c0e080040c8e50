"""The evidence for one column of numbers or categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.compute.drift.columns import Categories, Counts, Numbers
from apps.compute.drift.evidence import cells as of
from apps.compute.drift.evidence import chance
from apps.compute.drift.evidence.distances import ON_BINS, ON_VALUES, Distance, jensen_shannon, wasserstein
from apps.compute.drift.registry import DriftTest

#: Resampling fewer rows says nothing: a side of one row would always look the same.
FEWEST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Options:
    """As in `spec.DriftSpec`. ``resamples`` 0 leaves the intervals and the null check out."""

    resamples: int = 200
    confidence: float = 0.95
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """See `result.ColumnDrift` for ``effect``, ``p_value``, ``low``, ``high`` and ``null_high``.

    ``effect_low`` bounds the effect from below at the same confidence; it stands in for ``low`` where the
    method gives a p-value. None: not asked for, or not to be had from so few rows.
    """

    effect: float
    p_value: float | None = None
    low: float | None = None
    high: float | None = None
    null_high: float | None = None
    effect_low: float | None = None


def of_numbers(
    reference: Numbers, current: Numbers, test: DriftTest, value: float, options: Options
) -> Evidence:
    """Both sides have at least one value. ``value`` is what ``test`` gave for exactly these values.

    The effect of another method than Wasserstein's is taken on cells, within about 1 %.
    """
    fine = of.fine_cells(reference, current)
    method = ON_VALUES.get(test.key) or ON_BINS.get(test.key)
    cells = of.sturges_cells(reference, current) if test.key in ON_BINS else fine
    effect = value if test.key == "wasserstein" else _at(wasserstein, fine)
    p_value = value if test.is_p_value else chance.of_ordered(fine)
    return _evidence(cells, fine, test, method, wasserstein, value, effect, p_value, options)


def of_categories(categories: Categories, test: DriftTest, value: float, options: Options) -> Evidence:
    """Both sides have at least one row. ``value`` is what ``test`` gave for exactly these counts."""
    cells = of.label_cells(categories)
    effect = value if test.key == "jensenshannon" else _at(jensen_shannon, cells)
    p_value = value if test.is_p_value else chance.of_labels(cells)
    method = ON_BINS.get(test.key)
    return _evidence(cells, cells, test, method, jensen_shannon, value, effect, p_value, options)


def _evidence(
    cells: of.Cells,
    effect_cells: of.Cells,
    test: DriftTest,
    method: Distance | None,
    effect_of: Distance,
    value: float,
    effect: float,
    p_value: float,
    options: Options,
) -> Evidence:
    rows = min(cells.reference.sum(), cells.current.sum())
    if not options.resamples or rows < FEWEST_ROWS:
        return Evidence(effect, p_value)
    if method is None:
        effect_low, _ = _interval(effect_of, effect_cells, effect, options)
        return Evidence(effect, p_value, effect_low=effect_low)
    low, high = _interval(method, cells, value, options)
    return Evidence(effect, p_value, low, high, _null_high(method, cells, options))


def _interval(distance: Distance, cells: of.Cells, value: float, options: Options) -> tuple[float, float]:
    """The basic bootstrap: deviations of resampled distances from that of the cells are taken off ``value``.

    A distance is biased upwards by the noise of both samples, and resampling shows the same bias once more,
    so that this takes it off: of two samples of one population the interval begins at 0. The upper end is at
    least the value itself, which the reader sees beside it.
    """
    draws = distance(*of.resampled(cells, of.draws_for(cells, options.resamples), options.seed), cells.points)
    tail = (1 - options.confidence) / 2
    middle, (below, above) = _at(distance, cells), _quantiles(draws, tail, 1 - tail)
    return max(0.0, value - (above - middle)), max(value, value - (below - middle))


def _null_high(distance: Distance, cells: of.Cells, options: Options) -> float:
    draws = distance(*of.split(cells, of.draws_for(cells, options.resamples), options.seed), cells.points)
    return _quantiles(draws, 0.95)[0]


def _quantiles(draws: of.Draws, *levels: float) -> list[float]:
    """NaN are draws without rows: they sort last and are left out."""
    ordered = np.sort(draws)
    last = np.count_nonzero(np.isfinite(draws)) - 1
    return [float(q) for q in np.interp(np.array(levels) * last, np.arange(len(ordered)), ordered)]


def _at(distance: Distance, cells: of.Cells) -> float:
    return float(distance(_as_shares(cells.reference), _as_shares(cells.current), cells.points)[0])


def _as_shares(counts: Counts) -> of.Draws:
    shares: of.Draws = (counts / counts.sum())[None]
    return shares
