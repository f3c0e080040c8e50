"""Safe HTML, live references, completeness and the files to take along."""

from __future__ import annotations

import re
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.documents import exports, markdown
from apps.documents.completeness import SectionState
from apps.documents.reading import read_document, read_text
from apps.documents.references import Key, Kind, find
from apps.documents.sections import BY_KEY, SECTIONS
from apps.documents.services import mark_not_needed, newest_version, save_section
from apps.projects.models import Project
from tests.documents.conftest import EVERYTHING
from tests.factories import make_project

pytestmark = pytest.mark.django_db
ALLOWED = {"p", "a", "pre", "code", "table", "thead", "tbody", "tr", "th", "td", "div"}
H, D, A, DECISION = Kind("H"), Kind("D"), Kind("A"), Kind("decision")


def html(text: str) -> str:
    return str(markdown.to_html(markdown.parse(text)))


def save(project: Project, text: str, key: str = "problem") -> None:
    save_section(project=project, user=project.created_by, key=key, text=text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Hi <img src=x onerror=alert(1)> there",
        "[press](javascript:alert(1))",
        "[press](JaVaScRiPt:alert(1))",
        "[press](&#106;avascript:alert(1))",
        "[press](data:text/html,<script>alert(1)</script>)",
        "[press](vbscript:x)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        '[a](https://a.org/"onmouseover="alert(1))',
        "![x](https://evil.example/p.png)",
        '| a |\n|---|\n| <svg onload="alert(1)"> |',
        '```"><script>\nalert(1)\n```',
    ],
)
def test_nothing_dangerous_gets_through(text: str) -> None:
    made = html(text)
    tags = re.findall(r"<\s*([a-z]+)([^>]*)>", made, re.IGNORECASE)
    assert {name.lower() for name, _ in tags} <= ALLOWED
    assert [attributes for _, attributes in tags if re.search(r"\son\w+\s*=|style\s*=", attributes)] == []
    assert re.findall(r'href="(?!https?:|mailto:|/|#)', made) == []


def test_links_tables_and_code_are_shown() -> None:
    made = html("[a](https://a.org) `x < y`\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert 'href="https://a.org" rel="noopener noreferrer nofollow"' in made
    assert "<code>x &lt; y</code>" in made
    assert "<td>2</td>" in made


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A\n## B\n# C", "343"),
        ("### A\n# B\n###### C", "334"),
        ("# A\n## B\n### C\n#### D\n##### E", "34566"),
    ],
)
def test_headings_stand_below_the_section_and_skip_no_level(text: str, levels: str) -> None:
    assert "".join(re.findall(r"<h(\d)>", html(text))) == levels


@pytest.mark.parametrize("text", ["[" * 2_000, "`" * 200_000, "*a **a " * 28_000, "> " * 100_000])
def test_hostile_texts_are_shown_in_time(text: str, project: Project) -> None:
    began = time.perf_counter()
    html(text)
    exports._in_words(text, {})
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("R-01 and R-1", {Key(Kind.REQUIREMENT, 1)}),
        ("Run 42 beat run 7.", {Key(Kind.RUN, 42), Key(Kind.RUN, 7)}),
        ("H-3/D-2 (A-1); Decision 4, then", {Key(H, 3), Key(D, 2), Key(A, 1), Key(DECISION, 4)}),
        ("XR-01 R-01a r-01 run 4.5 rerun 3 COVID-19 A-1-2 run  R-1234567", set()),
    ],
)  # fmt: skip
def test_what_counts_as_a_reference(text: str, keys: set[Key]) -> None:
    assert find([text]) == keys


def test_references_show_what_holds_now(lived_in: Project) -> None:
    save(lived_in, EVERYTHING)
    reading = read_document(lived_in, newest_version(lived_in))
    shown = reading.sections[0].html
    pages = ["requirements/1/", "runs/1/", "discovery/?cycle=1#H-3", "delivery/?cycle=1#D-2"]
    for page in [*pages, "design/architecture/1/", "decisions/4/"]:
        assert f'href="/projects/{lived_in.slug}/{page}"' in shown, page
    assert 'class="verdict v-confirmed"' in shown
    assert "Accuracy 87.2%" in shown
    assert 'title="Honest customers are &lt;almost&gt; never stopped"' in shown
    for word in ("refuted", "done", "proposed", "Go, in force"):
        assert word in shown, word
    assert [r.code for r in reading.references] == ["A-1", "D-2", "H-3", "R-01", "Decision 4", "Run 1"]


