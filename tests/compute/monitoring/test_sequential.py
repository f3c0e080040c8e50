"""The test for a worsening: its recursion, its alarms and their end, and how often it is wrong or late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp, sqrt

import numpy as np
import pytest

from apps.compute.monitoring.sequential import (
    BEGINNINGS,
    EFFECTS,
    HORIZON,
    Course,
    Point,
    Watch,
    follow,
)
from apps.compute.uncertainty import Z, log_interval, wilson

WATCH = Watch(higher_is_better=True, smallest_drop=0.05)


def points(
    values: Sequence[float], error: float = 0.02, key: Callable[[int], str] = lambda _: ""
) -> list[Point]:
    """Windows with symmetric intervals."""
    return [
        Point(f"2026-{i:04}", key(i), float(value), value - Z * error, value + Z * error, 100)
        for i, value in enumerate(values)
    ]


def shares(
    rng: np.random.Generator, rows: int, truth: np.ndarray, spread: float = 1.0, keys: int = 1
) -> list[Point]:
    """Accuracies with their Wilson intervals; beta-binomial with ``spread`` times the binomial variance."""
    if spread > 1:
        size = (rows - 1) / (spread - 1) - 1
        truth = rng.beta(truth * size, (1 - truth) * size)
    right = rng.binomial(rows, truth)
    low, high = wilson(right, np.full(len(right), rows))
    return [
        Point(str(i), str(i % keys), float(k / rows), float(low[i]), float(high[i]), rows)
        for i, k in enumerate(right)
    ]


def errors(rng: np.random.Generator, rows: int, sizes: np.ndarray, keys: int = 1) -> list[Point]:
    """RMSE of normal errors with these standard deviations, with its interval on the log scale."""
    found = []
    for i, size in enumerate(sizes):
        squares = rng.normal(0, size, rows) ** 2
        value = sqrt(squares.mean())
        low, high = log_interval(value, squares.var(ddof=1) / rows / (4 * squares.mean()))
        found.append(Point(str(i), str(i % keys), value, float(low), float(high), rows))
    return found


def alarms(course: Course) -> int:
    """Windows at which an alarm was on."""
    return sum(evidence >= course.limit for evidence in course.evidence)


def naive_evidence(values: np.ndarray, error: float, drop: float, tested_from: int) -> list[float]:
    """By its definition: the likelihood ratio of a change at each window, the common level integrated out."""
    evidence = [0.0] * tested_from
    for now in range(tested_from, len(values)):
        seen, total, best, upper = values[: now + 1], 0.0, -1.0, 0.0
        for begun in range(max(tested_from, now - BEGINNINGS + 1), now + 1):
            shape = (np.arange(now + 1) >= begun) - (now + 1 - begun) / (now + 1)  # about its mean
            information = float(shape @ shape) / error**2
            score = -float(shape @ seen) / error**2
            total += np.mean([exp(e * drop * score - (e * drop) ** 2 / 2 * information) for e in EFFECTS])
            if max(score, 0) ** 2 / information > best:
                best, upper = max(score, 0) ** 2 / information, score / information + Z / sqrt(information)
        evidence.append(total if upper >= drop else 0.0)
    return evidence


@pytest.mark.parametrize("count", [30, 180])
def test_the_evidence_is_shiryaev_roberts(count: int) -> None:
    # Alternating signs leave the spread below 1, so that it plays no part.
    rng = np.random.default_rng(1)
    values = 0.9 + 0.02 * 0.6 * np.tile([1.0, -1.0], count // 2) + rng.normal(0, 0.002, count)
    course = follow(points(values), WATCH)
    assert course.limit == HORIZON / 0.05
    assert course.evidence == pytest.approx(naive_evidence(values, 0.02, 0.05, 5))
    assert course.alarm is None


def test_the_evidence_by_hand() -> None:
    course = follow(points([0.9, 0.9, 0.9, 0.9, 0.9, 0.86]), WATCH)
    # The level of five windows has the variance 0.02^2 / 5.
    w, m = -0.04 / (0.02 * sqrt(1.2)), 0.05 / (0.02 * sqrt(1.2))
    expected = sum(exp(-e * m * w - (e * m) ** 2 / 2) for e in EFFECTS) / 3
    assert course.evidence == pytest.approx((0, 0, 0, 0, 0, expected))
    assert (course.before, course.now, course.worse_by) == pytest.approx((0.9, 0.86, 0.04))
    half = Z * 0.02 * sqrt(1.2)
    assert (course.worse_low, course.worse_high) == pytest.approx((0.04 - half, 0.04 + half))


def test_a_drop_is_found_dated_and_measured() -> None:
    values = [0.9, 0.91, 0.89, 0.9] * 5 + [0.81, 0.8, 0.79, 0.8]
    course = follow(points(values), WATCH)
    assert course.enough
    assert course.since == 20
    assert course.alarm is not None
    assert 20 <= course.alarm <= 21
    assert (course.before, course.now, course.worse_by) == pytest.approx((0.9, 0.8, 0.1))
    assert course.worse_low is not None
    assert course.worse_high is not None
    assert 0.06 < course.worse_low < 0.1 < course.worse_high < 0.14


def test_a_better_level_raises_nothing() -> None:
    values = [0.9, 0.91, 0.89, 0.9] * 5 + [0.99, 0.98] * 10
    assert alarms(follow(points(values), WATCH)) == 0


def test_a_worsening_smaller_than_what_matters_raises_nothing_in_the_long_run() -> None:
    rng = np.random.default_rng(2)
    values = np.where(np.arange(400) < 40, 0.9, 0.9 - 0.6 * 0.05) + rng.normal(0, 0.01, 400)
    assert alarms(follow(points(values, 0.01), WATCH)) == 0
    assert alarms(follow(points(values, 0.01), replace(WATCH, smallest_drop=0.03))) > 0


def test_the_alarm_ends_when_the_level_is_back_and_a_new_drop_is_found() -> None:
    good, bad = [0.9, 0.91, 0.89, 0.9], [0.8, 0.81, 0.79, 0.8]
    back = follow(points(good * 5 + bad * 2 + good), WATCH)
    assert (back.alarm, back.since) == (None, None)
    assert back.enough
    assert back.before == pytest.approx(0.9, abs=0.001)  # the bad windows are no part of the baseline
    again = follow(points(good * 5 + bad * 2 + good * 2 + bad), WATCH)
    assert again.since == 36
    assert again.alarm is not None
    assert again.worse_by == pytest.approx(0.1, abs=0.002)
    on = [evidence >= again.limit for evidence in again.evidence]
    assert on.index(True) in (20, 21)
    assert not any(on[31:36])
    assert not any(on[:20])


def test_the_alarm_lasts_while_the_level_stays_low() -> None:
    course = follow(points([0.9, 0.91, 0.89, 0.9] * 5 + [0.8, 0.81, 0.79, 0.8] * 100), WATCH)
    assert course.since == 20
    assert course.before == pytest.approx(0.9)
    assert all(evidence >= course.limit for evidence in course.evidence[21:])


def test_only_comparable_windows_are_compared() -> None:
    # Nights are worse than days all along; then the days fall to the level of the nights.
    levels = np.tile([0.9, 0.8], 15)
    key = {0: "day", 1: "night"}.__getitem__
    usual = points(levels, key=lambda i: key(i % 2))
    assert alarms(follow(usual, WATCH)) == 0
    fallen = usual + points([0.8] * 6, key=lambda i: key(i % 2))
    course = follow(fallen, WATCH)
    assert course.since == 30
    assert course.worse_by == pytest.approx(0.05)
    assert course.before == pytest.approx(0.85)


def test_shifting_and_scaling_changes_nothing() -> None:
    values = np.array([0.9, 0.91, 0.89, 0.9] * 5 + [0.82, 0.83] * 3)
    one = follow(points(values), WATCH)
    other = follow(points(10 * values - 3, 0.2), replace(WATCH, smallest_drop=0.5))
    assert other.evidence == pytest.approx(one.evidence)
    assert (other.alarm, other.since) == (one.alarm, one.since)


def test_lower_is_better_mirrors_it() -> None:
    values = np.array([0.9, 0.91, 0.89, 0.9] * 5 + [0.82, 0.83] * 3)
    one = follow(points(values), WATCH)
    other = follow(points(-values), replace(WATCH, higher_is_better=False))
    assert other.evidence == pytest.approx(one.evidence)
    assert other.before == pytest.approx(-(one.before or 0))
    assert other.worse_by == pytest.approx(one.worse_by)


def test_the_past_does_not_change_with_the_future() -> None:
    rng = np.random.default_rng(4)
    values = np.where(np.arange(160) % 60 < 45, 0.9, 0.8) + rng.normal(0, 0.02, 160)
    whole = follow(points(values), WATCH)
    for until in (1, 20, 47, 50, 65, 110, 159):
        assert follow(points(values[:until]), WATCH).evidence == pytest.approx(whole.evidence[:until])


def test_a_relative_worsening() -> None:
    watch = Watch(higher_is_better=False, smallest_drop=0.1, relative=True)
    rng = np.random.default_rng(5)
    sizes = np.tile([5.0, 50.0], 30)
    assert alarms(follow(errors(rng, 300, sizes, keys=2), watch)) == 0
    sizes[40:] *= 1.25
    course = follow(errors(rng, 300, sizes, keys=2), watch)
    assert course.since is not None
    assert 38 <= course.since <= 42
    assert course.worse_by == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("level", [0.0, -0.2])
def test_relative_to_a_level_that_is_not_positive(level: float) -> None:
    values = [level + part for part in [0.01, -0.01] * 10 + [-1.0] * 5]
    course = follow(points(values), Watch(higher_is_better=True, smallest_drop=0.1, relative=True))
    assert course.since == 20
    assert all(np.isfinite(course.evidence))


def test_perfect_windows_have_an_error_too() -> None:
    rows, right = 20, np.array([20] * 12 + [18])
    low, high = wilson(right, np.full(13, rows))
    perfect = [Point(str(i), "", k / rows, float(low[i]), float(high[i]), rows) for i, k in enumerate(right)]
    assert alarms(follow(perfect, WATCH)) == 0


def test_values_without_width_are_judged_by_what_matters() -> None:
    course = follow(points([0.9] * 10 + [0.88] * 10, error=0.0), WATCH)
    assert alarms(course) == 0
    assert follow(points([0.9] * 10 + [0.8] * 10, error=0.0), WATCH).since == 10
    zeros = follow(points([0.0] * 20, error=0.0), Watch(False, 0.1, relative=True))
    assert (zeros.alarm, zeros.worse_by) == (None, 0.0)


@pytest.mark.parametrize("count", range(6))
def test_too_few_windows_say_nothing(count: int) -> None:
    course = follow(points([0.9, 0.1, 0.9, 0.9, 0.9][:count]), WATCH)
    assert not course.enough
    assert (course.alarm, course.worse_by) == (None, None)
    # The sixth window is the first that is tested; an empty course has it still before it.
    assert course.needed == (5 if count == 0 else 6 - count)


def test_the_first_windows_of_a_new_key_say_nothing() -> None:
    course = follow([*points([0.9] * 20), *points([0.2, 0.2], key=lambda _: "new")], WATCH)
    assert (course.enough, course.needed, course.alarm) == (False, 2, None)


STREAMS = 1000
WINDOWS = np.arange(HORIZON)
WEEK = np.array([0.9, 0.9, 0.88, 0.9, 0.87, 0.8, 0.78])[WINDOWS % 7]
SINE = 10 * (2 + np.sin(WINDOWS % 24 / 24 * 2 * np.pi))
STATIONARY: dict[str, Callable[[np.random.Generator], list[Point]]] = {
    "accuracy, 10 rows": lambda rng: shares(rng, 10, np.full(HORIZON, 0.95)),
    "accuracy, 50 rows": lambda rng: shares(rng, 50, np.full(HORIZON, 0.95)),
    "accuracy, 200 rows": lambda rng: shares(rng, 200, np.full(HORIZON, 0.9)),
    "accuracy, 1000 rows": lambda rng: shares(rng, 1000, np.full(HORIZON, 0.7)),
    "accuracy by weekday": lambda rng: shares(rng, 200, WEEK, keys=7),
    "accuracy, overdispersed": lambda rng: shares(rng, 200, np.full(HORIZON, 0.9), spread=1.5),
    "accuracy by weekday, overdispersed": lambda rng: shares(rng, 200, WEEK, spread=1.5, keys=7),
    "rmse": lambda rng: errors(rng, 200, np.full(HORIZON, 10.0)),
    "rmse by hour": lambda rng: errors(rng, 200, SINE, keys=24),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STATIONARY)
@pytest.mark.parametrize("setting", [0.05, 0.2])
def test_false_alarms_keep_to_the_setting(name: str, setting: float) -> None:
    is_error = name.startswith("rmse")
    watch = Watch(not is_error, 0.1 if is_error else 0.05, relative=is_error, false_alarms=setting)
    alarmed = sum(
        alarms(follow(STATIONARY[name](np.random.default_rng([7, seed])), watch)) > 0
        for seed in range(STREAMS)
    )
    print(f"{name}: {alarmed / STREAMS:.3f} of streams at a setting of {setting}")
    assert alarmed / STREAMS <= setting + 2 * sqrt(setting * (1 - setting) / STREAMS)


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "median"), [(50, 25), (200, 6), (1000, 2)])
def test_a_true_drop_is_found_as_soon_as_the_rows_allow(rows: int, median: int) -> None:
    truth = np.where(WINDOWS < 30, 0.9, 0.85)
    delays = []
    for seed in range(300):
        course = follow(shares(np.random.default_rng([8, seed]), rows, truth), WATCH)
        found = np.flatnonzero(np.array(course.evidence)[30:] >= course.limit)
        delays.append(found[0] + 1 if len(found) else np.inf)
    print(f"{rows} rows: median delay {np.median(delays)}")
    assert np.median(delays) <= median
