"""What changed between two versions of the document, section by section, line by line, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from apps.documents.models import DocumentVersion
from apps.documents.sections import SECTIONS, Section

#: Unchanged lines that are shown around a change.
CONTEXT = 2
#: Comparing takes time with the square of the length: longer texts are shown as wholly replaced.
MOST_LINES = 4_000
MOST_WORDS = 1_000
#: Lines of one section that are shown.
MOST_SHOWN = 2_000


#: Words, and whether they differ.
Parts = tuple[tuple[str, bool], ...]


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Line:
    """``old`` and ``new`` are the line numbers on the two sides, empty where the line is not there.

    A gap stands for ``skipped`` unchanged lines, a cut at the end for ``skipped`` lines that are not shown.
    """

    mark: Mark
    parts: Parts = ()
    old: int | None = None
    new: int | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class SectionChange:
    """What happened to a section. ``why_before``/``why_after``: the reasons not to need it."""

    section: Section
    lines: tuple[Line, ...]
    added: int
    removed: int
    why_before: str = ""
    why_after: str = ""


def compare(before: DocumentVersion | None, after: DocumentVersion | None) -> list[SectionChange]:
    """The sections that differ. None is the document before its first version."""
    changes = []
    for section in SECTIONS:
        old, old_why = _of(before, section)
        new, new_why = _of(after, section)
        if (old, old_why) != (new, new_why):
            reasons = ("", "") if old_why == new_why else (old_why, new_why)
            lines = list(compare_texts(old, new))
            count = Counter(line.mark for line in lines)
            changes.append(
                SectionChange(section, _cut(lines), count[Mark.ADDED], count[Mark.REMOVED], *reasons)
            )
    return changes


def _cut(lines: Sequence[Line]) -> tuple[Line, ...]:
    rest = len(lines) - MOST_SHOWN
    return (*lines[:MOST_SHOWN], Line(Mark.CUT, skipped=rest)) if rest > 0 else tuple(lines)


def _of(version: DocumentVersion | None, section: Section) -> tuple[str, str]:
    if version is None:
        return "", ""
    texts: Mapping[str, str] = version.sections
    return texts.get(section.key, ""), version.not_needed.get(section.key, "")


def compare_texts(old: str, new: str) -> Iterator[Line]:
    """Changed lines with `CONTEXT` lines around them; nothing when the texts are equal."""
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return
    operations = _operations(before, after, MOST_LINES)
    for place, (kind, a, b, c, d) in enumerate(operations):
        if kind == "equal":
            yield from _unchanged(before, a, b, c, first=place == 0, last=place == len(operations) - 1)
        else:
            yield from _changed(before[a:b], after[c:d], a, c)


def _operations(
    before: Sequence[str], after: Sequence[str], most: int
) -> list[tuple[str, int, int, int, int]]:
    if len(before) + len(after) > most:
        return [("replace", 0, len(before), 0, len(after))]
    found = SequenceMatcher(None, before, after).get_opcodes()
    return [(kind, a, b, c, d) for kind, a, b, c, d in found]


def _unchanged(
    lines: Sequence[str], start: int, end: int, new_start: int, *, first: bool, last: bool
) -> Iterator[Line]:
    head = 0 if first else CONTEXT
    tail = 0 if last else CONTEXT
    skipped = end - start - head - tail
    for index in range(start, end):
        if skipped > 1 and start + head <= index < end - tail:
            if index == start + head:
                yield Line(Mark.GAP, skipped=skipped)
            continue
        yield Line(Mark.SAME, ((lines[index], False),), index + 1, index - start + new_start + 1)


def _changed(before: Sequence[str], after: Sequence[str], a: int, c: int) -> Iterator[Line]:
    """Lines that were replaced one by one say which words differ."""
    old_parts: list[Parts] = [((line, False),) for line in before]
    new_parts: list[Parts] = [((line, False),) for line in after]
    if len(before) == len(after) <= MOST_LINES // 2:
        pairs = [_words(old, new) for old, new in zip(before, after, strict=True)]
        old_parts, new_parts = [old for old, _ in pairs], [new for _, new in pairs]
    yield from (Line(Mark.REMOVED, parts, old=a + place) for place, parts in enumerate(old_parts, 1))
    yield from (Line(Mark.ADDED, parts, new=c + place) for place, parts in enumerate(new_parts, 1))


def _words(old: str, new: str) -> tuple[Parts, Parts]:
    before, after = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    operations = _operations(before, after, MOST_WORDS)
    if not any(kind == "equal" for kind, *_ in operations):
        return ((old, False),), ((new, False),)
    left = tuple(("".join(before[a:b]), kind != "equal") for kind, a, b, _, _ in operations if b > a)
    right = tuple(("".join(after[c:d]), kind != "equal") for kind, _, _, c, d in operations if d > c)
    return left, right
