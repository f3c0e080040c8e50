"""Pages of the fit assessment, the gates and the decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.fit import QUESTIONS
from apps.lifecycle import services
from apps.lifecycle.models import Criterion, Decision, FitAnswer, Phase
from apps.projects.models import Project, Role
from apps.requirements.models import Conflict, Requirement, RequirementVersion
from tests.factories import make_file, make_member, make_project, make_run

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
TODAY = timezone.localdate()


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def manager(project: Project) -> User:
    return make_member(project, Role.MANAGER)


@pytest.fixture
def browser(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def second(project: Project) -> Client:
    """Another manager."""
    client = Client()
    client.force_login(make_member(project, Role.MANAGER))
    return client


@pytest.fixture
def viewer(project: Project) -> Client:
    client = Client()
    client.force_login(make_member(project, Role.VIEWER))
    return client


@pytest.fixture
def discovery(project: Project, manager: User) -> Phase:
    return services.start_discovery(
        project=project,
        user=manager,
        started_on=TODAY - timedelta(days=10),
        ends_on=TODAY + timedelta(days=4),
    )


def page(project: Project, rest: str) -> str:
    return f"/projects/{project.slug}/{rest}"


def go(phase: Phase, **fields: object) -> dict[str, object]:
    return {"phase": phase.pk, "outcome": "go", "reason": "", **fields}


def test_the_fit_sheet_has_all_questions_and_says_what_is_missing(browser: Client, project: Project) -> None:
    text = browser.get(page(project, "fit/")).text
    for question in QUESTIONS:
        assert f'id="{question.key}"' in text
    assert "none of the questions is answered" in text
    assert "No advice yet" in text
    assert page(project, "fit/patterns/") in text


def test_an_answer_shows_its_evidence_and_leads_to_the_next(
    browser: Client, project: Project, manager: User
) -> None:
    run, file = make_run(project), make_file(project, name="history.csv")
    sent = {
        "state": "tested",
        "note": "Lag one explains 60 %.",
        "run": run.pk,
        "file": file.pk,
        "link": "https://example.org/study",
        "owner": manager.pk,
        "next": "1",
    }
    saved = browser.post(page(project, "fit/patterns/"), sent)
    assert saved["Location"] == page(project, "fit/complex/")
    text = browser.get(page(project, "fit/")).text
    for shown in ("Lag one explains 60 %.", "history.csv", "https://example.org/study", "tested: it holds"):
        assert shown in text
    assert page(project, f"runs/{run.number}/") in text
    again = browser.get(page(project, "fit/patterns/")).text
    assert "Lag one explains 60 %." in again


def test_what_was_tested_needs_evidence(browser: Client, project: Project) -> None:
    answer = browser.post(page(project, "fit/patterns/"), {"state": "refuted", "note": ""})
    assert 'id="id_note_error"' in answer.text
    assert "rests on something" in answer.text
    assert not FitAnswer.objects.exists()


def test_a_refuted_assumption_turns_the_advice(browser: Client, project: Project) -> None:
    browser.post(page(project, "fit/data/"), {"state": "refuted", "note": "Never recorded."})
    text = browser.get(page(project, "fit/")).text
    assert "The answers speak against machine learning." in text
    assert "Refuted: Data exist, or can be collected" in text


def test_an_unknown_question_is_not_there(browser: Client, project: Project) -> None:
    assert browser.get(page(project, "fit/astrology/")).status_code == 404


def test_the_gate_names_each_criterion_with_word_reason_and_evidence(
    browser: Client, project: Project, discovery: Phase
) -> None:
    text = browser.get(page(project, "gate/delivery/")).text
    assert "ML is the right tool for it" in text
    assert "No question of the fit assessment is answered." in text
    assert "not met" in text
    assert "unknown" in text
    assert f'href="{page(project, "fit/")}"' in text
    assert "The evidence advises not to go yet." in text
    assert browser.get(page(project, "gate/elsewhere/")).status_code == 404


def test_criteria_of_the_project_are_added_judged_and_removed(
    browser: Client, project: Project, discovery: Phase
) -> None:
    browser.post(page(project, "gate/delivery/criteria/"), {"text": "The lawyers agree"})
    criterion = Criterion.objects.get()
    judge = page(project, f"criteria/{criterion.pk}/judge/")
    assert "Nobody has judged it yet." in browser.get(page(project, "gate/delivery/")).text
    refused = browser.post(judge, {"state": "met", "evidence": "", "link": "https://example.org/a"})
    assert 'id="id_evidence_error"' in refused.text
    assert 'value="https://example.org/a"' in refused.text
    browser.post(judge, {"state": "met", "evidence": "Letter of 3 May", "link": "https://example.org/a"})
    text = browser.get(page(project, "gate/delivery/")).text
    assert "Letter of 3 May" in text
    assert 'href="https://example.org/a"' in text
    browser.post(page(project, f"criteria/{criterion.pk}/remove/"))
    assert "The lawyers agree" not in browser.get(page(project, "gate/delivery/")).text
    assert browser.get(judge).status_code == 404


def test_against_the_advice_needs_a_reason_and_a_second_person(
    browser: Client, second: Client, project: Project, discovery: Phase
) -> None:
    gate = page(project, "gate/delivery/")
    promised = (TODAY + timedelta(days=90)).isoformat()
    refused = browser.post(gate, go(discovery, promised_on=promised)).text
    assert 'id="id_reason_error"' in refused
    assert f'value="{promised}"' in refused
    assert not Decision.objects.exists()

    waiting = browser.post(gate, go(discovery, reason="The season starts"), follow=True).text
    assert "waits for a second person" in waiting
    assert 'name="outcome"' not in waiting
    decision = Decision.objects.get()
    address = page(project, f"decisions/{decision.number}/")
    own = browser.get(address).text
    assert "Take it back" in own
    assert 'name="confirm"' not in own
    alone = browser.post(address, {"confirm": "1"}).text
    assert "Another manager of the project has to confirm it." in alone

    assert 'name="confirm"' in second.get(address).text
    confirmed = second.post(address, {"confirm": "1", "note": "We talked it over"}, follow=True).text
    assert "in force" in confirmed
    assert "We talked it over" in confirmed
    assert Phase.objects.get(kind=Phase.Kind.DELIVERY).closed_at is None
    late = second.post(address, {"decline": "1"}).text
    assert "does not wait for a second person any more" in late


def test_a_declined_decision_moves_nothing(
    browser: Client, second: Client, project: Project, discovery: Phase
) -> None:
    browser.post(page(project, "gate/delivery/"), go(discovery, reason="The season starts"))
    address = page(project, f"decisions/{Decision.objects.get().number}/")
    text = second.post(address, {"decline": "1", "note": "Too early"}, follow=True).text
    assert "Too early" in text
    assert "declined" in text
    assert not Phase.objects.filter(kind=Phase.Kind.DELIVERY).exists()
    assert 'name="outcome"' in browser.get(page(project, "gate/delivery/")).text


def test_the_second_of_two_managers_reads_that_it_is_decided(
    browser: Client, second: Client, project: Project, discovery: Phase
) -> None:
    gate = page(project, "gate/delivery/")
    stop = go(discovery, outcome="stop", reason="No gain over the rule")
    assert "The decision is in force" in browser.post(gate, stop, follow=True).text
    late = second.post(gate, go(discovery, outcome="stop", reason="Me too"))
    assert late.status_code == 200
    assert "This phase is over" in late.text
    assert "“Stop”" in late.text
    assert Decision.objects.count() == 1


def test_a_timebox_is_extended_once_with_a_reason(
    browser: Client, project: Project, discovery: Phase
) -> None:
    gate = page(project, "gate/delivery/")
    extend = go(discovery, outcome="extend", reason="Data came late")
    missing = browser.post(gate, extend).text
    assert 'id="id_extend_to_error"' in missing
    assert "Data came late" in missing
    later = (TODAY + timedelta(days=20)).isoformat()
    browser.post(gate, {**extend, "extend_to": later})
    discovery.refresh_from_db()
    assert discovery.ends_on == TODAY + timedelta(days=20)
    assert "Data came late" in browser.get(page(project, "discovery/")).text
    again = browser.post(gate, {**extend, "extend_to": (TODAY + timedelta(days=40)).isoformat()}).text
    assert "extended already" in again


def test_a_change_of_course_opens_the_next_cycle(browser: Client, project: Project, discovery: Phase) -> None:
    sent = go(discovery, outcome="change_course", reason="Another target")
    browser.post(page(project, "gate/delivery/"), sent)
    text = browser.get(page(project, "discovery/")).text
    assert "Cycle 2" in text
    assert 'href="?cycle=1"' in text


def test_decisions_show_what_waits_and_the_evidence_as_it_stood(
    browser: Client, project: Project, discovery: Phase, manager: User
) -> None:
    empty = browser.get(page(project, "decisions/")).text
    assert "No decisions yet" in empty
    conflict = _conflict(project)
    decided = _conflict(project, start=3)
    Conflict.objects.filter(pk=decided.pk).update(
        decision="Relax the second", decided_by=manager, decided_at=timezone.now()
    )
    services.decide(
        phase=discovery, user=manager, subject="delivery", outcome="stop", reason="No gain over the rule"
    )
    text = browser.get(page(project, "decisions/")).text
    assert "R-01 and R-02 cannot both hold" in text
    assert page(project, f"requirements/conflicts/{conflict.pk}/") in text
    assert "Relax the second" in text
    assert "No gain over the rule" in text
    services.answer_fit(project=project, user=manager, question="patterns", state="assumed")
    kept = browser.get(page(project, "decisions/1/")).text
    assert "The evidence as it stood" in kept
    assert "No question of the fit assessment is answered." in kept


def test_a_project_is_retired_and_brought_back(browser: Client, project: Project, discovery: Phase) -> None:
    refused = browser.post(page(project, "retire/"), {"reason": ""}).text
    assert 'id="id_reason_error"' in refused
    text = browser.post(page(project, "retire/"), {"reason": "The product ends"}, follow=True).text
    assert "This project is retired." in text
    assert page(project, "discovery/start/") in text
    started = {"started_on": TODAY, "ends_on": TODAY + timedelta(days=9)}
    browser.post(page(project, "discovery/start/"), started)
    assert "This project is retired." not in browser.get(page(project, "decisions/")).text


FORMS = [
    ("fit/patterns/", {"state": "assumed"}),
    ("gate/delivery/", {"outcome": "go", "reason": "Because"}),
    ("gate/delivery/criteria/", {"text": "x"}),
    ("criteria/{criterion}/judge/", {"state": "met", "evidence": "x"}),
    ("criteria/{criterion}/remove/", {}),
    ("decisions/1/", {"confirm": "1"}),
    ("retire/", {"reason": "x"}),
]


@pytest.fixture
def criterion(project: Project, manager: User, discovery: Phase) -> Criterion:
    """With a decision that waits for a second person beside it."""
    services.decide(
        phase=discovery, user=manager, subject="delivery", outcome="go", reason="The season starts"
    )
    return services.add_criterion(project=project, user=manager, gate="delivery", text="The lawyers agree")


@pytest.mark.parametrize(("address", "data"), FORMS, ids=[address for address, _data in FORMS])
def test_a_viewer_may_not_post(
    viewer: Client, project: Project, criterion: Criterion, address: str, data: dict[str, str]
) -> None:
    answer = viewer.post(page(project, address.format(criterion=criterion.pk)), data)
    assert answer.status_code == 403
    assert Decision.objects.get().state == Decision.State.PROPOSED


@pytest.mark.parametrize(
    "address", ["fit/", "gate/delivery/", "gate/production/", "decisions/", "decisions/1/"]
)
def test_a_viewer_sees_no_forms(viewer: Client, project: Project, criterion: Criterion, address: str) -> None:
    content = viewer.get(page(project, address)).text.partition('id="main"')[2]
    assert 'method="post"' not in content
    assert "/judge/" not in content
    assert "/retire/" not in content


def test_script_is_shown_as_text(browser: Client, project: Project, manager: User, discovery: Phase) -> None:
    services.answer_fit(
        project=project, user=manager, question="patterns", state="refuted", note=SCRIPT, owner=manager
    )
    own = services.add_criterion(project=project, user=manager, gate="delivery", text=SCRIPT)
    services.judge_criterion(criterion=own, user=manager, state="met", evidence=SCRIPT)
    services.decide(phase=discovery, user=manager, subject="delivery", outcome="go", reason=SCRIPT)
    addresses = ["fit/", "fit/patterns/", "gate/delivery/", "decisions/", "decisions/1/"]
    addresses += [f"criteria/{own.pk}/judge/", f"criteria/{own.pk}/remove/"]
    for address in addresses:
        text = browser.get(page(project, address)).text
        assert "<script>alert" not in text, address
        assert "&lt;script&gt;alert" in text, address


def test_queries_do_not_grow(browser: Client, project: Project, discovery: Phase, manager: User) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(page(project, address)).status_code == 200
        return len(queries)

    addresses = ["fit/", "gate/delivery/", "decisions/"]
    before = [count(address) for address in addresses]
    for question in QUESTIONS:
        run = make_run(project)
        services.answer_fit(
            project=project, user=manager, question=question.key, state="tested", run=run, owner=manager
        )
        services.add_criterion(project=project, user=manager, gate="delivery", text=question.key)
    for number in range(4):
        _conflict(project, start=2 * number + 1)
    assert [count(address) for address in addresses] == before


def _conflict(project: Project, start: int = 1) -> Conflict:
    first, second = (_requirement(project, start + step) for step in (0, 1))
    return Conflict.objects.create(
        project=project,
        kind=Conflict.Kind.LIMITS,
        first=first,
        second=second,
        reason={"text": "They exclude each other.", "params": {}},
    )


def _requirement(project: Project, number: int) -> Requirement:
    requirement = Requirement.objects.create(project=project, number=number)
    requirement.current = RequirementVersion.objects.create(
        project=project,
        requirement=requirement,
        number=1,
        statement="Decisions can be explained",
        kind=RequirementVersion.Kind.LEGAL,
        priority=RequirementVersion.Priority.SHOULD,
        verification="A lawyer reads it",
        author=project.created_by,
    )
    requirement.save()
    return requirement