def test_what_the_project_does_not_have_is_marked(lived_in: Project) -> None:
    other = make_project()
    save(other, EVERYTHING + " `R-01` stays, and so does [R-01](https://a.org).")
    reading = read_document(other, newest_version(other))
    shown = reading.sections[0].html
    assert shown.count('class="ref missing"') == 6
    assert "<code>R-01</code>" in shown
    assert shown.count("<a ") == 1
    assert len(reading.missing) == 6


def test_queries_do_not_grow_with_references(lived_in: Project) -> None:
    save(lived_in, EVERYTHING)
    few = newest_version(lived_in)
    for section in SECTIONS:
        save(lived_in, f"{EVERYTHING} R-77 run 88 " * 50, section.key)
    many = newest_version(lived_in)
    counts = []
    for version in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read_document(lived_in, version)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def answers(key: str, count: int) -> str:
    questions = BY_KEY[key].questions[:count]
    return "\n\n".join(f"## {q.title}\n\nThis is what we know about it." for q in questions)


def test_every_section_asks_three_to_six_questions() -> None:
    assert len(SECTIONS) == 15
    for section in SECTIONS:
        assert 3 <= len(section.questions) <= 6
        assert len({q.title for q in section.questions}) == len(section.questions)


@pytest.mark.parametrize(
    ("text", "answered", "state"),
    [
        ("", 0, SectionState.EMPTY),
        ("Some words without any of the headings.", 0, SectionState.DRAFT),
        (answers("model", 2), 2, SectionState.DRAFT),
        (answers("model", 4), 4, SectionState.WRITTEN),
        ("## Baseline\n\nToo few words.", 0, SectionState.DRAFT),
        ("## BASELINE:\n### How good\nThe rule is right in 85 %.", 1, SectionState.DRAFT),
        ("## Baseline\n## Training\nIt took all of one night.", 1, SectionState.DRAFT),
        ("```\n## Baseline\nfive words are in here\n```", 0, SectionState.DRAFT),
    ],
)
def test_completeness_counts_answers_below_their_headings(
    project: Project, text: str, answered: int, state: SectionState
) -> None:
    reading = read_text(project, BY_KEY["model"], text)
    assert (len(reading.answered), reading.state) == (answered, state)


def test_sections_that_are_not_needed_ask_nothing(project: Project) -> None:
    save(project, answers("model", 4), "model")
    mark_not_needed(project=project, user=project.created_by, key="features", reason="Raw text only")
    reading = read_document(project, newest_version(project))
    assert (reading.count(SectionState.WRITTEN), reading.needed, reading.answered) == (1, 14, 4)
    assert reading.asked == sum(len(s.questions) for s in SECTIONS if s.key != "features")


def test_markdown_export_says_in_words_what_held(lived_in: Project) -> None:
    save(lived_in, f"# Who\n\n{EVERYTHING} R-99, `R-01`.\n\n```\nR-01\n# no heading\n```")
    mark_not_needed(project=lived_in, user=lived_in.created_by, key="features", reason="Raw text only")
    text = exports.to_markdown(lived_in, newest_version(lived_in))
    assert "\n## Problem and business goal\n\n## Who\n" in text
    assert "R-01 (confirmed, since 3 November 2026)" in text
    assert "run 1 (Accuracy 87.2%, 2 November 2026)" in text
    assert "decision 4 (Go, in force, 1 October 2026)" in text
    assert "R-99 (there is no such thing in this project)" in text
    assert "`R-01`." in text
    assert "```\nR-01\n# no heading\n```" in text
    assert "Not needed: Raw text only" in text
    assert "| R-01 | Honest customers are <almost> never stopped | confirmed, since 3 November 2026 |" in text


def test_html_export_stands_alone(lived_in: Project) -> None:
    save(lived_in, f"{EVERYTHING} <script>alert(1)</script>")
    file = exports.to_html_file(lived_in, newest_version(lived_in))
    assert "R-01 (confirmed, since 3 November 2026)" in file
    assert re.findall(r"<script|<link|<img|\ssrc=|@import|url\(", file) == []
    assert "Honest customers are &lt;almost&gt; never stopped" in file
    assert "/projects/" not in file
