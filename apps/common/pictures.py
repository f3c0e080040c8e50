"""Small pictures of distributions: paths for an SVG of `WIDTH` by `HEIGHT`, drawn by templates.

Shares become heights. What is drawn together shares a scale: ``most`` is the share that fills the height.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 112, 32
#: Room above the highest bar, and between bars.
TOP, GAP = 2, 0.6


def filled(shares: Sequence[float], most: float) -> str:
    """A bar for each share, from left to right."""
    width = WIDTH / max(1, len(shares))
    return "".join(_bar(i * width, width - GAP, share, most) for i, share in enumerate(shares))


def outlined(shares: Sequence[float], most: float) -> str:
    """The same bars as one line of steps over them."""
    width = WIDTH / max(1, len(shares))
    return f"M0 {HEIGHT}" + "".join(f"V{_y(share, most)}h{width:.4g}" for share in shares) + f"V{HEIGHT}"


def grouped(sides: Sequence[Sequence[float]], most: float) -> Iterator[str]:
    """For each side its bars, which stand side by side in groups."""
    group = WIDTH / max(1, len(sides[0]))
    width = (group - 2 * GAP) / len(sides)
    for place, shares in enumerate(sides):
        yield "".join(
            _bar(i * group + place * width, width - GAP / 2, share, most) for i, share in enumerate(shares)
        )


def _bar(x: float, width: float, share: float, most: float) -> str:
    return f"M{x:.4g} {HEIGHT}V{_y(share, most)}h{width:.3g}V{HEIGHT}z" if share > 0 else ""


def _y(share: float, most: float) -> str:
    """What is positive is seen."""
    height = (HEIGHT - TOP) * min(1.0, share / most) if most > 0 else 0.0
    return f"{HEIGHT - (max(height, 0.4) if share > 0 else 0.0):.3g}"
