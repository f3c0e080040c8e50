"""What differs between two versions."""

from __future__ import annotations

import time

import pytest

from apps.documents.difference import MOST_SHOWN, Mark, compare, compare_texts
from apps.documents.models import DocumentVersion
from apps.documents.services import mark_not_needed, save_section
from apps.projects.models import Project


def marks(old: str, new: str) -> list[tuple[str, str]]:
    signs = {Mark.ADDED: "+", Mark.REMOVED: "-", Mark.SAME: " ", Mark.GAP: "…"}
    return [
        (signs[line.mark], "".join(words for words, _ in line.parts) or str(line.skipped))
        for line in compare_texts(old, new)
    ]


def test_changed_lines_stand_between_their_neighbours() -> None:
    old = "\n".join("abcdefgh")
    assert marks(old, old.replace("e", "E")) == [
        ("…", "2"),
        (" ", "c"),
        (" ", "d"),
        ("-", "e"),
        ("+", "E"),
        (" ", "f"),
        (" ", "g"),
        (" ", "h"),  # a gap of one line would be no shorter
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "a\nb", [("+", "a"), ("+", "b")]),
        ("a", "", [("-", "a")]),
        ("a\nb", "a\nb", []),
        ("a\nb", "a\nx\nb", [(" ", "a"), ("+", "x"), (" ", "b")]),
    ],
)
def test_lines_come_and_go(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert marks(old, new) == expected


def test_words_that_differ_are_marked_within_their_line() -> None:
    removed, added = compare_texts("The limit is 80 ms.", "The limit is 60 ms.")
    assert removed.parts == (("The limit is ", False), ("80", True), (" ms.", False))
    assert added.parts == (("The limit is ", False), ("60", True), (" ms.", False))
    assert (removed.old, removed.new, added.old, added.new) == (1, None, None, 1)


def test_line_numbers_follow_both_sides() -> None:
    lines = list(compare_texts("a\nb\nc", "x\na\nb\nc"))
    assert [(line.old, line.new) for line in lines] == [(None, 1), (1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("a\nb\n" * 50_000, "b\na\n" * 50_000), ("a b " * 900, "b a " * 900), ("a\n" * 1_900, "a\nb\n" * 1_000)],
)
def test_hostile_texts_are_compared_in_time(old: str, new: str) -> None:
    began = time.perf_counter()
    assert list(compare_texts(old, new))
    assert time.perf_counter() - began < 5


@pytest.mark.django_db
def test_a_long_difference_is_cut_and_counted(project: Project) -> None:
    save_section(project=project, user=project.created_by, key="data", text="x\n" * 50_000)
    (change,) = compare(None, DocumentVersion.objects.get(project=project))
    assert (change.added, change.removed) == (50_000, 0)
    assert len(change.lines) == MOST_SHOWN + 1
    assert (change.lines[-1].mark, change.lines[-1].skipped) == (Mark.CUT, 50_000 - MOST_SHOWN)


@pytest.mark.django_db
def test_versions_differ_by_section_and_reason(project: Project) -> None:
    owner = project.created_by
    save_section(project=project, user=owner, key="data", text="One\nTwo")
    save_section(project=project, user=owner, key="model", text="Same")
    mark_not_needed(project=project, user=owner, key="data", reason="Bought")
    first, _, last = DocumentVersion.objects.filter(project=project).order_by("number")
    data, model = compare(first, last)
    assert (data.section.key, data.removed, data.added, data.why_after) == ("data", 2, 0, "Bought")
    assert (model.section.key, model.removed, model.added) == ("model", 0, 1)
    assert [change.section.key for change in compare(None, first)] == ["data"]
    assert compare(last, last) == []
