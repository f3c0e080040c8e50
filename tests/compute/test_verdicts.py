"""Verdicts on intervals and limits. Expected bounds come from statsmodels and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from apps.compute.uncertainty import wilson
from apps.compute.verdicts import (
    Estimate,
    Outcome,
    Scale,
    Target,
    bounds_at,
    evidence_against_chance,
    find,
    holm,
    mean_estimate,
    outcome_of,
    p_value,
    rows_to_settle,
    share_estimate,
)

SHARE, POSITIVE, CORRELATION, REAL, BELOW_ONE = (
    Scale(0, 1),
    Scale(0, None),
    Scale(-1, 1),
    Scale(),
    Scale(None, 1),
)


def share(positive: int, n: int, name: str = "") -> Estimate:
    low, high = wilson(positive, n)
    return Estimate(positive / n, float(low), float(high), n, name)


@pytest.mark.parametrize(
    ("at_least", "low", "high", "outcome"),
    [
        (True, 0.81, 0.84, Outcome.CONFIRMED),
        (True, 0.80, 0.84, Outcome.CONFIRMED),  # touches from the wanted side: "at least" holds at the limit
        (True, 0.79, 0.84, Outcome.UNVERIFIED),
        (True, 0.76, 0.80, Outcome.UNVERIFIED),  # touches from below: 0.80 itself would do
        (True, 0.76, 0.79, Outcome.REFUTED),
        (True, 0.80, 0.80, Outcome.CONFIRMED),
        (False, 0.76, 0.79, Outcome.CONFIRMED),
        (False, 0.76, 0.80, Outcome.CONFIRMED),
        (False, 0.76, 0.81, Outcome.UNVERIFIED),
        (False, 0.80, 0.84, Outcome.UNVERIFIED),
        (False, 0.81, 0.84, Outcome.REFUTED),
    ],
)
def test_outcome(at_least: bool, low: float, high: float, outcome: Outcome) -> None:
    assert outcome_of(Target(at_least, 0.8, SHARE), low, high) is outcome


@pytest.mark.parametrize("scale", [SHARE, POSITIVE, CORRELATION, REAL, BELOW_ONE])
@given(
    value=st.floats(0.2, 0.8),
    down=st.floats(0.01, 0.15),
    up=st.floats(0.01, 0.15),
    confidence=st.floats(0.6, 0.9999),
)
def test_the_p_value_is_where_the_interval_meets_the_limit(
    scale: Scale, value: float, down: float, up: float, confidence: float
) -> None:
    estimate = Estimate(value, value - down, value + up, 100)
    assert bounds_at(estimate, 0.95, scale) == (estimate.low, estimate.high)
    low, high = bounds_at(estimate, confidence, scale)
    assert low < value < high
    assert (high >= estimate.high) == (confidence >= 0.95)
    for bound in (low, high):
        assert p_value(estimate, bound, scale) == pytest.approx(1 - confidence, rel=1e-6)
        assert scale.backward(scale.forward(bound)) == pytest.approx(bound, abs=1e-12)


@pytest.mark.parametrize(
    ("positive", "n"), [(870, 1_000), (45, 100), (995, 1_000), (3, 10), (0, 10), (50, 50)]
)
@pytest.mark.parametrize("level", [0.8, 0.9, 0.99, 0.9999])
def test_other_levels_of_a_share_are_wilsons(positive: int, n: int, level: float) -> None:
    exact = proportion_confint(positive, n, 1 - level, "wilson")
    assert bounds_at(share(positive, n), level, SHARE) == pytest.approx(exact, abs=1e-12)


def test_a_normal_interval_gives_the_normal_p_value() -> None:
    estimate = Estimate(10.0, 10 - 1.959963984540054 * 2, 10 + 1.959963984540054 * 2, 50)
    assert p_value(estimate, 13.0, REAL) == pytest.approx(2 * stats.norm.sf(1.5), abs=1e-12)
    low, high = bounds_at(estimate, 0.99, REAL)
    assert (low, high) == pytest.approx(stats.norm.interval(0.99, 10, 2), abs=1e-9)


def test_fisher_z_is_the_scale_of_correlations() -> None:
    n, r = 50, 0.6
    z95, z99 = (stats.norm.ppf(q) / math.sqrt(n - 3) for q in (0.975, 0.995))
    estimate = Estimate(r, math.tanh(math.atanh(r) - z95), math.tanh(math.atanh(r) + z95), n)
    expected = stats.pearsonr(*_correlated(n, r)).confidence_interval(0.99)
    assert bounds_at(estimate, 0.99, CORRELATION) == pytest.approx(tuple(expected), abs=1e-9)
    assert expected.low == pytest.approx(math.tanh(math.atanh(r) - z99), abs=1e-9)


def _correlated(n: int, r: float) -> tuple[np.ndarray, np.ndarray]:
    """Two columns whose sample correlation is exactly ``r``."""
    rng = np.random.default_rng(1)
    x, e = rng.normal(size=(2, n))
    x = (x - x.mean()) / np.linalg.norm(x - x.mean())
    e = e - e.mean()
    e -= (e @ x) * x
    return x, r * x + math.sqrt(1 - r * r) * e / np.linalg.norm(e)


@pytest.mark.parametrize(("positive", "n", "level"), [(18, 20, 0.95), (3, 40, 0.99), (20, 20, 0.9)])
def test_judgements(positive: int, n: int, level: float) -> None:
    estimate = share_estimate(positive, n, level)
    exact = proportion_confint(positive, n, 1 - level, "wilson")
    assert (estimate.low, estimate.high) == pytest.approx(exact, abs=1e-12)
    assert (estimate.value, estimate.n) == (positive / n, n)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_repeats_of_a_drill(level: float) -> None:
    seconds = [12.1, 14.9, 11.3, 17.0, 13.2]
    estimate = mean_estimate(seconds, level)
    expected = stats.ttest_1samp(seconds, 0).confidence_interval(level)
    assert (estimate.low, estimate.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert mean_estimate([3.0, 3.0], level).low == 3.0


@pytest.mark.parametrize("seed", range(20))
def test_holm_rejects_what_statsmodels_rejects(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = (rng.random(rng.integers(1, 12)) ** 6).tolist()  # many small ones
    given_alphas = holm(dict(enumerate(p)), dict.fromkeys(range(len(p)), 0.05))
    mine = [p[key] <= given_alphas[key] for key in range(len(p))]
    assert mine == multipletests(p, 0.05, "holm")[0].tolist()


def test_holm_leaves_everyone_at_most_the_own_alpha() -> None:
    alphas = {1: 0.01, 2: 0.10, 3: 0.05}
    # p / alpha: 0.2, 0.9, 0.1: the third at 0.05/3, the first at 0.01/2, the second alone at 0.1.
    assert holm({1: 0.002, 2: 0.09, 3: 0.005}, alphas) == pytest.approx({3: 0.05 / 3, 1: 0.005, 2: 0.1})
    # The first step fails: all share.
    assert holm({1: 0.5, 2: 0.5, 3: 0.5}, alphas) == pytest.approx({1: 0.01 / 3, 2: 0.1 / 3, 3: 0.05 / 3})


def test_correction_can_open_a_verdict() -> None:
    """43 of 50 against 0.75 is beyond chance alone (p = 0.07 at 0.9), not as one of three."""
    target = Target(True, 0.75, SHARE, 0.9)
    estimate = share(43, 50)
    assert find(target, [estimate], 0.1).outcome is Outcome.CONFIRMED
    finding = find(target, [estimate], 0.1 / 3)
    assert finding.outcome is Outcome.UNVERIFIED
    assert finding.low < 0.75 < finding.high
    assert finding.level == pytest.approx(1 - 0.1 / 3)


@pytest.mark.parametrize(
    ("counts", "outcome", "decides"),
    [
        ({"a": (90, 100), "b": (880, 1_000)}, Outcome.CONFIRMED, "a"),  # the widest comes closest
        ({"a": (82, 100), "b": (880, 1_000)}, Outcome.UNVERIFIED, "a"),
        ({"a": (90, 100), "b": (700, 1_000)}, Outcome.REFUTED, "b"),
        ({"a": (79, 100), "b": (990, 1_000)}, Outcome.UNVERIFIED, "a"),
        ({"a": (79, 100), "b": (700, 1_000), "c": (780, 1_000)}, Outcome.REFUTED, "b"),
    ],
)
def test_every_slice(counts: dict[str, tuple[int, int]], outcome: Outcome, decides: str) -> None:
    estimates = [share(*pair, name=name) for name, pair in counts.items()]
    finding = find(Target(True, 0.8, SHARE), estimates, 0.05)
    assert (finding.outcome, finding.estimate.name) == (outcome, decides)


def test_one_slice_below_by_chance_refutes_nothing() -> None:
    """70 of 100 refutes 0.79 alone, but not as the lowest of twenty slices (Bonferroni)."""
    target = Target(True, 0.79, SHARE)
    alone, others = share(70, 100, "x"), [share(85, 100, f"{i:02}") for i in range(19)]
    assert find(target, [alone], 0.05).outcome is Outcome.REFUTED
    assert find(target, [alone, *others], 0.05).outcome is Outcome.UNVERIFIED
    alone_p = evidence_against_chance(target, [alone])
    assert evidence_against_chance(target, [alone, *others]) == pytest.approx(20 * alone_p)


def test_a_slice_refutes_though_others_are_unknown() -> None:
    """Slices without an interval count in the correction: 70 of 100 against 0.81, one of 4 or of 50."""
    target, wrong = Target(True, 0.81, SHARE), share(70, 100, "x")
    p = evidence_against_chance(target, [wrong])
    assert evidence_against_chance(target, [wrong], 4) == pytest.approx(4 * p)
    assert find(target, [wrong], 0.05, 4).outcome is Outcome.REFUTED
    assert find(target, [wrong], 0.05, 50).outcome is Outcome.UNVERIFIED


@given(st.permutations(["a", "b", "c", "d"]))
def test_slices_have_no_order(names: list[str]) -> None:
    counts = {"a": (90, 100), "b": (90, 100), "c": (88, 100), "d": (95, 100)}
    target = Target(True, 0.8, SHARE)
    ordered = find(target, [share(*counts[n], name=n) for n in sorted(names)], 0.05)
    assert find(target, [share(*counts[n], name=n) for n in names], 0.05) == ordered


def test_rows_to_settle_do_settle() -> None:
    """With that many more rows and the same share, Wilson's interval leaves the limit."""
    for positive, n, limit in [(83, 100, 0.8), (410, 500, 0.81), (77, 100, 0.8)]:
        estimate = share(positive, n)
        rows = rows_to_settle(estimate, limit, SHARE)
        assert rows is not None
        whole = n + rows
        low, high = wilson(estimate.value * whole, whole)
        assert not low <= limit <= high
        # and about that many: 0.85 of them do not.
        fewer = n + 0.85 * rows
        low, high = wilson(estimate.value * fewer, fewer)
        assert low <= limit <= high


@pytest.mark.parametrize(
    ("estimate", "limit"),
    [
        (share(80, 100), 0.8),  # exactly on it
        (Estimate(0.9, 0.8, 0.95, 0), 0.85),  # nobody knows how many rows
        (share(90, 100), 0.5),  # settled already
        (mean_estimate([1.0, -1.0, 1e-200], 0.95), 0.0),  # nearer than any number of rows tells apart
    ],
)
def test_no_number_of_rows(estimate: Estimate, limit: float) -> None:
    assert rows_to_settle(estimate, limit, SHARE) is None


def test_rows_at_the_end_of_the_range() -> None:
    """All right in 20: Wilson's lower bound is n / (n + z²), so 0.99 needs z² · 99 rows: 381 in all."""
    assert rows_to_settle(share(20, 20), 0.99, SHARE) == 370
