"""Since when a column has drifted, and how far it was off in each window of time.

    line = timeline(times)                          # timeline.py: times of the current side, any order
    track = track_of(reference, current, kind)      # current: the values at line.rows, in that order
    started = since(line, track)                    # ISO time: where one cut parts before and after best
    strengths = strengths_of(line, track, test, limit, smallest_effect)      # (windows,)
    windows = windows_of(line, [strengths of each column])                   # result.Window

Per column of 100,000 rows it takes about 10 ms, of which all but 2 go into finding each value's bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import xlogy

from apps.compute.drift.columns import Counts, Floats
from apps.compute.drift.evidence.cells import Draws, drawn, normals
from apps.compute.drift.evidence.distances import (
    DIVERGENCES,
    ON_BINS,
    ON_VALUES,
    Distance,
    jensen_shannon,
    wasserstein,
)
from apps.compute.drift.registry import DriftTest
from apps.compute.drift.result import Window
from apps.compute.drift.timeline import FEWEST_ROWS, Timeline, iso

#: Quantiles of each side that bound the bins of numbers; categories that have a bin of their own.
QUANTILES, CATEGORIES = 11, 19
#: Values that tell the quantiles.
SAMPLE = 10_000
#: Columns that are worth the reading of their values once more.
MOST_COLUMNS = 50
PERMUTATIONS, SIGNIFICANT = 99, 0.05
#: Pieces at a time into which the windows around a change are cut, to date it more closely.
MOST_PIECES = 60
#: Draws of each window without drift.
NULL_DRAWS = 20


@dataclass(frozen=True, eq=False)
class Track:
    """``codes`` (n,) are the bins of the current side's values in the order of time, -1 where missing.
    ``reference`` (k,) counts the reference in the same bins; ``points`` (k,) are the bins' means, of
    categories mere positions.
    """

    codes: NDArray[np.int64]
    reference: Counts
    points: Floats
    is_number: bool


def track_of(reference: pl.Series, current: pl.Series, kind: str) -> Track | None:
    """``kind`` as in `result.ColumnDrift`. None for texts, and where a side has no value."""
    if kind == "text":
        return None
    if kind in ("number", "date"):
        return _numbers(_floats(reference), _floats(current))
    return _labels(reference.cast(pl.String), current.cast(pl.String))


def since(line: Timeline, track: Track, *, seed: int = 0) -> str:
    """When the change from the reference began: ISO time of the first row after it.

    The cut is the one that gains the most likelihood when the reference and all before it have one
    distribution over the bins and all after it another. The cut between the reference and the current side
    is one of them, and is taken unless a later one gains more, and more than in 95 of 100 shuffles of the
    windows. A later cut is then looked for row by row in the two windows around it.
    """
    counts = _by_window(line, track)
    gains = _gains(track.reference, counts)
    cut = int(gains.argmax())
    if cut == 0 or not _is_later(track.reference, counts, gains[cut], seed):
        return iso(line.times[0])
    return iso(line.times[_place_of_change(line, track, counts, cut)])


def strengths_of(
    line: Timeline, track: Track, test: DriftTest, limit: float, smallest_effect: float
) -> Floats:
    """Per window the distance divided by its limit, NaN below `FEWEST_ROWS` values; of p-values the effect
    divided by the smallest effect.

    Distances are taken on the bins, without what windows of this size show without any drift: small windows
    would all look drifted otherwise. What may be chance (three standard deviations) is 0.
    """
    effect = wasserstein if track.is_number else jensen_shannon
    distance = ON_VALUES.get(test.key) or ON_BINS.get(test.key) or effect
    power = 1 if distance in DIVERGENCES else 2  # other distances add up like standard deviations
    counts = _by_window(line, track)
    rows = counts.sum(axis=1)
    shares = track.reference / track.reference.sum()
    mean = np.repeat(rows[:, None] * shares, NULL_DRAWS, axis=0)
    table, _ = normals(len(mean), len(shares), 0)
    # The reference has noise of its own, which all windows are measured against.
    both = np.repeat(1 + rows / track.reference.sum(), NULL_DRAWS)[:, None]
    chance = _distances(distance, shares, drawn(mean, np.sqrt(mean * both), table), track.points)
    chance = chance.reshape(len(rows), NULL_DRAWS)
    found = _distances(distance, shares, counts, track.points)
    beyond: Floats = np.maximum(found**power - chance.mean(axis=1) ** power, 0) ** (1 / power)
    beyond[found <= chance.mean(axis=1) + 3 * chance.std(axis=1)] = 0
    beyond /= smallest_effect if test.is_p_value else limit
    return np.where(rows >= FEWEST_ROWS, beyond, np.nan)


def windows_of(line: Timeline, strengths: Sequence[Floats]) -> tuple[Window, ...]:
    """What a table shows of each window, from the `strengths_of` some columns."""
    table = np.array(strengths).reshape(-1, len(line))
    drifted = np.count_nonzero(table >= 1, axis=0)
    strongest = np.where(np.isnan(table), -1, table).max(axis=0, initial=-1)
    return tuple(
        Window(start, end, int(rows), int(n), float(most) if most >= 0 else None)
        for start, end, rows, n, most in zip(
            line.starts, line.ends, line.counts, drifted, strongest, strict=True
        )
    )


def _floats(column: pl.Series) -> Floats:
    """Numbers and dates; NaN where there is no finite value."""
    if column.dtype.is_temporal():
        column = column.cast(pl.Datetime("us")).cast(pl.Int64)
    values: Floats = column.cast(pl.Float64).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def _numbers(reference: Floats, current: Floats) -> Track | None:
    known = reference[~np.isnan(reference)], current[~np.isnan(current)]
    if not all(map(len, known)):
        return None
    levels = np.linspace(0, 1, QUANTILES)
    # Upper ends of the bins. A constant of one side is an end itself, so that others are told from it.
    ends = np.unique(
        [np.quantile(side[:: len(side) // SAMPLE + 1], levels, method="inverted_cdf") for side in known]
    )
    ends[-1] = max(side.max() for side in known)
    first, second = (np.searchsorted(ends, side) for side in (known[0], current))
    second[np.isnan(current)] = -1
    codes = np.concatenate([first, second[second >= 0]])
    rows = np.bincount(codes, minlength=len(ends))
    points = np.bincount(codes, np.concatenate([known[0], current[second >= 0]]), len(ends)) / rows
    return Track(second, np.bincount(first, minlength=len(ends)), points, is_number=True)


def _labels(reference: pl.Series, current: pl.Series) -> Track | None:
    counts = pl.concat([reference.alias("label"), current.alias("label")]).drop_nulls()
    table = counts.value_counts(name="rows").sort("rows", "label", descending=[True, False])
    labels = table["label"].head(CATEGORIES)
    first, second = (
        side.replace_strict(labels, np.arange(len(labels)), default=len(labels), return_dtype=pl.Int64)
        .set(side.is_null(), -1)
        .to_numpy()
        for side in (reference, current)
    )
    if not (first >= 0).any() or not (second >= 0).any():
        return None
    width = len(labels) + 1
    points = np.arange(width, dtype=np.float64)
    return Track(second, np.bincount(first[first >= 0], minlength=width), points, is_number=False)


def _by_window(line: Timeline, track: Track) -> Counts:
    """(windows, k)"""
    return _tabled(line.window, track.codes, len(line), len(track.reference))


def _tabled(part: NDArray[np.int64], codes: NDArray[np.int64], parts: int, width: int) -> Counts:
    known = codes >= 0
    places = part[known] * width + codes[known]
    return np.bincount(places, minlength=parts * width).reshape(parts, width)


def _gains(reference: Counts, counts: Counts) -> Floats:
    """(..., parts): log-likelihood gained by a cut before each part; ``counts`` are (..., parts, k)."""
    after = np.cumsum(counts[..., ::-1, :], axis=-2)[..., ::-1, :]
    everything = reference + after[..., :1, :]
    gains: Floats = _likelihood(after) + _likelihood(everything - after) - _likelihood(everything)
    return gains


def _likelihood(counts: Counts) -> Floats:
    total = counts.sum(axis=-1)
    found: Floats = xlogy(counts, counts).sum(axis=-1) - xlogy(total, total)
    return found


def _is_later(reference: Counts, counts: Counts, gain: float, seed: int) -> bool:
    """Whether windows in random order seldom gain as much by a cut among them."""
    rng = np.random.default_rng(seed)
    orders = rng.permuted(np.tile(np.arange(len(counts)), (PERMUTATIONS, 1)), axis=1)
    shuffled = _gains(reference, counts[orders])[:, 1:].max(axis=1)
    return 1 + int(np.count_nonzero(shuffled >= gain)) <= SIGNIFICANT * (1 + PERMUTATIONS)


def _place_of_change(line: Timeline, track: Track, counts: Counts, cut: int) -> int:
    """Place in ``line.rows`` of the first row after the change, which lies near the start of window ``cut``.

    The two windows around the cut are cut into pieces, of which the two around the best cut are looked at in
    the same way, until a piece is a row.
    """
    before, after = track.reference + counts[: cut - 1].sum(axis=0), counts[cut + 1 :].sum(axis=0)
    start, stop = (int(place) for place in np.searchsorted(line.window, [cut - 1, cut + 1]))
    while True:
        pieces = min(MOST_PIECES, stop - start)
        piece = np.arange(stop - start) * pieces // (stop - start)
        inside = _tabled(piece, track.codes[start:stop], pieces, len(before))
        best = int(_gains(before, np.vstack([inside, after]))[:-1].argmax())
        if pieces == stop - start:
            return start + best
        first, last = max(best - 1, 0), min(best, pieces - 1)
        before, after = before + inside[:first].sum(axis=0), after + inside[last + 1 :].sum(axis=0)
        start, stop = (int(start + place) for place in np.searchsorted(piece, [first, last + 1]))


def _distances(distance: Distance, reference: Floats, counts: Counts | Draws, points: Floats) -> Floats:
    """(parts,) between the shares of the reference and those of ``counts`` (parts, k); NaN without rows."""
    with np.errstate(invalid="ignore", divide="ignore"):
        current = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
        ours = np.broadcast_to(reference.astype(np.float32), current.shape)
        return distance(ours, current, points).astype(np.float64)
