"""What changed since: the trail in words."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.common.formats import message
from apps.compute.fit import QUESTION_BY_KEY
from apps.dashboards.models import Visit
from apps.dashboards.visits import last_visit
from apps.history.models import Change
from apps.lifecycle.models import Decision, FitAnswer
from apps.projects.models import Membership, Role
from apps.requirements.models import Requirement, Stakeholder
from tests.dashboards.conftest import make_lived_in, make_phase, make_requirement
from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


def test_a_change_names_what_who_and_from_what_to_what(client: Client, person: User) -> None:
    project = make_project(person, "Churn")
    client.post(f"/projects/{project.slug}/settings/", {
        "name": "Churn calls", "description": "", "domain": "", "use_case": "other",
    })  # fmt: skip
    told = client.get(f"/projects/{project.slug}/history/").context["rows"][0]
    assert (told.thing, told.operation, told.name) == ("project", "changed", "Churn")
    assert told.actor == "Portfolio manager"
    (field,) = told.fields
    assert (field.label, field.old, field.new) == ("name", "Churn", "Churn calls")


def test_words_for_codes_choices_and_people(client: Client, person: User) -> None:
    project = make_project(person, "Churn")
    requirement = make_requirement(project, 7, "unverified")
    requirement.state = "refuted"
    requirement.save()
    member = make_member(project, Role.VIEWER)
    rows = client.get(f"/projects/{project.slug}/history/").context["rows"]
    joined, changed = rows[0], rows[1]
    assert joined.name == "Viewer" or member.name in joined.name
    assert changed.name == "R-07"
    assert [(field.label, field.old, field.new) for field in changed.fields] == [
        ("state", "Unverified", "Refuted")
    ]
    verdict = next(row for row in rows if row.thing == "verdict" and row.operation == "made")
    assert verdict.name == "R-07, Unverified"


def test_an_answer_is_named_by_its_question_and_a_decision_by_its_outcome(
    client: Client, person: User
) -> None:
    project = make_project(person, "Churn")
    phase = make_phase(project, "discovery", began=9)
    FitAnswer.objects.create(project=project, question="person_cheaper", state="assumed", answered_by=person)
    Decision.objects.create(
        project=project, phase=phase, number=2, subject="timebox", outcome="go", decided_by=person
    )
    rows = client.get(f"/projects/{project.slug}/history/").context["rows"]
    decision, answer = rows[0], rows[1]
    assert decision.name == "2: Go"
    assert answer.name == message(QUESTION_BY_KEY["person_cheaper"].label)


def test_what_was_deleted_keeps_its_name(client: Client, person: User) -> None:
    project = make_project(person)
    stakeholder = Stakeholder.objects.create(project=project, name="Fraud Operations")
    stakeholder.delete()
    told = client.get(f"/projects/{project.slug}/history/").context["rows"][0]
    assert (told.thing, told.operation, told.name) == ("stakeholder", "deleted", "Fraud Operations")


def test_changes_from_outside_the_application_are_there(client: Client, person: User) -> None:
    project = make_project(person)
    make_requirement(project, 1, "unverified")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE requirements_requirement SET state = 'confirmed'")
    told = client.get("/changes/").context["rows"][0]
    assert (told.name, told.actor) == ("R-01", "The portal")


def test_an_odd_structure_in_the_trail_does_not_break_the_page(client: Client, person: User) -> None:
    project = make_project(person)
    Change.objects.create(
        project_id=project.pk, table="requirements_verdict", object_id="1", operation="INSERT",
        new={"reasons": [{"text": "%(n)d", "params": {}}], "state": "odd", "run_id": 999_999, "extra": [1]},
    )  # fmt: skip
    gone = {"table": "gone_table", "object_id": "1", "operation": "DELETE", "old": {"a": 1}}
    Change.objects.create(project_id=project.pk, **gone)
    assert client.get("/changes/").status_code == 200
    assert client.get("/changes/?export=csv").getvalue()


def test_since_counts_from_the_visit_before(person: User) -> None:
    now = timezone.now()
    assert last_visit(person, now - timedelta(days=3)) is None
    assert last_visit(person, now - timedelta(days=3) + timedelta(minutes=20)) is None  # the same visit
    assert last_visit(person, now) == now - timedelta(days=3) + timedelta(minutes=20)
    assert last_visit(person, now + timedelta(minutes=1)) == now - timedelta(days=3) + timedelta(minutes=20)
    assert Visit.objects.get(user=person).seen_at == now


def test_a_date_leaves_out_what_was_before(client: Client, person: User) -> None:
    make_project(person)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert client.get(f"/changes/?since=date&date={tomorrow}").context["rows"] == []
    assert client.get(f"/changes/?date={timezone.localdate()}").context["rows"]


@pytest.mark.parametrize("date", ["yesterday", "2026-13-45", "", "0001-01-01", "9999-12-31", "<b>", "%00"])
def test_a_date_that_is_none_is_told(client: Client, person: User, date: str) -> None:
    page = client.get(f"/changes/?since=date&date={date}")
    assert page.status_code == 200
    assert "is no date" in page.text


def test_only_members_read_the_trail_of_a_project(client: Client, person: User) -> None:
    project = make_lived_in(make_user(), "Hidden")
    assert client.get(f"/projects/{project.slug}/history/").status_code == 404
    assert client.get("/changes/").context["rows"] == []
    Membership.objects.create(project=project, user=person, role=Role.VIEWER)
    assert client.get("/changes/").context["rows"]


def test_the_downloads_hold_every_change(client: Client, person: User) -> None:
    for number in range(60):
        make_project(person, f"Project {number}")
    expected = Change.objects.count()
    assert expected > 100
    records = json.loads(client.get("/changes/?export=json").getvalue())
    assert len(records) == expected
    assert records[0]["actor"] == "The portal"
    rows = list(csv.DictReader(io.StringIO(client.get("/changes/?export=csv").getvalue().decode())))
    assert len({row["name"] for row in rows if row["thing"] == "project"}) == 60


def test_the_trail_of_a_project_needs_as_many_queries_for_many_changes(client: Client, person: User) -> None:
    from tests.dashboards.test_portfolio import MOST_QUERIES, queries

    project = make_lived_in(person)
    address = f"/projects/{project.slug}/history/"
    client.get(address)
    few = queries(lambda: client.get(address))
    for number in range(10, 60):
        make_requirement(project, number, "refuted")
    assert Requirement.objects.count() == 54
    assert queries(lambda: client.get(address)) <= max(few, MOST_QUERIES)
