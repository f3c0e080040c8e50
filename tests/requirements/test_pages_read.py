"""What the pages of requirements say, read as people of each role do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.projects.models import Project, Role
from apps.requirements import services
from apps.requirements.models import Requirement
from tests.factories import make_member, make_project
from tests.requirements.making import finished_run, metric, result_of, wish
from tests.requirements.story import conflict_of, stakeholder, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def project(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """Told once; what a test adds to it is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield tell(tmp_path_factory.mktemp("adult"))
        transaction.set_rollback(True)


def reader(project: Project, role: Role = Role.VIEWER) -> Client:
    client = Client()
    client.force_login(make_member(project, role))
    return client


def page(client: Client, project: Project, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(f"requirements:{name}", args=[project.slug, *args]) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("create", ()),
        ("edit", (1,)),
        ("evidence", (4,)),
        ("waiver", (1,)),
        ("withdraw", (1,)),
        ("stakeholders", ()),
        ("matrix", ()),
        ("calculator", ()),
        ("value", ()),
    ],
)
def test_pages_open(project: Project, name: str, args: tuple[object, ...]) -> None:
    html = page(reader(project, Role.MANAGER), project, name, *args)
    assert html.count("<h1") == 1


def test_the_list_answers_first(project: Project) -> None:
    html = page(reader(project), project, "list")
    assert "2 of 7 requirements are confirmed by evidence" in html
    assert 'aria-label="2 confirmed, 2 contradicting, 2 refuted, 1 unverified"' in html
    assert "at least 85%" in html
    assert "It cannot hold together with R-02." in html
    assert "mean of the repeats" in html
    assert "Accuracy, every value of sex" in html
    assert "Add a requirement" not in html  # a viewer


def test_who_asked_groups_the_list(project: Project) -> None:
    html = page(reader(project), project, "list")
    places = [html.index(f'id="R-0{number}"') for number in (2, 1, 6, 3, 4, 5, 7)]
    assert places == sorted(places)  # by influence, then by name; what nobody asked for last
    assert "Nobody has asked for these" in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?state=refuted", {3, 7}),
        ("?priority=should", {7}),
        ("?state=confirmed&priority=must", {5, 6}),
        ("?state=nonsense", {1, 2, 3, 4, 5, 6, 7}),
        ("?stakeholder=nobody", {1, 2, 3, 4, 5, 6, 7}),
    ],
)
def test_filters(project: Project, query: str, shown: set[int]) -> None:
    html = page(reader(project), project, "list", query=query)
    assert {number for number in range(1, 8) if f'id="R-0{number}"' in html} == shown


def test_a_stakeholder_sees_all_its_stakes(project: Project) -> None:
    service = project.stakeholders.get(name="Customer Service")
    html = page(reader(project), project, "list", query=f"?stakeholder={service.pk}")
    assert {number for number in range(1, 8) if f'id="R-0{number}"' in html} == {1, 2, 5}


def test_a_filter_that_fits_nothing_says_so(project: Project) -> None:
    html = page(reader(project), project, "list", query="?state=refuted&priority=could")
    assert "No requirement fits Refuted, could" in html
    assert "Clear filters" in html


def test_an_empty_list_says_what_to_do(db: None) -> None:
    project = make_project()
    assert "Add the first requirement" in page(reader(project, Role.MANAGER), project, "list")
    assert "Add the first requirement" not in page(reader(project), project, "list")


def test_a_requirement_tells_everything(project: Project) -> None:
    html = page(reader(project, Role.MANAGER), project, "detail", 1)
    assert "R-01 and R-02 cannot both hold" in html
    assert "requirements rest on this run: by Holm" in html
    assert "still so" in html
    assert "Grant a waiver" in html
    html = page(reader(project), project, "detail", 5)
    assert "7 repeats, in s" in html
    assert "at most 2 s" in html
    assert "Grant a waiver" not in html


def test_versions_show_their_difference(db: None) -> None:
    project = make_project()
    requirement = wish(project)
    fields = services.RequirementFields.of(requirement.current)  # type: ignore[arg-type]
    changed = services.RequirementFields(
        **{name: getattr(fields, name) for name in fields.__dataclass_fields__} | {"limit": 0.75}
    )
    services.change_requirement(
        requirement=requirement, user=project.created_by, fields=changed, reason="Agreed with the shops"
    )
    html = page(reader(project), project, "detail", 1)
    assert "<del>Accuracy at least 80%</del>" in html
    assert "<ins>Accuracy at least 75%</ins>" in html
    assert "Agreed with the shops" in html


def test_a_waiver_is_told_on_both_pages(db: None) -> None:
    project = make_project()
    requirement = wish(project)
    services.grant_waiver(
        requirement=requirement,
        user=project.created_by,
        owner=project.created_by,
        reason="The pilot is small",
        expires_on=timezone.localdate() + timedelta(days=30),
    )
    assert "waived until" in page(reader(project), project, "list")
    assert "The pilot is small" in page(reader(project), project, "detail", 1)


