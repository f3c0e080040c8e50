"""The verdict bar: how many requirements are confirmed, contradicting, refuted and unverified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import ngettext

WIDTH = 200.0
GAP = 1.5


@dataclass(frozen=True, slots=True)
class Segment:
    """One state of the bar in its own coordinates (0 to 200); without width where there is none of it."""

    colour: str
    picture: str
    letter: str
    words: str
    x: str
    width: str


def verdict_segments(counts: Mapping[str, int]) -> list[Segment]:
    """In the order of the design; every state that occurs, with a gap behind all but the last."""
    states = [
        ("confirmed", "ok", "check", "c"),
        ("contradicting", "mix", "arrow-left-right", "x"),
        ("refuted", "bad", "x", "r"),
        ("unverified", "none", "circle-dashed", "u"),
    ]
    total = sum(counts.get(state, 0) for state, *_rest in states)
    segments: list[Segment] = []
    before = 0
    for state, colour, picture, letter in states:
        if not (count := counts.get(state, 0)):
            continue
        width = WIDTH * count / total - (GAP if before + count < total else 0)
        x = WIDTH * before / total
        segments.append(
            Segment(colour, picture, letter, _words(state, count), f"{x:.1f}", f"{max(width, 0.5):.1f}")
        )
        before += count
    return segments


def _words(state: str, count: int) -> str:
    words = {
        "confirmed": ngettext("%(count)d confirmed", "%(count)d confirmed", count),
        "contradicting": ngettext("%(count)d contradicting", "%(count)d contradicting", count),
        "refuted": ngettext("%(count)d refuted", "%(count)d refuted", count),
        "unverified": ngettext("%(count)d unverified", "%(count)d unverified", count),
    }
    return words[state] % {"count": count}
