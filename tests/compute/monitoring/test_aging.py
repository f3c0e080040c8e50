"""The loss for each day of age, against statsmodels and against truths that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from apps.compute.monitoring.aging import AgedPoint, aging


def point(version: str, age: float, value: float, error: float) -> AgedPoint:
    return AgedPoint(version, age, value, value - 1.96 * error, value + 1.96 * error)


def history(
    rng: np.random.Generator, versions: int = 3, windows: int = 14, slope: float = 0.002, shared: float = 0.0
) -> list[AgedPoint]:
    """Accuracies that fall by ``slope`` a day, by ``shared`` more or less in each version."""
    points = []
    for version in range(versions):
        level, own = 0.9 - 0.03 * version, slope + rng.normal(0, shared)
        for day in range(windows):
            error = 0.01 + 0.005 * (day % 3)
            value = level - own * day + rng.normal(0, error)
            points.append(
                AgedPoint(f"v{version}", float(day), value, value - 1.96 * error, value + 1.96 * error)
            )
    return points


def fitted(points: list[AgedPoint], **options: object) -> object:
    names = sorted({point.version for point in points})
    design = [[point.age, *(float(point.version == name) for name in names)] for point in points]
    weight = [1 / (point.high - point.low) ** 2 for point in points]
    value = [point.value for point in points]
    return sm.WLS(np.array(value), np.array(design), weights=np.array(weight)).fit(**options)


@pytest.mark.parametrize(("versions", "shared"), [(1, 0.0), (3, 0.0), (8, 0.0), (8, 0.003)])
def test_it_equals_statsmodels(versions: int, shared: float) -> None:
    points = history(np.random.default_rng(1), versions, shared=shared)
    found = aging(points, higher_is_better=True, smallest_drop=0.02)
    plain = fitted(points)
    low, high = plain.conf_int()[0]  # type: ignore[attr-defined]
    if versions > 1:
        groups = np.unique([point.version for point in points], return_inverse=True)[1]
        robust = fitted(points, cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        low, high = max((low, high), tuple(robust.conf_int()[0]), key=lambda ends: ends[1] - ends[0])  # type: ignore[attr-defined]
    assert found.per_day == pytest.approx(-plain.params[0])  # type: ignore[attr-defined]
    assert (found.low, found.high) == pytest.approx((-high, -low))
    assert (found.versions, found.windows) == (versions, 14 * versions)


def test_by_hand() -> None:
    values = [
        0.90,
        0.89,
        0.86,
        0.87,
        0.83,
    ]  # slope -0.016 a day, residuals 0.001, 0.007, -0.007, 0.019, -0.005 ...
    points = [
        AgedPoint("a", float(day), value, value - 0.02, value + 0.02) for day, value in enumerate(values)
    ]
    found = aging(points, higher_is_better=True, smallest_drop=0.08)
    assert found.per_day == pytest.approx(0.016)
    assert found.days == pytest.approx(5)
    # residual sum of squares 0.00044, over 3 degrees of freedom and Sxx = 10; t = 3.18245
    half = 3.182446 * (0.00044 / 3 / 10) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.016 - half, 0.016 + half))
    assert (found.days_low, found.days_high) == pytest.approx((0.08 / (0.016 + half), 0.08 / (0.016 - half)))


def test_an_error_that_grows_is_a_loss() -> None:
    points = history(np.random.default_rng(2), versions=6)
    turned = [replace(p, value=-p.value, low=-p.high, high=-p.low) for p in points]
    one = aging(points, higher_is_better=True, smallest_drop=0.02)
    other = aging(turned, higher_is_better=False, smallest_drop=0.02)
    assert one == other
    assert one.days is not None
    assert one.days_low is not None
    assert one.days_high is not None
    assert one.days_low < one.days < one.days_high


def test_no_ageing_has_no_interval_for_training() -> None:
    found = aging(history(np.random.default_rng(3), slope=0.0), higher_is_better=True, smallest_drop=0.02)
    assert found.per_day is not None
    assert (found.days, found.days_low, found.days_high) == (None, None, None)
    assert str(found.message).startswith("No ageing is seen over 3 versions and 42 windows")


def test_getting_better_with_age_is_no_ageing() -> None:
    found = aging(history(np.random.default_rng(3), slope=-0.01), higher_is_better=True, smallest_drop=0.02)
    assert found.per_day == pytest.approx(-0.01, abs=0.002)
    assert found.days is None


def test_the_sentence_says_what_it_rests_on() -> None:
    told = str(aging(history(np.random.default_rng(1)), higher_is_better=True, smallest_drop=0.02).message)
    assert told.startswith("Over 3 versions and 42 windows the metric gets worse by 0.0")
    one = aging(history(np.random.default_rng(1), versions=1), higher_is_better=True, smallest_drop=0.02)
    assert "One version alone" in str(one.message)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_windows_say_nothing(count: int) -> None:
    points = history(np.random.default_rng(1), versions=1)[:count]
    found = aging(points, higher_is_better=True, smallest_drop=0.02)
    assert (found.per_day, found.days) == (None, None)
    assert "Too few" in str(found.message)


def test_versions_of_one_age_are_left_out() -> None:
    points = history(np.random.default_rng(1))
    more = [*points, AgedPoint("new", 0.0, 0.5, 0.4, 0.6)]
    told = {"higher_is_better": True, "smallest_drop": 0.02}
    assert aging(more, **told) == aging(points, **told)  # type: ignore[arg-type]


def test_windows_without_width_count_alike() -> None:
    points = [
        replace(point, low=point.value, high=point.value) for point in history(np.random.default_rng(1))
    ]
    found = aging(points, higher_is_better=True, smallest_drop=0.02)
    assert found.per_day == pytest.approx(0.002, abs=0.001)


@pytest.mark.slow
@pytest.mark.parametrize(("versions", "shared"), [(1, 0.0), (2, 0.0), (3, 0.001), (5, 0.003), (10, 0.003)])
def test_the_interval_holds_the_truth(versions: int, shared: float) -> None:
    held = 0
    for seed in range(1000):
        rng = np.random.default_rng([versions, seed])
        found = aging(history(rng, versions, shared=shared), higher_is_better=True, smallest_drop=0.02)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.002 <= found.high
    assert held / 1000 >= 0.93