def test_the_conflict_shows_points_and_losers(project: Project) -> None:
    conflict = conflict_of(project)
    html = page(reader(project), project, "conflict", conflict.pk)
    assert "R-01 and R-02 cannot both hold" in html
    assert 'id="figure-tradeoff"' in html
    assert "Relax R-01 from 80.0% to" in html
    assert "A manager of the project decides." in html
    card = page(reader(project, Role.MANAGER), project, "conflict-card", conflict.pk)
    assert "3 ways out of the conflict" in card
    assert "Record a decision" in card


def test_the_calculator_knows_the_classic(project: Project) -> None:
    """Batches of 100 in 0.3 s: 333 rows a second and 300 ms; 300 calls one after another take 90 s."""
    html = page(reader(project), project, "calculator")
    for words in ("333 per second", "300 ms", "90 s", "0.9 s", '<td class="n">100</td>'):
        assert words in html


def test_the_calculator_computes_any_numbers(project: Project) -> None:
    query = "?batch_size=10&call_ms=50&concurrency=4&rows=1000&per_second=1600"
    html = page(reader(project), project, "calculator", query=query)
    assert "800 per second" in html  # 4 x 10 / 50 ms
    assert '<td class="n strong">8</td>' in html  # 1600 x 0.05 s / 10
    assert '<td class="n">80</td>' in html


@pytest.mark.parametrize("query", ["?batch_size=0", "?batch_size=x&call_ms=nan", "?call_ms=1e400&rows=-1"])
def test_the_calculator_names_wrong_numbers(project: Project, query: str) -> None:
    html = page(reader(project), project, "calculator", query=query)
    assert "Correct the marked numbers" in html
    assert 'aria-invalid="true"' in html


def test_prices_are_shown_with_their_formula(project: Project) -> None:
    html = page(reader(project), project, "value")
    assert "Run 2 is worth €442 k a year at these prices." in html
    assert "40,000 decisions a year × (€90 × share of hits − €35 × share of false alarms) − €60 k" in html
    assert "Save the price list" not in html


def test_other_projects_stay_hidden(project: Project) -> None:
    other = make_project()
    conflict, who = conflict_of(project), project.stakeholders.first()
    assert who is not None
    client = Client()
    client.force_login(other.created_by)
    for name, pk in (("conflict", conflict.pk), ("conflict-card", conflict.pk), ("stakeholder", who.pk)):
        assert client.get(reverse(f"requirements:{name}", args=[other.slug, pk])).status_code == 404


def test_a_decision_relaxes_the_limit(project: Project) -> None:
    conflict = conflict_of(project)
    address = reverse("requirements:conflict", args=[project.slug, conflict.pk])
    manager = reader(project, Role.MANAGER)
    with transaction.atomic():
        answer = manager.post(address, {"chosen": "sell_both", "decision": "Both"})
        assert "Select a valid choice." in answer.content.decode()
        answer = manager.post(address, {"chosen": "relax_second", "decision": "Calls are cheap enough."})
        assert answer.status_code == 302
        html = page(manager, project, "conflict", conflict.pk)
        assert "Decided: Relax R-02 from 85.0% to" in html
        assert "Calls are cheap enough." in page(manager, project, "detail", 2)
        assert reader(project).post(address, {}).status_code == 403
        transaction.set_rollback(True)


def count_queries(client: Client, project: Project, name: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client, project, name)
    return len(queries)


def test_the_list_asks_as_often_for_60_requirements_as_for_10(db: None) -> None:
    few, many = make_project(), make_project()
    for project, number in ((few, 10), (many, 60)):
        asking = [stakeholder(project, f"Team {i}") for i in range(number // 10)]
        finished_run(project, result_of(metric("accuracy", 0.9, 0.88, 0.92)))
        first = wish(project, asked_by=asking[:1])
        copies = Requirement.objects.bulk_create(
            Requirement(project=project, number=i + 1, asked_on=first.asked_on) for i in range(1, number)
        )
        for copy in copies:
            services.wishes.write_version(
                copy, project.created_by, services.RequirementFields.of(first.current)
            )
            services.set_stance(
                requirement=copy,
                stakeholder=asking[copy.number % len(asking)],
                user=project.created_by,
                kind="asked",
            )
    counted = {}
    for project in (few, many):
        client = reader(project)
        page(client, project, "list")  # what is cached for the process is cached now
        counted[project] = count_queries(client, project, "list")
    assert counted[few] == counted[many]
    assert counted[many] <= 15


def test_the_list_with_a_conflict_asks_no_more(project: Project) -> None:
    client = reader(project, Role.MANAGER)
    page(client, project, "list")
    assert count_queries(client, project, "list") <= 15
