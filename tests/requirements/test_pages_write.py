"""Forms of requirements: what they store, and what they say of bad input."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.projects.models import Project, Role
from apps.requirements.models import Evidence, Requirement, Stakeholder, ValueCase
from apps.requirements.services import set_stance
from tests.factories import make_file, make_member, make_project
from tests.requirements.making import wish
from tests.requirements.story import stakeholder

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
WISH = {
    "statement": "Most are found.",
    "kind": "quality",
    "priority": "must",
    "verification": "On the hold-out.",
    "comparison": "at_least",
    "confidence": "0.95",
}
TARGET = {**WISH, "metric": "recall", "limit": "85 %"}
SCENARIO = {
    "source": "The payment page",
    "stimulus": "asks for a score",
    "environment": "at 1,200 requests per second",
    "response": "the model answers",
    "measure": "within 80 ms",
}
SENTENCE = "The payment page asks for a score at 1,200 requests per second: the model answers within 80 ms."


@pytest.fixture
def project(db: None) -> Project:
    return make_project(name="Fraud")


@pytest.fixture
def manager(project: Project) -> Client:
    client = Client()
    client.force_login(make_member(project, Role.MANAGER))
    return client


def send(client: Client, project: Project, route: str, /, *args: object, **data: Any) -> HttpResponse:
    address = reverse(f"requirements:{route}", args=[project.slug, *args])
    return client.post(address, data)  # type: ignore[return-value]


def refused(answer: HttpResponse) -> str:
    """The page that came back instead of the next one."""
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_requirement_is_written(project: Project, manager: Client) -> None:
    who = stakeholder(project, "Fraud Operations")
    answer = send(manager, project, "create", **TARGET, asked_by=who.pk, asked_on="2026-01-05")
    assert answer.status_code == 302, refused(answer)
    requirement = Requirement.objects.get(project=project)
    version = requirement.current
    assert version is not None
    assert (version.metric, version.comparison, version.limit) == ("recall", "at_least", 0.85)
    assert requirement.asked_on.isoformat() == "2026-01-05"
    assert [(row.stakeholder, row.kind) for row in requirement.stances.all()] == [(who, "asked")]


@pytest.mark.parametrize(
    ("metric", "typed", "limit"),
    [
        ("recall", "85", 0.85),
        ("recall", "0.3 %", 0.003),
        ("recall", "99,5%", 0.995),
        ("roc_auc", "0.74", 0.74),
        ("mcc", "\u22120.1", -0.1),
        ("latency_p99", "80 ms", 80.0),
        ("latency_p99", "1.5 s", 1_500.0),
        ("value_per_year", "€1.2 M", 1_200_000.0),
        ("value_per_year", "1,200,000", 1_200_000.0),
    ],
)
def test_limits_are_read_in_the_unit_of_the_metric(
    project: Project, manager: Client, metric: str, typed: str, limit: float
) -> None:
    answer = send(manager, project, "create", **TARGET | {"metric": metric, "limit": typed})
    assert answer.status_code == 302, refused(answer)
    assert Requirement.objects.get(project=project).current.limit == pytest.approx(limit)  # type: ignore[union-attr]
    again = manager.get(reverse("requirements:edit", args=[project.slug, 1])).context["form"]["limit"].value()
    answer = send(
        manager, project, "edit", 1,
        **TARGET | {"metric": metric, "limit": again, "reason": "Same again", "based_on": 1},
    )  # fmt: skip
    assert "Nothing was changed in R-01." in refused(answer)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"limit": "0.85"}, "Is this 0.85 % or 85 %? Write the sign behind the number."),
        ({"limit": "850 %"}, "Recall lies between 0.0% and 100.0%."),
        ({"limit": "80 ms"}, "This metric is a share. Write per cent: 85 %."),
        ({"limit": "a lot"}, "“a lot” is no number."),
        ({"limit": "nan"}, "“nan” is no number."),
        ({"limit": "1e999 %"}, "is no number."),
        ({"limit": ""}, "Write the limit of the target, for example 85 %"),
        ({"metric": "latency_p99", "limit": "80 %"}, "Write milliseconds or seconds"),
        ({"metric": "latency_p99", "limit": "-5 ms"}, "is never below"),
        ({"metric": "roc_auc", "limit": "80"}, "ROC AUC lies between 0.000 and 1.000."),
        ({"metric": "no_such"}, "Select a valid choice."),
        ({"metric": ""}, "Choose the metric of this target, or empty its other fields."),
        ({"slice_value": "DE"}, "Name the column that the slice is made by"),
        ({"every_slice": "on"}, "Name the column that the slice is made by"),
        ({"slice_column": "country"}, "Write one value of the column"),
        ({"slice_column": "c", "slice_value": "DE", "every_slice": "on"}, "Leave the value empty"),
        ({"statement": ""}, "Write what is hoped for, or fill in the quality scenario below."),
        ({"source": "Somebody"}, "The sentence needs all five parts."),
        ({"asked_on": "2199-01-01"}, "This day has not come yet."),
        ({"batch_size": "0"}, "greater than or equal to 1"),
        ({"max_age_days": "99999"}, "less than or equal to 3650"),
        ({"confidence": "0.2"}, "Select a valid choice."),
        ({"statement": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_bad_requirements_are_told(
    project: Project, manager: Client, data: dict[str, str], sentence: str
) -> None:
    html = refused(send(manager, project, "create", **TARGET | data))
    assert sentence.replace("'", "&#x27;") in html
    assert "Most are found." in html or "statement" in data  # nothing typed is lost
    assert not Requirement.objects.filter(project=project).exists()


def test_a_statement_of_a_megabyte_is_refused(project: Project, manager: Client) -> None:
    html = refused(send(manager, project, "create", **TARGET | {"statement": "a" * 1_000_000}))
    assert "at most 1000 characters (it has 1000000)" in html


def test_data_of_another_project_are_no_choice(project: Project, manager: Client) -> None:
    file = make_file(make_project(), purpose="truth")
    assert "Select a valid choice." in refused(send(manager, project, "create", **TARGET, file=file.pk))


def test_the_scenario_writes_the_sentence(project: Project, manager: Client) -> None:
    html = refused(send(manager, project, "create", **WISH | SCENARIO | {"statement": "", "preview": "1"}))
    assert html.count(SENTENCE) == 2  # as the sentence, and in the empty statement
    assert not Requirement.objects.filter(project=project).exists()
    answer = send(manager, project, "create", **WISH | SCENARIO | {"statement": ""})
    assert answer.status_code == 302
    assert str(Requirement.objects.get(project=project).current) == SENTENCE


def test_who_changed_meanwhile_is_told(project: Project, manager: Client) -> None:
    wish(project)
    change = {**TARGET, "reason": "Agreed", "based_on": 1}
    assert send(manager, project, "edit", 1, **change).status_code == 302
    html = refused(send(manager, project, "edit", 1, **change | {"limit": "70 %"}))
    assert "R-01 was changed while you wrote: version 2 came in between." in html
    assert "70 %" in html


def test_a_change_needs_a_reason(project: Project, manager: Client) -> None:
    wish(project)
    assert "This field is required." in refused(send(manager, project, "edit", 1, **TARGET, based_on=1))


def test_a_withdrawn_requirement_stays_readable(project: Project, manager: Client) -> None:
    wish(project)
    assert send(manager, project, "withdraw", 1, reason="Nobody asks").status_code == 302
    page = manager.get(reverse("requirements:detail", args=[project.slug, 1])).content.decode()
    assert "This requirement was withdrawn." in page
    html = refused(send(manager, project, "edit", 1, **TARGET, reason="Back", based_on=2))
    assert "R-01 was withdrawn. Write a new requirement instead." in html
    listed = manager.get(reverse("requirements:list", args=[project.slug]) + "?withdrawn=1")
    assert b"1 requirement was withdrawn" in listed.content


def test_a_stakeholder_with_requirements_stays(project: Project, manager: Client) -> None:
    who = stakeholder(project, "Operations")
    wish(project, asked_by=(who,))
    html = refused(send(manager, project, "delete-stakeholder", who.pk))
    assert "has a stake in R-01." in html
    set_stance(requirement=project.requirements.get(), stakeholder=who, user=project.created_by, kind="")
    assert send(manager, project, "delete-stakeholder", who.pk).status_code == 302
    assert not Stakeholder.objects.filter(project=project).exists()


def test_two_stakeholders_of_one_name(project: Project, manager: Client) -> None:
    stakeholder(project, "Operations")
    html = refused(send(manager, project, "stakeholders", name="Operations", influence=2))
    assert "The project has a stakeholder “Operations” already." in html


def test_the_matrix_changes_only_what_its_reader_changed(project: Project, manager: Client) -> None:
    """A form that was sent late does not undo what somebody else said meanwhile."""
    one, two = stakeholder(project, "One"), stakeholder(project, "Two")
    requirement = wish(project, asked_by=(one,))
    cell, other = f"cell-{one.pk}-{requirement.pk}", f"cell-{two.pk}-{requirement.pk}"
    set_stance(requirement=requirement, stakeholder=two, user=project.created_by, kind="supports")
    answer = send(
        manager, project, "matrix",
        **{cell: "opposes", f"initial-{cell}": "asked", other: "", f"initial-{other}": ""},
    )  # fmt: skip
    assert answer.status_code == 302
    assert {(row.stakeholder, row.kind) for row in requirement.stances.all()} == {
        (one, "opposes"),
        (two, "supports"),
    }
    html = refused(send(manager, project, "matrix", **{cell: "loves", f"initial-{cell}": "opposes"}))
    assert "Select a valid choice." in html


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("judgement", {"positive": 51, "total": 50}, "This is more than were judged in all."),
        ("judgement", {"limit": "0.9"}, "Is this 0.9 % or 90 %?"),
        ("judgement", {"limit": "190"}, "A share lies between 0 and 100 per cent."),
        ("drill", {"values": "1.2"}, "Write between 2 and 10000 values; there are 1."),
        ("drill", {"values": "1.2\nfast"}, "Line 2, “fast”, is no number."),
        ("drill", {"values": "1.2\n1.3 s"}, "Line 2, “1.3 s”, is no number."),
        ("document", {"supports": ""}, "This field is required."),
        ("document", {"link": "javascript:alert(1)"}, "Enter a valid URL."),
        ("document", {"observed_at": "2199-01-01T10:00"}, "This moment has not come yet."),
    ],
)
def test_bad_evidence_is_told(
    project: Project, manager: Client, kind: str, data: dict[str, object], sentence: str
) -> None:
    wish(project, metric="")
    right: dict[str, dict[str, object]] = {
        "judgement": {"positive": 47, "total": 50, "comparison": "at_least", "limit": "90 %"},
        "drill": {"values": "1.2\n1.3", "unit": "s", "comparison": "at_most", "limit": 2},
        "document": {"supports": "yes"},
    }
    address = reverse("requirements:evidence", args=[project.slug, 1]) + f"?kind={kind}"
    html = refused(manager.post(address, {"title": "Review", **right[kind], **data}))  # type: ignore[arg-type]
    assert sentence in html
    assert not Evidence.objects.filter(project=project).exists()
    assert manager.post(address, {"title": "Review", **right[kind]}).status_code == 302
    assert Evidence.objects.get(project=project).kind == kind


def test_evidence_of_a_measured_requirement_is_refused(project: Project, manager: Client) -> None:
    wish(project)
    html = refused(
        send(
            manager,
            project,
            "evidence",
            1,
            title="Review",
            positive=9,
            total=9,
            comparison="at_least",
            limit="5 %",
        )
    )
    assert "R-01 is measured by runs: upload a run instead." in html


def test_a_waiver_is_granted_and_revoked(project: Project, manager: Client) -> None:
    requirement = wish(project)
    data = {"owner": project.created_by.pk, "reason": "A small pilot", "expires_on": "2020-01-01"}
    assert "A waiver ends on a day to come." in refused(send(manager, project, "waiver", 1, **data))
    assert send(manager, project, "waiver", 1, **data | {"expires_on": "2199-01-01"}).status_code == 302
    html = refused(send(manager, project, "waiver", 1, **data | {"expires_on": "2199-01-01"}))
    assert "R-01 has a waiver already." in html
    assert send(manager, project, "revoke-waiver", 1).status_code == 302
    assert requirement.waivers.get().revoked_at is not None


def test_prices_are_versions(project: Project, manager: Client) -> None:
    first = {"currency": "eur", "volume_per_year": "1000", "hit": "5"}
    assert send(manager, project, "value", **first).status_code == 302
    case = ValueCase.objects.get(project=project)
    assert (case.currency, case.hit, case.miss, case.hoped_per_year) == ("EUR", 5.0, 0.0, None)
    assert "This field is required." in refused(send(manager, project, "value", **first | {"hit": "6"}))
    for data, sentence in (
        ({"miss": "-1"}, "Write a positive number, at most a thousand billion."),
        ({"currency": "€"}, "Write the three letters of the currency, for example EUR"),
        ({"volume_per_year": ""}, "This field is required."),
        ({"volume_per_year": "inf"}, "Enter a number."),
    ):
        html = refused(send(manager, project, "value", **first | {"reason": "Why not"} | data))
        assert sentence in html
    assert ValueCase.objects.filter(project=project).count() == 1


def test_scripts_are_shown_as_text(project: Project, manager: Client) -> None:
    """In every text field, on every page that shows it."""
    assert send(
        manager, project, "stakeholders", name=SCRIPT, influence=2, goal=SCRIPT, objective=SCRIPT,
        baseline=SCRIPT, measure=SCRIPT,
    ).status_code == 302  # fmt: skip
    who = Stakeholder.objects.get(project=project)
    data = {**WISH, **dict.fromkeys(SCENARIO, SCRIPT), "statement": SCRIPT, "verification": SCRIPT}
    sliced = {"metric": "accuracy", "limit": "85 %", "slice_column": SCRIPT, "slice_value": SCRIPT}
    assert send(manager, project, "create", **data, asked_by=who.pk).status_code == 302
    assert send(manager, project, "create", **data | sliced, asked_by=who.pk).status_code == 302
    assert send(
        manager, project, "edit", 2, **data | sliced | {"limit": "86 %"}, reason=SCRIPT, based_on=1
    ).status_code == 302  # fmt: skip
    evidence = reverse("requirements:evidence", args=[project.slug, 1]) + "?kind=drill"
    drill = {
        "title": SCRIPT,
        "values": "1\n2",
        "unit": "<b>",
        "comparison": "at_most",
        "limit": 2,
        "note": SCRIPT,
    }
    assert manager.post(evidence, {**drill, "note": SCRIPT}).status_code == 302
    waiver = {"owner": project.created_by.pk, "reason": SCRIPT, "expires_on": "2199-01-01"}
    assert send(manager, project, "waiver", 1, **waiver).status_code == 302
    prices = {"currency": "EUR", "volume_per_year": "10", "hit": "1"}
    assert send(manager, project, "value", **prices).status_code == 302
    assert send(manager, project, "value", **prices | {"hit": "2"}, reason=SCRIPT).status_code == 302
    pages = [
        *((name, ()) for name in ("list", "stakeholders", "matrix", "value", "create")),
        *((name, (1,)) for name in ("detail", "withdraw", "waiver", "evidence")),
        *((name, (2,)) for name in ("detail", "edit")),
        *((name, (who.pk,)) for name in ("stakeholder", "delete-stakeholder")),
    ]
    for name, args in pages:
        html = manager.get(reverse(f"requirements:{name}", args=[project.slug, *args])).content.decode()
        assert SCRIPT not in html, name
        assert "alert(1)" in html, name
