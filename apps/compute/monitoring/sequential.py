"""Did it get worse? A test that may look at each window and keeps its rate of false alarms.

Each window is compared with the weighted mean of the earlier windows of its key, the way recursive
residuals are (Brown, Durbin & Evans 1975): without a change these are independent, with mean 0. For each
window at which a worsening may have begun, the likelihood of a drop since then against none is followed,
averaged over drops of 1, 2 and 4 times the smallest that matters; before the beginning lies its baseline,
which later windows do not wash out. Their sum is the Shiryaev-Roberts statistic R, the simplest e-detector
(Shin, Ramdas & Rinaldo 2022, "E-detectors"): without a change R_t - t is a martingale, so by Doob's
inequality R reaches HORIZON / false_alarms within HORIZON windows with at most the probability
``false_alarms``. Beginnings more than `BEGINNINGS` windows ago are left out of the sum, and R counts as 0
while the drop since the likeliest beginning is shown (97.5 %) to be smaller than the smallest that matters;
both only lower it. So many rows, which tell a lesser worsening from the smallest that matters, raise no alarm
for half of it; with few rows, that cannot tell them apart, a lesser one may.

What makes it safe on real windows:

- The standard error is that of the baseline's level, not of the window's own value: a share of 1.0 has one
  too. Means are weighted by rows, not by those errors, which go with the value and would bias the mean.
- Windows that vary more than their intervals say widen the error by their own, earlier spread (a dispersion
  of 1 at least, as quasi-likelihood has it; McCullagh & Nelder 1989, 4.5).
- An error below a quarter of the smallest drop counts as a quarter: differences that small are of no
  interest, and no interval that covers sampling alone is right to that precision.
- A window is tested when 3 earlier ones have its key, and 4 show the spread: fewer make neither a level nor a
  spread. Until then nothing can be said.

A window raises an alarm when R reaches the limit. The baseline is then that of before the likeliest
beginning. The alarm ends when a CUSUM (Page 1954) of the likelihood of the old level against one worse by the
smallest drop, over the windows after the alarm, reaches `BACK`: the level is back within half of the smallest
drop. The windows of the worsening are then forgotten and the test begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from apps.compute.uncertainty import Z

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

HORIZON = 100
EFFECTS = (1.0, 2.0, 4.0)  # times the smallest drop
BEGINNINGS = HORIZON  # windows back that a worsening may have begun
COMPARABLE = 3  # earlier windows of its key that a tested window has at least
RESIDUALS = 4  # earlier windows, of any key, that show the spread before the first test
PRIOR = 5.0  # windows that the assumption of no extra spread is worth
FINEST = 0.25  # the smallest standard error, in smallest drops
BACK = log(20)
BLOCK = 50  # windows that are computed at once
LARGEST = 50.0  # of the logarithm of a likelihood ratio: more says no more and would overflow


@dataclass(frozen=True, slots=True)
class Point:
    """The metric of one window: ``low`` and ``high`` bound it at 95 %; ``key`` as of `Rhythm.key`; ``start``
    ISO time. Windows without value or interval are left out by the caller.
    """

    start: str
    key: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Watch:
    """``smallest_drop``: in points for bounded metrics (shares, scores), else relative (0.1: a tenth worse).

    ``false_alarms`` is the probability of any false alarm in `HORIZON` windows.
    """

    higher_is_better: bool
    smallest_drop: float
    relative: bool = False
    false_alarms: float = 0.05


@dataclass(frozen=True, slots=True)
class Course:
    """How the test went. ``evidence`` is one number for each point, an alarm is at ``limit``; while an alarm
    lasts it stays at what raised it.

    ``alarm`` is the index of the first point of the present worsening that raised it, None without; ``since``
    the index at which the worsening most likely began. ``before`` and ``now`` are the level of comparable
    windows before and since, ``worse_by`` their difference (positive is worse; relative when the watch is),
    with ``worse_low`` and ``worse_high`` its 95 % interval. Without an alarm they compare the newest window
    alone. ``enough`` is False while there are too few comparable windows to say anything; ``needed`` how many
    more are needed then.
    """

    evidence: tuple[float, ...]
    limit: float
    enough: bool
    needed: int = 0
    alarm: int | None = None
    since: int | None = None
    before: float | None = None
    now: float | None = None
    worse_by: float | None = None
    worse_low: float | None = None
    worse_high: float | None = None


def follow(points: Sequence[Point], watch: Watch) -> Course:
    """Test windows in their order. An alarm ends by itself when the level has come back (see the docstring of
    the module); then the test begins anew.
    """
    limit = HORIZON / watch.false_alarms
    if not points:
        return Course((), limit, enough=False, needed=max(COMPARABLE, RESIDUALS + 1))
    windows = _Windows.of(points, watch.higher_is_better)
    evidence = np.zeros(len(points))
    known, start = np.arange(0), 0
    while True:
        trial = _Trial.of(windows, known, start, watch)
        alarm = _search(trial, watch.smallest_drop, limit, evidence)
        if alarm is None:
            break
        raised, since = alarm
        known = trial.order[:since]
        level = _Baseline.of(windows, known, float(trial.factor[since]))
        first, begun = int(trial.order[raised]), int(trial.order[since])
        evidence[first:] = evidence[first]
        end = _search_end(windows, level, first + 1, watch)
        if end is None:
            course = Course(tuple(evidence.tolist()), limit, enough=True, alarm=first, since=begun)
            return _compared(course, windows, level, np.arange(begun, len(points)), watch)
        back_since, back = end
        evidence[back:] = 0.0
        known, start = np.concatenate([known, np.arange(back_since, back + 1)]), back + 1
    count, residuals = int(trial.count[-1]), int(trial.residuals[-1])
    # The first window of a key leaves no residual.
    needed = max(0, COMPARABLE - count, RESIDUALS - residuals + (count == 0))
    if needed:
        return Course(tuple(evidence.tolist()), limit, enough=False, needed=needed)
    level = _Baseline.of(windows, trial.order[:-1], float(trial.factor[-1]))
    course = Course(tuple(evidence.tolist()), limit, enough=True)
    return _compared(course, windows, level, trial.order[-1:], watch)


@dataclass(frozen=True, slots=True)
class _Windows:
    """The points as arrays of shape (windows,), with the sign of values turned so that lower is worse."""

    key: Whole
    value: Floats
    low: Floats
    high: Floats
    rows: Floats

    @classmethod
    def of(cls, points: Sequence[Point], higher_is_better: bool) -> _Windows:
        number = {key: n for n, key in enumerate(dict.fromkeys(point.key for point in points))}
        value, low, high = (
            np.array([getattr(point, name) for point in points], dtype=np.float64)
            for name in ("value", "low", "high")
        )
        if not higher_is_better:
            value, low, high = -value, -high, -low
        rows = np.array([max(point.n, 1) for point in points], dtype=np.float64)
        return cls(np.array([number[point.key] for point in points]), value, low, high, rows)

    def take(self, order: Whole) -> _Windows:
        return _Windows(
            self.key[order], self.value[order], self.low[order], self.high[order], self.rows[order]
        )

    @property
    def variance(self) -> Floats:
        return np.asarray(((self.high - self.low) / (2 * Z)) ** 2)

    def variance_at(self, level: Floats) -> Floats:
        """The variance if ``level`` is the truth. It is known at both ends of a score interval, since a test
        of an end rejects by just `Z`; between them it is interpolated.
        """
        width = self.high - self.low
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(width > 0, np.clip((level - self.low) / width, 0, 1), 0)
        at_low, at_high = ((self.value - self.low) / Z) ** 2, ((self.high - self.value) / Z) ** 2
        return np.asarray(at_low + share * (at_high - at_low))

    def deviations(self, level: Floats, variance: Floats, watch: Watch) -> tuple[Floats, Floats]:
        """How far each window lies from ``level`` (whose variance is given) in standard errors, and how far
        a change of 1 in the watch's unit is.
        """
        error = np.sqrt(self.variance_at(level) + variance)
        scale = np.ones(len(level))
        if watch.relative:
            # A share of a level that is lost in its noise says nothing: the noise is the measure then.
            scale = np.maximum(np.abs(level), error)
            scale[scale == 0] = 1.0
        error = np.maximum(error, FINEST * watch.smallest_drop * scale)
        return (self.value - level) / error, scale / error


def _earlier(values: Floats, key: Whole) -> Floats:
    """The running sum of ``values`` with the same key, without its own."""
    order = np.argsort(key, kind="stable")
    ordered = values[order]
    sums = np.cumsum(ordered) - ordered
    sums -= sums[np.searchsorted(key[order], key[order])]
    result = np.empty(len(values))
    result[order] = sums
    return result


@dataclass(frozen=True, slots=True)
class _Trial:
    """Windows of the baseline and those to test after them, each against the earlier ones of its key.

    ``order`` holds their indices. ``residual`` and ``unit`` (how far a change of 1 moves it) are widened by
    the square root of ``factor``, the spread of the windows before; both are 0 where nothing is tested.
    ``before`` has shape (windows, keys): the rows of each key before a window.
    """

    windows: _Windows
    order: Whole
    count: Floats
    residuals: Floats
    factor: Floats
    tested: NDArray[np.bool_]
    residual: Floats
    unit: Floats
    before: Floats

    @classmethod
    def of(cls, all_windows: _Windows, known: Whole, start: int, watch: Watch) -> _Trial:
        order = np.concatenate([known, np.arange(start, len(all_windows.key))])
        windows = all_windows.take(order)
        rows = _earlier(windows.rows, windows.key)
        has, divisor = rows > 0, np.where(rows > 0, rows, 1.0)
        mean = _earlier(windows.rows * windows.value, windows.key) / divisor
        variance = _earlier(windows.rows**2 * windows.variance, windows.key) / divisor**2
        residual, unit = windows.deviations(mean, variance, watch)
        residual, unit = np.where(has, residual, 0.0), np.where(has, unit, 0.0)
        squares: Floats = np.cumsum(residual**2) - residual**2
        residuals: Floats = np.cumsum(has, dtype=np.float64) - has
        factor = np.maximum(1.0, (PRIOR + squares) / (PRIOR + residuals))
        count = _earlier(np.ones(len(order)), windows.key)
        tested = (count >= COMPARABLE) & (residuals >= RESIDUALS) & (np.arange(len(order)) >= len(known))
        before = np.zeros((len(order), int(all_windows.key.max()) + 1))
        before[np.arange(len(order)), windows.key] = windows.rows
        before = np.cumsum(before, axis=0) - before
        residual, unit = (np.where(tested, part / np.sqrt(factor), 0.0) for part in (residual, unit))
        return cls(windows, order, count, residuals, factor, tested, residual, unit, before)


def _search(trial: _Trial, smallest_drop: float, limit: float, evidence: Floats) -> tuple[int, int] | None:
    """Fill in the evidence of the tested windows up to the first alarm; where it was raised and its likeliest
    beginning, as places in the trial's order.
    """
    score, information = np.zeros(len(trial.order)), np.zeros(len(trial.order))
    latest = 0.0
    if not trial.tested.any():
        return None
    for first in range(int(trial.tested.argmax()), len(trial.order), BLOCK):
        now = np.arange(first, min(first + BLOCK, len(trial.order)))
        begun = np.arange(max(0, first - BEGINNINGS + 1), now[-1] + 1)
        scores, informations = _drops(trial, now, begun, score, information)
        statistics, likeliest = _statistics(trial, now, begun, scores, informations, smallest_drop)
        for place, statistic, since in zip(now, statistics, likeliest, strict=True):
            # A window that is not tested leaves the evidence as it was.
            latest = float(statistic) if trial.tested[place] else latest
            evidence[trial.order[place]] = latest
            if latest >= limit:
                return int(place), int(begun[since])
    return None


def _drops(
    trial: _Trial, now: Whole, begun: Whole, score: Floats, information: Floats
) -> tuple[Floats, Floats]:
    """Of the drop since ``begun`` as seen at ``now``, each of shape (now, begun): score / information is its
    estimate and 1 / sqrt(information) the standard error. ``score`` and ``information`` are carried on.
    """
    # The later a window, the more of its baseline lies after the beginning and hides the drop.
    after = now[:, None] >= begun
    baseline = trial.before[begun][:, trial.windows.key[now]].T
    rows = np.maximum(trial.before[now, trial.windows.key[now]], 1.0)
    lowered = after * baseline * (trial.unit[now] / rows)[:, None]
    scores = score[begun] - np.cumsum(lowered * trial.residual[now, None], axis=0)
    informations = information[begun] + np.cumsum(lowered**2, axis=0)
    score[begun], information[begun] = scores[-1], informations[-1]
    return scores, informations


def _statistics(
    trial: _Trial, now: Whole, begun: Whole, scores: Floats, informations: Floats, smallest_drop: float
) -> tuple[Floats, Whole]:
    """The Shiryaev-Roberts statistic at ``now``, and the place in ``begun`` of the likeliest beginning."""
    age = now[:, None] - begun
    open_ = (age >= 0) & (age < BEGINNINGS) & trial.tested[begun] & (informations > 0)
    likelihood = np.zeros(scores.shape)
    for drop in (effect * smallest_drop for effect in EFFECTS):
        exponent = drop * scores
        exponent -= drop**2 / 2 * informations
        likelihood += np.exp(np.minimum(exponent, LARGEST, out=exponent), out=exponent)
    statistics = np.where(open_, likelihood, 0.0).sum(axis=1) / len(EFFECTS)
    # Twice the logarithm of the likelihood of a beginning at its own estimate of the drop.
    fit = np.where(open_ & (scores > 0), scores**2 / np.where(open_, informations, 1.0), 0.0)
    likeliest = fit.argmax(axis=1)
    at = np.arange(len(now)), likeliest
    lesser = scores[at] + Z * np.sqrt(informations[at]) < smallest_drop * informations[at]
    return np.where(lesser, 0.0, statistics), likeliest


@dataclass(frozen=True, slots=True)
class _Baseline:
    """The level of each key, its variance and its rows, and the spread of the windows behind it."""

    mean: Floats
    variance: Floats
    rows: Floats
    factor: float

    @classmethod
    def of(cls, all_windows: _Windows, known: Whole, factor: float) -> _Baseline:
        windows, keys = all_windows.take(known), int(all_windows.key.max()) + 1
        rows, sums, squares = (
            np.bincount(windows.key, weights=part, minlength=keys).astype(np.float64)
            for part in (windows.rows, windows.rows * windows.value, windows.rows**2 * windows.variance)
        )
        divisor = np.where(rows > 0, rows, 1.0)
        return cls(sums / divisor, squares / divisor**2, rows, factor)


def _search_end(windows: _Windows, level: _Baseline, start: int, watch: Watch) -> tuple[int, int] | None:
    """The windows since which the old level was back, and at which that is shown."""
    after = np.arange(start, len(windows.key))
    key = windows.key[after]
    residual, unit = windows.take(after).deviations(level.mean[key], level.variance[key], watch)
    drop = watch.smallest_drop * unit / sqrt(level.factor)
    steps = np.where(level.rows[key] > 0, drop * residual / sqrt(level.factor) + drop**2 / 2, 0.0)
    back, since = 0.0, start
    for index, step in zip(after, steps, strict=True):
        if back == 0.0:
            since = int(index)
        back = max(0.0, back + float(step))
        if back >= BACK:
            return since, int(index)
    return None


def _compared(course: Course, windows: _Windows, level: _Baseline, since: Whole, watch: Watch) -> Course:
    """With the windows ``since`` against the levels of their keys, each key with the weight of its rows."""
    chosen = windows.take(since[level.rows[windows.key[since]] > 0])
    weight = chosen.rows / chosen.rows.sum()
    of_key = np.bincount(chosen.key, weights=weight, minlength=len(level.mean))
    before, now = float(of_key @ level.mean), float(weight @ chosen.value)
    variance = float(of_key**2 @ level.variance + weight**2 @ chosen.variance)
    scale = abs(before) or 1.0 if watch.relative else 1.0
    worse, half = (before - now) / scale, Z * sqrt(variance * level.factor) / scale
    sign = 1.0 if watch.higher_is_better else -1.0
    return replace(
        course,
        before=sign * before,
        now=sign * now,
        worse_by=worse,
        worse_low=worse - half,
        worse_high=worse + half,
    )
