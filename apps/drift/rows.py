"""Columns of a report as its page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import zip_longest

from apps.common import pictures
from apps.common.formats import number, quantity
from apps.common.translate import translate
from apps.compute.drift.result import ColumnDrift, Verdict
from apps.compute.figures.drift_titles import title_of
from apps.drift import models, words

#: The meter ends at this strength; its mark stands at 1.
METER_END = 3.2
NEAR_LIMIT = 0.7
#: Groups of bars that can still be told apart in a small picture.
GROUPS = 8
QUANTILES = ("5 %", "25 %", "50 %", "75 %", "95 %")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Paths of a small picture: ``soft`` and ``outline`` of numbers, ``bars`` of both sides of categories."""

    soft: str = ""
    outline: str = ""
    bars: tuple[str, ...] = ()


class ColumnRow:
    """One row of the table, and the details of the chosen column."""

    def __init__(self, row: models.ColumnDrift) -> None:
        self.place = row.place
        self.since_at = row.since
        self.found = ColumnDrift.from_json(row.data)

    @property
    def name(self) -> str:
        return self.found.name

    @property
    def what(self) -> str:
        """ "prediction", else "category"."""
        return str(words.ROLES.get(self.found.role) or words.KINDS[self.found.kind])

    @property
    def method(self) -> str:
        return words.method_label(self.found.method) if self.found.method else ""

    @property
    def is_compared(self) -> bool:
        return self.found.verdict is not Verdict.INCOMPARABLE

    @property
    def light(self) -> str:
        return words.VERDICTS[self.found.verdict][0]

    @property
    def verdict(self) -> str:
        return str(words.VERDICTS[self.found.verdict][1])

    @property
    def reason(self) -> str:
        return words.reason(self.found)

    @property
    def strength(self) -> str:
        return words.strength(self.found.strength)

    @property
    def meter(self) -> str:
        """Length of the bar, of 100."""
        return f"{100 * min(1.0, max(0.0, self.found.strength or 0.0) / METER_END):.1f}"

    @property
    def meter_colour(self) -> str:
        if self.found.verdict is Verdict.DRIFT:
            return "bad"
        near = NEAR_LIMIT <= (self.found.strength or 0.0) < 1
        return "warn" if near or self.found.verdict is Verdict.UNSURE else "none"

    @property
    def distance(self) -> str:
        return words.distance(self.found)

    @property
    def interval(self) -> str:
        """ "0.28 to 0.33"; nothing where there is none."""
        low, high = self.found.low, self.found.high
        if low is None or high is None:
            return ""
        return words.ends(low, high)

    @property
    def limit(self) -> str:
        return words.limit(self.found.limit)

    @property
    def empty(self) -> str:
        """Shares without a value of both sides, in percent."""
        shares = (100 * side.missing_share for side in (self.found.reference, self.found.current))
        before, now = (number(share, 1) for share in shares)
        return words.from_to(before, now)

    @property
    def since(self) -> str:
        return words.short_day(self.since_at) if self.since_at else ""

    @property
    def evidently(self) -> str:
        return words.evidently_says(self.found)

    @property
    def null_check(self) -> str:
        return words.null_check(self.found)

    @property
    def label(self) -> str:
        return translate(title_of(self.found))

    @cached_property
    def drawn(self) -> Drawn | None:
        picture = self.found.picture
        if picture is None:
            return None
        if picture.edges:
            most = max(*picture.reference, *picture.current)
            return Drawn(pictures.filled(picture.reference, most), pictures.outlined(picture.current, most))
        both = list(zip(picture.reference, picture.current, strict=True))
        largest = sorted(range(len(both)), key=lambda place: -max(both[place]))[:GROUPS]
        sides = [[side[place] for place in sorted(largest)] for side in (picture.reference, picture.current)]
        most = max((share for side in sides for share in side), default=0.0)
        return Drawn(bars=tuple(pictures.grouped(sides, most)))

    @property
    def top_words(self) -> str:
        """The words that tell two sides of texts apart, the heaviest first."""
        heaviest = sorted(self.found.words, key=lambda word: -abs(word.weight))
        return ", ".join(word.word for word in heaviest[: words.SHOWN_NAMES])

    @property
    def facts(self) -> list[tuple[str, str]]:
        return words.facts(self.found)

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """Rows of the table of both sides: what, reference, current. What neither has is left out."""
        first, second = self.found.reference, self.found.current
        unit = "date" if self.found.kind == "date" else "number"
        units = {
            "rows": "count",
            "missing": "count",
            "infinite": "count",
            "distinct": "count",
            "std": "number",
        }
        pairs = [
            (str(label), getattr(first, name), getattr(second, name), units.get(name, unit))
            for name, label in words.SIDE_WORDS.items()
        ]
        levels = zip_longest(QUANTILES, first.quantiles, second.quantiles)
        pairs += [(str(level), before, now, unit) for level, before, now in levels]
        return [
            (label, quantity(before, unit), quantity(now, unit))
            for label, before, now, unit in pairs
            if before or now
        ]


def column_rows(columns: Iterable[models.ColumnDrift]) -> list[ColumnRow]:
    return [ColumnRow(column) for column in columns]


def day_of(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
