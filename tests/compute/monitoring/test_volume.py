"""How many rows are usual: a prediction interval that counts by chance stay in."""

from __future__ import annotations

import numpy as np
import pytest

from apps.compute.monitoring.volume import usual_rows


def test_too_few_windows() -> None:
    assert usual_rows([100] * 4) is None


@pytest.mark.parametrize("mean", [20, 200, 20_000])
def test_counts_by_chance_are_usual(mean: int) -> None:
    """At most 0.1 % of the next windows lie outside; 4 of 2,000 would be very rare."""
    rng = np.random.default_rng(7)
    outside = 0
    for _stream in range(2_000):
        *earlier, newest = rng.poisson(mean, 31)
        usual = usual_rows([int(rows) for rows in earlier])
        assert usual is not None
        outside += not usual.low <= newest <= usual.high
    assert outside <= 6


def test_half_the_rows_are_unusual() -> None:
    usual = usual_rows([1_000, 1_020, 990, 1_010, 1_005, 980, 1_015, 1_000])
    assert usual is not None
    assert 500 < usual.low < 980
    assert 1_020 < usual.high < 1_500
