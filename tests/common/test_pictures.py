"""Small pictures: paths whose coordinates are worked out by hand."""

from __future__ import annotations

from apps.common.pictures import filled, grouped, outlined


def test_bars_share_the_height() -> None:
    assert filled([1.0, 0.5], 1.0) == "M0 32V2h55.4V32zM56 32V17h55.4V32z"


def test_steps_stand_on_the_ground() -> None:
    assert outlined([1.0, 0.5], 1.0) == "M0 32V2h56V17h56V32"


def test_groups_stand_side_by_side() -> None:
    first, second = grouped([[1.0, 0.0], [0.0, 0.5]], 1.0)
    assert first == "M0 32V2h27.1V32z"  # no bar for nothing
    assert second == "M83.4 32V17h27.1V32z"


def test_what_is_positive_is_seen() -> None:
    assert "V31.6" in filled([1e-9], 1.0)
    assert filled([], 0.0) == ""
    assert outlined([0.0], 0.0) == "M0 32V32h112V32"
