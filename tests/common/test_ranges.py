"""The interval plot: places on the scale, and colours only where the whole interval agrees."""

from __future__ import annotations

import pytest

from apps.common.ranges import range_plot


@pytest.mark.parametrize(
    ("low", "high", "at_least", "colour"),
    [
        (0.86, 0.88, True, "ok"),
        (0.84, 0.88, True, "none"),
        (0.80, 0.84, True, "bad"),
        (0.86, 0.88, False, "bad"),
        (0.80, 0.84, False, "ok"),
    ],
)
def test_colour_needs_the_whole_interval_on_one_side(
    low: float, high: float, at_least: bool, colour: str
) -> None:
    plot = range_plot((low + high) / 2, low, high, unit="share", scale=(0, 1), target=0.85, at_least=at_least)
    assert plot.colour == colour


def test_places() -> None:
    plot = range_plot(0.5, 0.25, 0.75, unit="share", scale=(0, 1), target=0.75, baseline=2.0)
    assert (plot.dot, plot.bar_x, plot.bar_width) == ("90.0", "47.0", "86.0")
    assert (plot.target, plot.shade_x, plot.shade_width) == ("133.0", "133.0", "43.0")
    assert plot.baseline == "176.0"  # beyond the scale: at its end
    assert plot.label == "50%, 25 to 75"


def test_without_target_or_interval_there_is_a_dot_alone() -> None:
    plot = range_plot(3.0, None, None, unit="score", scale=(3, 3))
    assert (plot.colour, plot.target, plot.baseline, plot.dot) == ("c1", "", "", "90.0")


def test_a_verdict_brings_its_own_colour_and_words() -> None:
    """A contradicting requirement is purple though its interval lies on one side."""
    plot = range_plot(
        0.87, 0.86, 0.88, unit="share", scale=(0, 1), target=0.85, colour="mix", words="Recall, at least 85%"
    )
    assert plot.colour == "mix"
    assert plot.label == "Recall, at least 85%: 87.0%, 86.0 to 88.0"
