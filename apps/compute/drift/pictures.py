"""Small pictures of both sides of a column, and the figures beside them, rounded to be stored."""

from __future__ import annotations

import math

import numpy as np

from apps.compute.drift.columns import Categories, Counts, Floats, Numbers
from apps.compute.drift.result import Picture, Seen, SideSummary

BINS = TOP = 20
#: Values that only one side has, at most this many of them.
SEEN = 10
LABEL_LENGTH = 60
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: The bins span both sides between these quantiles, so that a few extreme values do not squeeze the rest.
TAILS = (0.005, 0.995)
DIGITS = 6


def rounded(value: float) -> float:
    """To `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")


def near(values: Floats, spread: float) -> tuple[float, ...]:
    """Values to `DIGITS` digits of their spread: large numbers that differ little stay different."""
    if not math.isfinite(spread) or spread <= 0:
        return tuple(rounded(value) for value in values)
    with np.errstate(all="ignore"):
        shown = np.round(values, DIGITS - 1 - math.floor(math.log10(spread)))
    return tuple(np.where(np.isfinite(shown), shown, values).tolist())


def of_numbers(reference: Numbers, current: Numbers) -> Picture:
    """Bins of equal width, [a, b) with the last one closed; few integers get one bin each."""
    edges = _edges(reference.values, current.values)
    return Picture(
        _shares(_histogram(reference.values, edges)),
        _shares(_histogram(current.values, edges)),
        near(edges, edges[-1] - edges[0]),
    )


def _edges(*sides: Floats) -> Floats:
    low, high = min(side[0] for side in sides), max(side[-1] for side in sides)
    if high - low < BINS and abs(low) < 2**52 and all(np.array_equal(side, np.rint(side)) for side in sides):
        return np.arange(low, high + 2) - 0.5
    ends = [side[np.rint(np.array(TAILS) * (len(side) - 1)).astype(int)] for side in sides]
    inner, outer = min(first for first, _ in ends), max(last for _, last in ends)
    if inner < outer:
        low, high = inner, outer
    if low == high:
        half = max(abs(low) / 2, 0.5)
        return np.array([low - half, low + half])
    # Halved, as the width of the range may overflow where its ends do not.
    return np.linspace(low / 2, high / 2, BINS + 1) * 2


def _histogram(values: Floats, edges: Floats) -> Counts:
    return np.diff(np.searchsorted(values, edges[1:-1]), prepend=0, append=len(values))


def _shares(counts: Counts) -> tuple[float, ...]:
    return _stored(counts / max(1, counts.sum()))


def _stored(shares: Floats) -> tuple[float, ...]:
    return tuple(np.round(shares, DIGITS).tolist())


def of_categories(categories: Categories) -> Picture:
    """The `TOP` labels with the largest share on either side, in the order of the reference."""
    reference = categories.reference / max(1, categories.reference.sum())
    current = categories.current / max(1, categories.current.sum())
    shown = _largest(np.maximum(reference, current), TOP)
    shown = shown[np.lexsort((-current[shown], -reference[shown]))]
    return Picture(
        _stored(reference[shown]),
        _stored(current[shown]),
        labels=tuple(text(categories.labels[i]) for i in shown),
        other_reference=round(max(0.0, 1 - float(reference[shown].sum())), DIGITS),
        other_current=round(max(0.0, 1 - float(current[shown].sum())), DIGITS),
    )


def _largest(weights: Floats | Counts, count: int) -> Counts:
    """Positions of the largest weights above 0, the first of equal ones first."""
    order = np.argsort(-weights, kind="stable")[:count]
    return order[weights[order] > 0]


def only_here(categories: Categories, here: Counts, there: Counts) -> tuple[tuple[Seen, ...], int, int]:
    """Labels that occur ``here`` and not ``there``: the most frequent, how many they are, all their rows."""
    counts = np.where(there == 0, here, 0)
    seen = tuple(Seen(text(categories.labels[i]), int(counts[i])) for i in _largest(counts, SEEN))
    return seen, int(np.count_nonzero(counts)), int(counts.sum())


def text(label: str | float | int | bool) -> str:
    if isinstance(label, bool):
        return "true" if label else "false"
    if isinstance(label, float):
        return f"{label:.{DIGITS}g}"
    shown = str(label)
    return shown if len(shown) <= LABEL_LENGTH else shown[: LABEL_LENGTH - 1] + "…"


def summary(rows: int, present: int, numbers: Numbers) -> SideSummary:
    """``present`` values include the infinite ones, ``numbers`` do not."""
    values = numbers.values
    infinite = present - numbers.n
    if not numbers.n:
        return SideSummary(rows, rows - present, infinite)
    places = np.ceil(np.array(QUANTILES) * numbers.n).astype(int) - 1
    shown = near(np.array([values[0], values[-1], numbers.mean, *values[places]]), numbers.std)
    minimum, maximum, mean = (value if math.isfinite(value) else None for value in shown[:3])
    std = rounded(numbers.std) if math.isfinite(numbers.std) else None
    return SideSummary(
        rows, rows - present, infinite, numbers.distinct, minimum, maximum, mean, std, quantiles=shown[3:]
    )
