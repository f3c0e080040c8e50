"""What changed between two versions of the document, section by section, line by line, word by word."""

from __future__ import annotations

import re
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


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    """``parts`` are (words, whether they differ within a line that was changed). A gap has no parts.

    ``old`` and ``new`` are the line numbers on the two sides, empty where the line is not there; ``skipped``
    counts the unchanged lines that a gap stands for.
    """

    mark: Mark
    parts: tuple[tuple[str, bool], ...] = ()
    old: int | None = None
    new: int | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class SectionChange:
    """What happened to a section. ``why_before``/``why_after``: the reasons not to need it."""

    section: Section
    lines: tuple[Line, ...]
    why_before: str = ""
    why_after: str = ""

    @property
    def added(self) -> int:
        return sum(line.mark == Mark.ADDED for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.mark == Mark.REMOVED for line in self.lines)


def compare(before: DocumentVersion | None, after: DocumentVersion | None) -> list[SectionChange]:
    """The sections that differ. None is the document before its first version."""
    changes = []
    for section in SECTIONS:
        old, old_why = _of(before, section)
        new, new_why = _of(after, section)
        if (old, old_why) != (new, new_why):
            reasons = ("", "") if old_why == new_why else (old_why, new_why)
            changes.append(SectionChange(section, tuple(compare_texts(old, new)), *reasons))
    return changes


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
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
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
    pairs = (
        [_words(old, new) for old, new in zip(before, after, strict=True)]
        if len(before) == len(after)
        else [(((old, False),), ()) for old in before]
    )
    for index, (old_parts, _) in enumerate(pairs):
        yield Line(Mark.REMOVED, old_parts, old=a + index + 1)
    for index, text in enumerate(after):
        parts = pairs[index][1] if len(before) == len(after) else ((text, False),)
        yield Line(Mark.ADDED, parts, new=c + index + 1)


Parts = tuple[tuple[str, bool], ...]


def _words(old: str, new: str) -> tuple[Parts, Parts]:
    before, after = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    operations = _operations(before, after, MOST_WORDS)
    if not any(kind == "equal" for kind, *_ in operations):
        return ((old, False),), ((new, False),)
    left = tuple(("".join(before[a:b]), kind != "equal") for kind, a, b, _, _ in operations if b > a)
    right = tuple(("".join(after[c:d]), kind != "equal") for kind, _, _, c, d in operations if d > c)
    return left, right
