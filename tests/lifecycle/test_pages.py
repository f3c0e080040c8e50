"""Pages of discovery and delivery: what they say, who may write, what a bad input brings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.lifecycle import services
from apps.lifecycle.models import Deliverable, Hypothesis, Phase, ScopeChange
from apps.projects.models import Project, Role
from tests.factories import make_member, make_project, make_run

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
def viewer(project: Project) -> Client:
    client = Client()
    client.force_login(make_member(project, Role.VIEWER))
    return client


def days(count: int):
    return TODAY + timedelta(days=count)


def page(project: Project, rest: str) -> str:
    return f"/projects/{project.slug}/{rest}"


@pytest.fixture
def discovery(project: Project, manager: User) -> Phase:
    return services.start_discovery(
        project=project, user=manager, started_on=days(-10), ends_on=days(4), goal="Is the signal there?"
    )


@pytest.fixture
def delivery(project: Project, manager: User) -> Phase:
    return Phase.objects.create(
        project=project, kind=Phase.Kind.DELIVERY, started_on=days(-70), created_by=manager
    )


def add(delivery: Phase, user: User, name: str = "Scores every night", **fields: object) -> Deliverable:
    fields = {"added_on": delivery.started_on, **fields}
    return services.add_deliverable(phase=delivery, user=user, name=name, **fields)  # type: ignore[arg-type]


def test_a_discovery_is_started_from_the_empty_page(browser: Client, project: Project) -> None:
    empty = browser.get(page(project, "discovery/")).text
    assert "No discovery has started yet." in empty
    assert page(project, "discovery/start/") in empty
    sent = {"started_on": TODAY, "ends_on": days(30), "goal": "Is the signal there?"}
    made = browser.post(page(project, "discovery/start/"), sent, follow=True)
    assert made.redirect_chain[0][0] == page(project, "discovery/")
    assert "30 days left. There are no hypotheses yet." in made.text
    assert "Is the signal there?" in made.text


def test_a_timebox_that_ends_before_it_starts_keeps_what_was_typed(browser: Client, project: Project) -> None:
    sent = {"started_on": TODAY, "ends_on": days(-3), "goal": "Typed with care"}
    answer = browser.post(page(project, "discovery/start/"), sent)
    assert answer.status_code == 200
    assert "Give a later end." in answer.text
    assert "Typed with care" in answer.text
    assert f'value="{days(-3).isoformat()}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not Phase.objects.exists()


def test_the_lead_counts_days_and_hypotheses(browser: Client, project: Project, discovery: Phase) -> None:
    for text in ("First", "Second", "Third"):
        browser.post(page(project, "discovery/"), {"text": text})
    sent = {"state": "confirmed", "finding": "It does.", "settled_on": TODAY}
    answer = browser.post(page(project, "hypotheses/2/settle/"), sent, follow=True)
    assert "4 days left. 1 of 3 hypotheses are settled." in answer.text
    assert answer.text.index('id="H-3"') < answer.text.index('id="H-2"'), "open ones come first"


def test_an_overdue_timebox_asks_for_a_decision(
    browser: Client, viewer: Client, project: Project, manager: User
) -> None:
    phase = services.start_discovery(project=project, user=manager, started_on=days(-40), ends_on=days(-4))
    services.add_hypothesis(phase=phase, user=manager, text="Still open")
    text = browser.get(page(project, "discovery/")).text
    assert "The timebox is 4 days over." in text
    assert "The timebox ended 4 days ago. A decision is needed." in text
    assert "1 hypothesis is still open." in text
    assert page(project, "gate/delivery/") in text
    assert "A decision is needed." in viewer.get(page(project, "discovery/")).text


def test_settling_names_finding_run_and_link(browser: Client, project: Project, discovery: Phase) -> None:
    run = make_run(project)
    browser.post(page(project, "discovery/"), {"text": "The weather matters"})
    sent = {
        "state": "refuted",
        "finding": "No gain in any month.",
        "run": run.pk,
        "link": "https://example.org/report",
        "settled_on": TODAY,
    }
    text = browser.post(page(project, "hypotheses/1/settle/"), sent, follow=True).text
    assert "No gain in any month." in text
    assert page(project, f"runs/{run.number}/") in text
    assert 'href="https://example.org/report"' in text
    assert "v-refuted" in text
    reopened = browser.post(page(project, "hypotheses/1/reopen/"), follow=True).text
    assert "H-1 is open again." in reopened
    assert "No gain in any month." not in reopened


def test_a_run_of_another_project_is_no_evidence(browser: Client, project: Project, discovery: Phase) -> None:
    foreign = make_run(make_project())
    browser.post(page(project, "discovery/"), {"text": "The weather matters"})
    sent = {"state": "confirmed", "finding": "Typed with care", "run": foreign.pk, "settled_on": TODAY}
    answer = browser.post(page(project, "hypotheses/1/settle/"), sent)
    assert "Typed with care" in answer.text
    assert 'id="id_run_error"' in answer.text
    assert Hypothesis.objects.get().state == Hypothesis.State.OPEN


def test_a_finding_is_needed_and_a_link_must_be_one(
    browser: Client, project: Project, discovery: Phase
) -> None:
    browser.post(page(project, "discovery/"), {"text": "The weather matters"})
    sent = {"state": "dropped", "finding": " ", "link": "javascript:alert(1)", "settled_on": TODAY}
    answer = browser.post(page(project, "hypotheses/1/settle/"), sent)
    assert 'id="id_finding_error"' in answer.text
    assert "Write a whole address" in answer.text
    assert 'href="javascript' not in answer.text


def test_earlier_cycles_stay_readable(browser: Client, project: Project, discovery: Phase) -> None:
    browser.post(page(project, "discovery/"), {"text": "Of the first cycle"})
    Phase.objects.filter(pk=discovery.pk).update(closed_at=timezone.now())
    started = {"started_on": TODAY, "ends_on": days(20)}
    browser.post(page(project, "discovery/start/"), started)
    newest = browser.get(page(project, "discovery/")).text
    assert "Of the first cycle" not in newest
    assert 'href="?cycle=1"' in newest
    first = browser.get(page(project, "discovery/?cycle=1")).text
    assert "Of the first cycle" in first
    assert "Closed on" in first
    assert "Add a hypothesis" not in first
    assert "Of the first cycle" not in browser.get(page(project, "discovery/?cycle=²")).text


def test_the_timebox_changes_only_before_the_work(
    browser: Client, project: Project, discovery: Phase
) -> None:
    sent = {"started_on": days(-10), "ends_on": days(9)}
    browser.post(page(project, "discovery/timebox/"), sent)
    discovery.refresh_from_db()
    assert discovery.ends_on == days(9)
    browser.post(page(project, "discovery/"), {"text": "Work has begun"})
    answer = browser.post(page(project, "discovery/timebox/"), {**sent, "ends_on": days(30)})
    assert "its time is fixed" in answer.text
    discovery.refresh_from_db()
    assert discovery.ends_on == days(9)


def test_delivery_says_that_it_waits_for_a_gate(browser: Client, project: Project) -> None:
    text = browser.get(page(project, "delivery/")).text
    assert "No delivery has started yet." in text
    assert page(project, "gate/delivery/") in text


def test_scope_is_agreed_and_then_grows_with_a_reason(
    browser: Client, project: Project, delivery: Phase
) -> None:
    browser.post(page(project, "delivery/"), {"name": "Scores every night", "size": 5})
    assert "The scope is not agreed yet." in browser.get(page(project, "delivery/")).text
    browser.post(page(project, "delivery/agree/"), {"promised_on": days(30)})
    missing = browser.post(page(project, "delivery/"), {"name": "A second country", "size": 3}).text
    assert 'value="A second country"' in missing
    assert 'id="id_reason_error"' in missing
    sent = {"name": "A second country", "size": 3, "reason": "Sales promised it"}
    text = browser.post(page(project, "delivery/"), sent, follow=True).text
    assert "Sales promised it" in text
    assert "+3" in text
    assert "5 → 8" in text
    assert "The end cannot be forecast yet; promised for" in text


def test_the_forecast_is_told_against_the_promise(
    browser: Client, project: Project, delivery: Phase, manager: User
) -> None:
    rows = [add(delivery, manager, f"Part {number}") for number in range(20)]
    services.agree_scope(phase=delivery, user=manager, promised_on=days(1))
    for week, row in enumerate(rows[:10]):  # one a week: ten more weeks for the other ten
        services.finish_deliverable(deliverable=row, user=manager, done_on=days(-7 * week - 1))
    text = browser.get(page(project, "delivery/")).text
    assert "10 of 20 items of work are done. At the pace so far it ends on" in text
    assert "Behind the promise" in text
    assert "Forecast, 4 of 5 times by" in text


def test_deliverables_are_done_resized_and_taken_out(
    browser: Client, project: Project, delivery: Phase, manager: User
) -> None:
    for _number in range(3):
        add(delivery, manager)
    services.agree_scope(phase=delivery, user=manager, promised_on=days(30))
    assert "D-1 is done." in browser.post(page(project, "deliverables/1/done/"), follow=True).text
    assert Deliverable.objects.get(number=1).done_on == TODAY
    assert "D-1 is open again." in browser.post(page(project, "deliverables/1/reopen/"), follow=True).text
    same = browser.post(page(project, "deliverables/2/resize/"), {"size": 1, "reason": "Kept"}).text
    assert 'id="id_size_error"' in same
    assert "Kept" in same
    browser.post(page(project, "deliverables/2/resize/"), {"size": 4, "reason": "Two systems"})
    browser.post(page(project, "deliverables/3/remove/"), {"reason": "Nobody asks for it"})
    changes = list(ScopeChange.objects.values_list("kind", "change", "reason"))
    assert changes == [("resized", 3, "Two systems"), ("removed", -1, "Nobody asks for it")]
    text = browser.get(page(project, "delivery/")).text
    assert "taken out" in text
    assert "−1" in text


def test_a_day_in_the_future_is_refused_at_its_field(
    browser: Client, project: Project, delivery: Phase, manager: User
) -> None:
    add(delivery, manager)
    answer = browser.post(page(project, "deliverables/1/done/"), {"done_on": days(5)})
    assert 'id="id_done_on_error"' in answer.text
    assert "is in the future" in answer.text


FORMS = [
    ("discovery/start/", {"started_on": TODAY, "ends_on": TODAY}),
    ("discovery/timebox/", {"started_on": TODAY, "ends_on": days(9)}),
    ("discovery/", {"text": "x"}),
    ("hypotheses/1/settle/", {"state": "confirmed", "finding": "x"}),
    ("hypotheses/1/reopen/", {}),
    ("delivery/", {"name": "x", "size": 1}),
    ("delivery/agree/", {"promised_on": days(9)}),
    ("deliverables/1/done/", {}),
    ("deliverables/1/reopen/", {}),
    ("deliverables/1/resize/", {"size": 2}),
    ("deliverables/1/remove/", {"reason": "x"}),
]


@pytest.fixture
def filled(project: Project, discovery: Phase, delivery: Phase, manager: User) -> None:
    services.add_hypothesis(phase=discovery, user=manager, text="Open")
    add(delivery, manager)


@pytest.mark.parametrize(("address", "data"), FORMS, ids=[address for address, _data in FORMS])
def test_a_viewer_may_not_post(
    viewer: Client, project: Project, filled: None, address: str, data: dict[str, object]
) -> None:
    answer = viewer.post(page(project, address), data)
    assert answer.status_code == 403


@pytest.mark.parametrize("address", ["discovery/", "delivery/"])
def test_a_viewer_sees_no_forms(viewer: Client, project: Project, filled: None, address: str) -> None:
    content = viewer.get(page(project, address)).text.partition('id="main"')[2]
    assert 'method="post"' not in content
    assert "/settle/" not in content
    assert "/done/" not in content


def test_script_is_shown_as_text(browser: Client, project: Project, manager: User) -> None:
    phase = services.start_discovery(
        project=project, user=manager, started_on=days(-3), ends_on=days(4), goal=SCRIPT
    )
    open_one = services.add_hypothesis(phase=phase, user=manager, text=SCRIPT)
    services.settle_hypothesis(hypothesis=open_one, user=manager, state="dropped", finding=SCRIPT)
    made = Phase.objects.create(
        project=project, kind=Phase.Kind.DELIVERY, started_on=days(-3), created_by=manager
    )
    add(made, manager, SCRIPT)
    services.agree_scope(phase=made, user=manager, promised_on=days(9))
    add(made, manager, SCRIPT, reason=SCRIPT, added_on=TODAY)
    for address in ("discovery/", "delivery/", "hypotheses/1/settle/", "deliverables/1/remove/"):
        text = browser.get(page(project, address)).text
        assert "<script>alert" not in text, address
        assert "&lt;script&gt;alert" in text, address


def test_a_long_text_is_refused_and_kept(browser: Client, project: Project, discovery: Phase) -> None:
    long = "a" * 1_001
    answer = browser.post(page(project, "discovery/"), {"text": long})
    assert long in answer.text
    assert "1001" in answer.text
    assert not Hypothesis.objects.exists()


@pytest.mark.parametrize("address", ["discovery/", "delivery/"])
def test_queries_do_not_grow(
    browser: Client, project: Project, discovery: Phase, delivery: Phase, manager: User, address: str
) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(page(project, address)).status_code == 200
        return len(queries)

    services.add_hypothesis(phase=discovery, user=manager, text="First")
    add(delivery, manager)
    services.agree_scope(phase=delivery, user=manager, promised_on=days(30))
    before = count()
    for number in range(8):
        services.add_hypothesis(phase=discovery, user=manager, text=f"Number {number}")
        add(delivery, manager, reason="Grown", added_on=TODAY)
    assert count() == before
    assert before <= 15
