"""The forecast by resampling is the one that the exact distribution of sums gives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from apps.compute.forecast import HORIZON_WEEKS, Forecast, forecast

HISTORIES = [
    ([1, 1, 2, 1, 2, 2, 1, 1, 2, 1, 2, 2], 13),
    ([0, 0, 5, 0, 1, 8, 0, 3], 44),
    ([2, 0, 0, 1], 9),
    ([1, 2, 1, 2, 3, 0, 2, 1, 2, 4, 0, 1, 1, 2, 2], 31),
]


def exact(history: list[int], remaining: int, weeks: int) -> list[Fraction]:
    """Share of the futures that are through after 0, 1, … weeks: the history convolved with itself."""
    chance = {value: Fraction(history.count(value), len(history)) for value in set(history)}
    sums, through = {0: Fraction(1)}, [Fraction(int(remaining == 0))]
    for _week in range(weeks):
        following: dict[int, Fraction] = {}
        for total, weight in sums.items():
            for value, share in chance.items():
                capped = min(total + value, remaining)
                following[capped] = following.get(capped, Fraction(0)) + weight * share
        sums = following
        through.append(sums.get(remaining, Fraction(0)))
    return through


def first(through: list[Fraction], share: float) -> int:
    return next(week for week, part in enumerate(through) if part >= share)


@pytest.mark.parametrize(("history", "remaining"), HISTORIES)
def test_percentiles_are_those_of_the_exact_distribution(history: list[int], remaining: int) -> None:
    result = forecast(history, remaining, np.random.default_rng(7), 40_000)
    assert result is not None
    through = exact(history, remaining, len(result.middle) + 20)
    for share, week in ((0.5, result.p50), (0.8, result.p80)):
        assert week is not None
        # A week whose exact share is within four standard errors of the wanted one may fall on either side.
        slack = 4 * (share * (1 - share) / 40_000) ** 0.5
        assert first(through, share - slack) <= week <= first(through, share + slack)


@pytest.mark.parametrize(("history", "remaining"), HISTORIES)
def test_percentiles_agree_with_walking_each_future_to_its_end(history: list[int], remaining: int) -> None:
    """An independent simulation: one future after the other, with another generator."""
    rng = np.random.Generator(np.random.MT19937(3))
    ends = []
    for _future in range(4_000):
        left, weeks = remaining, 0
        while left > 0:
            left -= history[rng.integers(len(history))]
            weeks += 1
        ends.append(weeks)
    result = forecast(history, remaining, np.random.default_rng(1), 20_000)
    assert result is not None
    assert result.p50 is not None
    assert result.p80 is not None
    assert abs(result.p50 - float(np.quantile(ends, 0.5, method="inverted_cdf"))) <= 1
    assert abs(result.p80 - float(np.quantile(ends, 0.8, method="inverted_cdf"))) <= 1


def test_a_steady_team_has_no_doubt() -> None:
    result = forecast([2, 2, 2, 2], 9, np.random.default_rng(0), 500)
    assert result == Forecast(5, 5, *[(0.0, 2.0, 4.0, 6.0, 8.0, 9.0)] * 3)


def test_the_same_seed_gives_the_same_forecast() -> None:
    first_one, second = (forecast([0, 3, 1, 2], 20, np.random.default_rng(11), 1_000) for _ in range(2))
    assert first_one == second


def test_the_band_grows_and_ends_at_what_remains() -> None:
    result = forecast([0, 5, 1, 2, 0, 3], 30, np.random.default_rng(2), 5_000)
    assert result is not None
    for side in (result.low, result.middle, result.high):
        assert side[0] == 0
        assert list(side) == sorted(side)
        assert side[-1] == 30
    assert all(
        low <= middle <= high
        for low, middle, high in zip(result.low, result.middle, result.high, strict=True)
    )


@pytest.mark.parametrize("history", [[], [3, 3, 3], [0, 0, 0, 0, 0]])
def test_too_little_history_cannot_be_forecast(history: list[int]) -> None:
    assert forecast(history, 5, np.random.default_rng(0)) is None


def test_nothing_left_is_done_now_even_without_history() -> None:
    assert forecast([], 0, np.random.default_rng(0)) == Forecast(0, 0, (0.0,), (0.0,), (0.0,))


def test_what_takes_longer_than_ten_years_has_no_date() -> None:
    result = forecast([0, 0, 0, 1], 10_000, np.random.default_rng(0), 200)
    assert result is not None
    assert (result.p50, result.p80) == (None, None)
    assert len(result.middle) == HORIZON_WEEKS + 1


@pytest.mark.parametrize(("history", "remaining"), [([1, 2, -1, 3], 5), ([1, 2, 3, 4], -1)])
def test_negative_counts_are_refused(history: list[int], remaining: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        forecast(history, remaining, np.random.default_rng(0))
