"""The interval plot.

Line = scale, shaded = target met, dark line = target, bar and dot = interval and estimate,
hollow dot = baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.common.formats import interval, quantity

WIDTH = 180
EDGE = 4


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of one plot in its own coordinates (0 to 180), and the words that say them."""

    dot: str
    bar_x: str
    bar_width: str
    colour: str
    label: str
    baseline: str = ""
    target: str = ""
    shade_x: str = ""
    shade_width: str = ""


def range_plot(
    value: float,
    low: float | None,
    high: float | None,
    *,
    unit: str,
    scale: tuple[float, float],
    target: float | None = None,
    at_least: bool = True,
    baseline: float | None = None,
    colour: str = "",
    words: str = "",
    currency: str = "",
) -> Range:
    """Place everything on ``scale`` (its ends are clipped to). ``at_least``: values above the target meet it.

    The colour is green or red only where the whole interval lies on one side of the target, or ``colour``
    (ok, bad, mix, none). ``words`` stand before the numbers in the label.
    """
    start, end = scale

    def place(number: float) -> float:
        share = (number - start) / (end - start) if end > start else 0.5
        return EDGE + (WIDTH - 2 * EDGE) * min(1.0, max(0.0, share))

    left, right = place(value if low is None else low), place(value if high is None else high)
    label = quantity(value, unit, low, high, currency)
    if low is not None and high is not None:
        label = f"{label}, {interval(low, high, unit, value)}"
    if words:
        label = f"{words}: {label}"
    marks: dict[str, str] = {}
    if not colour:
        colour = _against(target, value if low is None else low, value if high is None else high, at_least)
    if target is not None:
        at = place(target)
        shade = (at, WIDTH - EDGE) if at_least else (float(EDGE), at)
        marks = {
            "target": f"{at:.1f}",
            "shade_x": f"{shade[0]:.1f}",
            "shade_width": f"{shade[1] - shade[0]:.1f}",
        }
    if baseline is not None:
        marks["baseline"] = f"{place(baseline):.1f}"
    return Range(
        dot=f"{place(value):.1f}",
        bar_x=f"{left:.1f}",
        bar_width=f"{max(right - left, 1.0):.1f}",
        colour=colour,
        label=label,
        **marks,
    )


def _against(target: float | None, low: float, high: float, at_least: bool) -> str:
    if target is None:
        return "c1"
    if low >= target:
        return "ok" if at_least else "bad"
    if high <= target:
        return "bad" if at_least else "ok"
    return "none"
