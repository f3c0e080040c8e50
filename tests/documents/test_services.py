"""Writing the document: versions, two writers, limits, and who may."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from apps.compute.messages import InputRejected
from apps.documents.models import ArchitectureDecision, DocumentVersion
from apps.documents.services import (
    LONGEST_SECTION,
    DecisionFields,
    add_architecture_decision,
    mark_not_needed,
    newest_version,
    save_section,
    settle_architecture_decision,
    supersede_architecture_decision,
)
from apps.history.models import Change
from apps.projects.models import Project, Role
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db
FIELDS = DecisionFields(area="hardware", title="On the device", decision="The model runs on the gate.")


def save(project: Project, text: str, key: str = "problem", based_on: int | None = None) -> DocumentVersion:
    version = save_section(
        project=project, user=project.created_by, key=key, text=text, based_on=based_on, note="because"
    )
    assert version is not None
    return version


def test_each_saved_section_makes_a_version_of_the_whole_document(project: Project) -> None:
    save(project, "First", based_on=0)
    second = save(project, "Data", key="data", based_on=1)
    assert second.number == 2
    assert second.sections == {"problem": "First", "data": "Data"}
    assert (second.changed, second.note) == ("data", "because")
    assert [v.number for v in project.document_versions.all()] == [2, 1]


def test_the_same_text_makes_no_version(project: Project) -> None:
    save(project, "Line\r\nanother  \r\n")
    assert save(project, "Line\nanother").number == 1


def test_the_later_of_two_writers_of_a_section_learns_of_the_first(project: Project) -> None:
    save(project, "Old", based_on=0)
    save(project, "Theirs", based_on=1)
    with pytest.raises(InputRejected) as refused:
        save(project, "Mine", based_on=1)
    assert refused.value.code == "changed_meanwhile"
    assert "version 2" in str(refused.value)
    assert newest_version(project).sections["problem"] == "Theirs"
    assert save(project, "Both", based_on=2).number == 3


def test_writers_of_two_sections_do_not_disturb_each_other(project: Project) -> None:
    save(project, "Old", based_on=0)
    save(project, "Data", key="data", based_on=1)
    merged = save(project, "New", based_on=1)
    assert merged.sections == {"problem": "New", "data": "Data"}


def test_a_version_of_the_future_cannot_be_built_on(project: Project) -> None:
    with pytest.raises(InputRejected, match="no version 7"):
        save(project, "Text", based_on=7)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_version_and_one_refusal() -> None:
    project = make_project()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def write(text: str) -> None:
        start.wait()
        try:
            save(project, text, based_on=0)
            outcomes.append("saved")
        except InputRejected as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(text,)) for text in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed_meanwhile", "saved"]
    assert DocumentVersion.objects.filter(project=project).count() == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 1_000_000, "text_too_long"), ("[" * 3_000, "too_many_links")],
    ids=["1 MB", "brackets without end"],
)
def test_what_cannot_be_shown_is_refused_with_its_limit(project: Project, text: str, code: str) -> None:
    with pytest.raises(InputRejected) as refused:
        save(project, text)
    assert refused.value.code == code
    assert str(refused.value.message.params["limit"]) in str(refused.value)
    assert len("x" * LONGEST_SECTION) == save(project, "x" * LONGEST_SECTION).sections["problem"].count("x")


def test_an_unknown_section_is_named(project: Project) -> None:
    with pytest.raises(InputRejected, match="no section “poetry”"):
        save(project, "Text", key="poetry")


def test_a_section_that_is_not_needed_says_why_until_somebody_writes_it(project: Project) -> None:
    owner = project.created_by
    save(project, "We use none.", key="special_models")
    marked = mark_not_needed(
        project=project, user=owner, key="special_models", reason=" No foreign models. ", based_on=1
    )
    assert marked.sections == {}
    assert marked.not_needed == {"special_models": "No foreign models."}
    written = save(project, "One after all.", key="special_models")
    assert (written.sections, written.not_needed) == ({"special_models": "One after all."}, {})


@pytest.mark.parametrize(("reason", "code"), [("  ", "reason_missing"), ("y" * 1_001, "reason_too_long")])
def test_not_needed_needs_a_short_reason(project: Project, reason: str, code: str) -> None:
    with pytest.raises(InputRejected) as refused:
        mark_not_needed(project=project, user=project.created_by, key="data", reason=reason)
    assert refused.value.code == code


def test_versions_are_never_changed_and_leave_a_trail(project: Project) -> None:
    version = save(project, "Text")
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(note="otherwise")
    with pytest.raises(DatabaseError), transaction.atomic():
        version.delete()
    change = Change.objects.get(table="documents_documentversion", project_id=project.pk)
    assert change.new["changed"] == "problem"
    assert "sections" not in change.new


def test_viewers_write_nothing_and_engineers_do_not_accept(project: Project) -> None:
    viewer, engineer = make_member(project, Role.VIEWER), make_member(project, Role.ENGINEER)
    with pytest.raises(PermissionDenied):
        save_section(project=project, user=viewer, key="data", text="x")
    with pytest.raises(PermissionDenied):
        mark_not_needed(project=project, user=viewer, key="data", reason="x")
    with pytest.raises(PermissionDenied):
        add_architecture_decision(project=project, user=viewer, fields=FIELDS)
    decision = add_architecture_decision(project=project, user=engineer, fields=FIELDS)
    with pytest.raises(PermissionDenied):
        settle_architecture_decision(decision=decision, user=engineer, state="accepted")


def test_a_decision_is_proposed_accepted_and_superseded(project: Project) -> None:
    manager = make_member(project, Role.MANAGER)
    first, second = (add_architecture_decision(project=project, user=manager, fields=FIELDS) for _ in "12")
    assert (first.code, second.code, first.state) == ("A-1", "A-2", "proposed")
    with pytest.raises(InputRejected, match="A-1 can only give way"):
        supersede_architecture_decision(decision=first, user=manager, by=2)  # not accepted yet
    for decision in (first, second):
        settle_architecture_decision(decision=decision, user=manager, state="accepted")
    old = supersede_architecture_decision(decision=first, user=manager, by=2)
    assert (old.state, old.superseded_by, old.settled_by) == ("superseded", second, manager)
    with pytest.raises(InputRejected, match="A-1 is superseded by now"):
        settle_architecture_decision(decision=first, user=manager, state="rejected")


@pytest.mark.parametrize("by", [1, 99])
def test_a_decision_gives_way_only_to_another_of_its_project(project: Project, by: int) -> None:
    owner = project.created_by
    decision = add_architecture_decision(project=project, user=owner, fields=FIELDS)
    settle_architecture_decision(decision=decision, user=owner, state="accepted")
    with pytest.raises(InputRejected) as refused:
        supersede_architecture_decision(decision=decision, user=owner, by=by)
    assert refused.value.code == "cannot_supersede"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (DecisionFields(area="moon", title="T", decision="D"), "unknown_area"),
        (DecisionFields(area="hardware", title=" ", decision="D"), "text_missing"),
        (DecisionFields(area="hardware", title="T", decision="D" * 10_001), "text_too_long"),
    ],
)
def test_decisions_that_say_too_little_or_too_much(
    project: Project, fields: DecisionFields, code: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        add_architecture_decision(project=project, user=project.created_by, fields=fields)
    assert refused.value.code == code


def test_the_only_settled_states_are_accepted_and_rejected(project: Project) -> None:
    owner = project.created_by
    decision = add_architecture_decision(project=project, user=owner, fields=FIELDS)
    with pytest.raises(InputRejected) as refused:
        settle_architecture_decision(decision=decision, user=owner, state="superseded")
    assert refused.value.code == "unknown_state"
    assert ArchitectureDecision.objects.get().state == "proposed"
