"""The pages of the design document."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.documents.models import ArchitectureDecision
from apps.documents.sections import SECTIONS
from apps.documents.services import newest_version, save_section
from apps.projects.models import Project, Role
from tests.documents.conftest import EVERYTHING
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client, project: Project):
    user = make_member(project, Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def base(project: Project) -> str:
    return f"/projects/{project.slug}/design/"


def save(project: Project, text: str, key: str = "problem") -> None:
    save_section(project=project, user=project.created_by, key=key, text=text)


def test_an_empty_document_says_how_to_begin(client: Client, manager, base: str) -> None:
    page = client.get(base).text
    assert "Begin with the problem" in page
    assert "Which goal is served, and where does it stand today?" in page
    assert client.get(f"{base}versions/").status_code == 200
    assert client.get(f"{base}difference/").status_code == 404


def test_an_empty_section_offers_its_headings(client: Client, manager, base: str) -> None:
    page = client.get(f"{base}sections/model/").text
    assert "## Baseline\n\n\n## Candidates and choice\n" in page
    assert client.get(f"{base}sections/poetry/").status_code == 404


def test_a_section_is_previewed_and_saved(client: Client, manager, project: Project, base: str) -> None:
    form = {"text": "## Baseline\n\nThe **rule** is right in 85 %.", "based_on": "0", "note": "First"}
    page = client.post(f"{base}sections/model/", {**form, "preview": "1"}).text
    assert "The <strong>rule</strong> is right" in page
    assert "1 of 4 questions are answered" in page
    assert newest_version(project) is None
    answer = client.post(f"{base}sections/model/", form)
    assert answer["Location"] == f"{base}#model"
    page = client.get(base).text
    assert "The <strong>rule</strong> is right" in page
    assert "0 of 15 sections are written, with answers to 1 of" in page
    assert "at least 5 words below it" in page


def test_two_writers_see_what_differs_and_nothing_is_lost(
    client: Client, manager, project: Project, base: str
) -> None:
    save(project, "Old text")
    save(project, "Their text")
    page = client.post(f"{base}sections/problem/", {"text": "My text", "based_on": "1", "note": "mine"}).text
    assert "Two people wrote at the same time." in page
    assert "changed this section in version 2" in page
    assert "<b>Their</b> text" in page
    assert "<b>My</b> text" in page
    assert "My text</textarea>" in page
    assert 'name="based_on" value="2"' in page
    assert newest_version(project).sections["problem"] == "Their text"


def test_a_text_of_1_mb_is_refused_with_the_limit(
    client: Client, manager, base: str, project: Project
) -> None:
    page = client.post(f"{base}sections/data/", {"text": "x" * 1_000_000, "based_on": "0"}).text
    assert "1,000,000 characters, and at most 200,000 fit" in page
    assert "x" * 1_000_000 in page
    assert newest_version(project) is None


def test_script_is_shown_and_never_run(client: Client, manager, project: Project, base: str) -> None:
    evil = "<script>alert(1)</script> [x](javascript:alert(1))"
    client.post(f"{base}sections/data/", {"text": evil, "based_on": "0", "note": evil})
    client.post(f"{base}sections/model/not-needed/", {"reason": evil, "based_on": "1"})
    fields = {"area": "software", "title": evil, "decision": evil, "context": evil}
    client.post(f"{base}architecture/new/", fields)
    pages = ["", "versions/", "difference/", "difference/?old=0&new=2", "sections/data/", "export.html"]
    for address in [*pages, "architecture/", "architecture/1/"]:
        text = client.get(base + address).text
        assert "<script>alert(1)" not in text, address
        assert 'href="javascript:' not in text, address
        assert "&lt;script&gt;alert(1)" in text, address


def test_a_section_is_marked_as_not_needed_with_a_reason(
    client: Client, manager, project: Project, base: str
) -> None:
    page = client.post(f"{base}sections/features/not-needed/", {"reason": " ", "based_on": "0"}).text
    assert "Say why the project does without this section" in page
    client.post(f"{base}sections/features/not-needed/", {"reason": "Raw text only", "based_on": "0"})
    page = client.get(base).text
    assert "The project does without it: Raw text only" in page
    assert "0 of 14 sections are written" in page


def test_an_old_version_can_be_read_and_compared(
    client: Client, manager, project: Project, base: str
) -> None:
    save(project, "The limit is 80 ms.")
    save(project, "The limit is 60 ms.")
    page = client.get(f"{base}?version=1").text
    assert "This is version 1; the newest is version 2." in page
    assert "80 ms" in page
    page = client.get(f"{base}difference/?old=1&new=2").text
    assert "<del>The limit is <b>80</b> ms.</del>" in page
    assert "<ins>The limit is <b>60</b> ms.</ins>" in page
    assert "1 section differs." in page
    assert "These versions say the same." in client.get(f"{base}difference/?old=2&new=2").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("?version=3", 404),
        ("?version=x", 404),
        ("?version=99999999999999999999", 404),
        ("difference/?old=1&new=9", 404),
        ("difference/?old=-1&new=1", 400),
        ("difference/?old=one&new=1", 400),
        ("export.md?version=9", 404),
        ("architecture/7/", 404),
    ],
)
def test_what_is_not_there_is_said(
    client: Client, manager, project: Project, base: str, address: str, status: int
) -> None:
    save(project, "Text")
    assert client.get(base + address).status_code == status


def test_files_are_attachments(client: Client, manager, project: Project, base: str) -> None:
    save(project, "Text of the first version")
    save(project, "Text of the second version")
    for ending, kind in (("md", "text/markdown"), ("html", "text/html")):
        answer = client.get(f"{base}export.{ending}?version=1")
        assert answer["Content-Disposition"] == f'attachment; filename="{project.slug}-design.{ending}"'
        assert answer["Content-Type"].startswith(kind)
        assert "Text of the first version" in answer.text


def test_versions_tell_who_changed_what(client: Client, manager, project: Project, base: str) -> None:
    client.post(f"{base}sections/data/", {"text": "Rows", "based_on": "0", "note": "Source named"})
    page = client.get(f"{base}versions/").text
    for words in ("Version 1", "Source named", '<td data-l="Changed">Data', "manager"):
        assert words in page


def test_a_decision_is_proposed_accepted_and_gives_way(
    client: Client, manager, project: Project, base: str
) -> None:
    fields = {"area": "interface", "title": "REST only", "decision": "One address, JSON. See R-99."}
    answer = client.post(f"{base}architecture/new/", fields)
    assert answer["Location"] == f"{base}architecture/1/"
    assert "There is no such thing in this project." in client.get(f"{base}architecture/1/").text
    client.post(f"{base}architecture/new/", {**fields, "title": "gRPC too"})
    page = client.post(f"{base}architecture/1/supersede/", {"by": "2"}, follow=True).text
    assert "Choose an accepted decision of this project." in page
    for number in (1, 2):
        client.post(f"{base}architecture/{number}/settle/", {"state": "accepted"})
    second = ArchitectureDecision.objects.get(project=project, number=2)
    assert '<option value="" selected>Choose</option>' in client.get(f"{base}architecture/1/").text
    page = client.post(f"{base}architecture/1/supersede/", {"by": second.pk}, follow=True).text
    assert "A-1 gave way to A-2." in page
    assert "Takes the place of" in client.get(f"{base}architecture/2/").text
    page = client.post(f"{base}architecture/1/settle/", {"state": "rejected"}, follow=True).text
    assert "A-1 is superseded by now" in page


def test_a_decision_needs_a_title_and_keeps_what_was_typed(
    client: Client, manager, project: Project, base: str
) -> None:
    page = client.post(f"{base}architecture/new/", {"area": "software", "decision": "Typed with care"}).text
    assert "Typed with care" in page
    assert "This field is required." in page
    assert not ArchitectureDecision.objects.exists()


def test_pages_ask_the_same_number_of_questions_of_the_database(client: Client, lived_in: Project) -> None:
    client.force_login(lived_in.created_by)
    address = f"/projects/{lived_in.slug}/design/"
    save(lived_in, EVERYTHING)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
        for section in SECTIONS:
            save(lived_in, f"{EVERYTHING} R-77 run 88 " * 30, section.key)
    assert counts[0] == counts[1]


def test_references_stay_within_the_project(client: Client, manager, lived_in: Project) -> None:
    other = make_project(lived_in.created_by)
    save(other, "R-01 is not theirs.")
    client.force_login(lived_in.created_by)
    page = client.get(f"/projects/{other.slug}/design/").text
    assert "Some references lead nowhere." in page
    assert "never stopped" not in page
