"""The evidence for one column of numbers or categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from apps.compute.drift.columns import Categories, Counts, Numbers
from apps.compute.drift.evidence import cells as of
from apps.compute.drift.evidence import chance
from apps.compute.drift.evidence.distances import (
    DIVERGENCES,
    LARGEST,
    ON_BINS,
    ON_VALUES,
    Distance,
    jensen_shannon,
    wasserstein,
)
from apps.compute.drift.registry import DriftTest
from apps.compute.drift.statistics.wasserstein import normed_wasserstein

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
    """Both sides have at least one value. ``value`` is what ``test`` gave for exactly these values."""
    fine = of.fine_cells(reference, current)
    method = ON_VALUES.get(test.key) or ON_BINS.get(test.key)
    cells = of.binned_cells(reference, current) if test.key in ON_BINS else fine
    effect = value if test.key == "wasserstein" else normed_wasserstein(reference, current)
    p_value = value if test.is_p_value else chance.of_ordered(fine)
    return _evidence(cells, fine, test, method, wasserstein, value, effect, p_value, options)


def of_categories(categories: Categories, test: DriftTest, value: float, options: Options) -> Evidence:
    """Both sides have at least one row. ``value`` is what ``test`` gave for exactly these counts."""
    cells = of.label_cells(categories)
    effect = value if test.key == "jensenshannon" else _js_distance(cells)
    # Evidently's tests of categories take the reference for the truth, however few rows it has.
    p_value = chance.of_labels(cells)
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
        effect_low, _, _ = _interval(effect_of, effect_cells, effect, options)
        return Evidence(effect, p_value, effect_low=effect_low)
    return Evidence(effect, p_value, *_interval(method, cells, value, options))


def _interval(
    distance: Distance, cells: of.Cells, value: float, options: Options
) -> tuple[float, float, float]:
    """Bounds of ``value``, and the 95 % quantile of what random parts of the reference show.

    Noise never makes a distance smaller than 0, so it adds to a small one: the distance of two samples of one
    population is all noise. ``high`` is the value plus z standard deviations of the resampled distances.
    ``low`` is the value less as much, less the median of the noise between random parts, as large as the
    sides, of both together; it is 0 as long as noise alone reaches the value. Noise of independent cells adds
    to a distance in squares, to a divergence as it is.
    """
    draws, tail = of.draws_for(cells, options.resamples), (1 - options.confidence) / 2

    def parts(counts: Counts, rows: int, *levels: float) -> list[float]:
        return _quantiles(distance(*of.split(counts, rows, draws, options.seed), cells.points), *levels)

    n, m = int(cells.reference.sum()), int(cells.current.sum())
    noise, most = parts(cells.reference + cells.current, m, 0.5, 1 - tail)
    (null_high,) = parts(cells.reference, min(m, n // 2), 0.95)
    sides = distance(*of.resampled(cells, draws, options.seed), cells.points)
    spread = -float(ndtri(tail) * np.nanstd(sides))
    power = 1 if distance in DIVERGENCES else 2
    low = max(0.0, max(0.0, value - spread) ** power - noise**power) ** (1 / power)
    high = min(value + spread, LARGEST.get(distance, np.inf))
    return low if value > most else 0.0, max(value, high), null_high


def _quantiles(draws: of.Draws, *levels: float) -> list[float]:
    """NaN are draws without rows: they sort last and are left out."""
    ordered = np.sort(draws)
    last = np.count_nonzero(np.isfinite(draws)) - 1
    return [float(q) for q in np.interp(np.array(levels) * last, np.arange(len(ordered)), ordered)]


def _js_distance(cells: of.Cells) -> float:
    reference, current = ((side / side.sum())[None] for side in (cells.reference, cells.current))
    return float(jensen_shannon(reference, current, cells.points)[0])
