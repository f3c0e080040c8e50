"""The distances on shares of cells: arrays (draws, k) of both sides -> (draws,).

They are those of `statistics`, for many draws at once; on cells that keep every value they are the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import rel_entr

from apps.compute.drift.columns import Floats
from apps.compute.drift.evidence.cells import Draws
from apps.compute.drift.statistics.wasserstein import SMALLEST_STD

#: Shares of the reference, of the current side, and the points of the cells.
Distance = Callable[[Draws, Draws, Floats], Draws]


def wasserstein(reference: Draws, current: Draws, points: Floats) -> Draws:
    """Normed by the standard deviation of the reference, at least `SMALLEST_STD`."""
    # About the mean of one draw and in units of the range, so that nothing is lost to 32 bits.
    unit = float(np.ptp(points)) or 1.0
    away = ((points - reference[0] @ points) / unit).astype(np.float32)
    variance = np.maximum(reference @ away**2 - (reference @ away) ** 2, 0)
    found: Draws = np.abs(_cumulative(reference, current)) @ np.diff(away)
    found /= np.maximum(np.sqrt(variance), np.float32(SMALLEST_STD / unit))
    return found


def energy(reference: Draws, current: Draws, points: Floats) -> Draws:
    found: Draws = np.sqrt(2 * (_cumulative(reference, current) ** 2 @ np.diff(points)))
    return found


def jensen_shannon(reference: Draws, current: Draws, _: Floats) -> Draws:
    """The square root of the divergence, in nats: at most sqrt(ln 2) = 0.83."""
    middle = (reference + current) / 2
    divergence = rel_entr(reference, middle) + rel_entr(current, middle)
    found: Draws = np.sqrt(np.maximum(divergence.sum(axis=1), 0) / 2)
    return found


def psi(reference: Draws, current: Draws, _: Floats) -> Draws:
    a, b = _filled(reference), _filled(current)
    found: Draws = ((a - b) * np.log(a / b)).sum(axis=1)
    return found


def kullback_leibler(reference: Draws, current: Draws, _: Floats) -> Draws:
    a, b = _filled(reference), _filled(current)
    found: Draws = rel_entr(a / a.sum(axis=1, keepdims=True), b / b.sum(axis=1, keepdims=True)).sum(axis=1)
    return found


def hellinger(reference: Draws, current: Draws, _: Floats) -> Draws:
    found: Draws = np.sqrt(1 - np.clip(np.sqrt(reference * current).sum(axis=1), 0, 1))
    return found


def total_variation(reference: Draws, current: Draws, _: Floats) -> Draws:
    found: Draws = np.abs(reference - current).sum(axis=1) / 2
    return found


#: On the values of numbers, and on bins or labels; keys of `registry.TESTS`.
ON_VALUES: dict[str, Distance] = {"wasserstein": wasserstein, "ed": energy}
ON_BINS: dict[str, Distance] = {
    "jensenshannon": jensen_shannon,
    "psi": psi,
    "kl_div": kullback_leibler,
    "hellinger": hellinger,
    "TVD": total_variation,
}
#: The most that they can be, where that is bounded.
LARGEST: dict[Distance, float] = {jensen_shannon: np.log(2) ** 0.5, hellinger: 1.0, total_variation: 1.0}
#: Those that grow with the square of a small difference.
DIVERGENCES = (psi, kullback_leibler)


def _cumulative(reference: Draws, current: Draws) -> Draws:
    return np.cumsum((reference - current)[:, :-1], axis=1)


def _filled(shares: Draws) -> Draws:
    """Empty cells as Evidently 0.7.23 fills them."""
    smallest = np.where(shares > 0, shares, np.inf).min(axis=1, keepdims=True)
    return np.where(shares > 0, shares, np.where(smallest <= 1e-4, smallest / 1e6, 1e-4))
