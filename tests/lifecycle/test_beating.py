"""Whether the best run beats the baseline beyond chance: pairs of runs, and what is said of them."""

from __future__ import annotations

import pytest

from apps.compute.comparison_result import Difference
from apps.lifecycle.beating import Pair, beats_baseline


def pair(run: int, value: float, *, corrected: float, better: bool | None) -> Pair:
    difference = Difference(value - 0.7, value - 0.75, value - 0.65, corrected, corrected, "", better)
    return Pair(run, 1, "accuracy", value, difference, better)


@pytest.mark.parametrize(
    ("others", "corrected", "state"),
    [(0, 0.03, "met"), (1, 0.03, "not_met"), (1, 0.02, "met"), (9, 0.004, "met"), (9, 0.006, "not_met")],
)
def test_the_best_of_many_runs_needs_a_smaller_p_value(others: int, corrected: float, state: str) -> None:
    pairs = [pair(2, 0.8, corrected=corrected, better=True)]
    pairs += [pair(3 + i, 0.71, corrected=1.0, better=None) for i in range(others)]
    assert beats_baseline(pairs)[0] == state


def test_worse_and_unclear_runs_do_not_pass() -> None:
    assert beats_baseline([pair(2, 0.6, corrected=0.001, better=False)])[0] == "not_met"
    assert beats_baseline([pair(2, 0.72, corrected=0.4, better=None)])[0] == "not_met"
    assert beats_baseline([])[0] == "unknown"
