"""The first page: what it counts, shows, finds and sorts, and what it costs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.dashboards.totals import totals, verdicts_by_week
from apps.projects.models import Project
from tests.dashboards.conftest import make_lived_in, make_phase, make_requirement, make_value
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


def names(client: Client, query: str) -> list[str]:
    return [row.project.name for row in client.get(f"/?{query}").context["rows"]]


def test_nobody_has_a_project_at_first(client: Client, person: User) -> None:
    page = client.get("/").text
    assert "No projects yet" in page
    assert "Start a project" in page


@pytest.mark.parametrize("query", ["%00", "%25", "'; --", "x" * 3_000, "\\", "_"])
def test_any_search_is_answered(client: Client, person: User, query: str) -> None:
    make_project(person, "100 % sure")
    assert client.get(f"/?q={query}&phase={query}&sort={query}&health={query}").status_code == 200
    assert client.get("/?page=99999999999999999999").status_code == 404


def test_a_search_in_vain_names_what_is_near(client: Client, person: User) -> None:
    make_project(person, "Payment fraud screening")
    page = client.get("/?q=Paymnt fraud screning").text
    assert "No project fits “Paymnt fraud screning”" in page
    assert "Payment fraud screening</a>?" in page


def test_everything_that_people_wrote_is_escaped(client: Client, person: User) -> None:
    project = make_lived_in(person, "<script>alert(1)</script>")
    Project.objects.filter(pk=project.pk).update(domain="<b>bold</b>")
    for address in ("/", f"/projects/{project.slug}/", "/changes/", f"/projects/{project.slug}/history/"):
        page = client.get(address).text
        assert "<script>alert(1)" not in page
        assert "<b>bold" not in page


def test_others_projects_count_nowhere(client: Client, person: User) -> None:
    make_lived_in(make_user(), "Not mine")
    mine = make_lived_in(person, "Mine")
    context = client.get("/").context
    assert [row.project for row in context["rows"]] == [mine]
    assert context["totals"].projects == 1
    assert context["totals"].requirements == 4
    assert [money.value for money in context["totals"].money] == [100_000.0]
    assert "Not mine" not in client.get("/").text
    assert "Not mine" not in client.get("/portfolio.csv").text
    assert "Not mine" not in client.get("/changes/").text
    weeks = verdicts_by_week(person, timezone.localtime())
    assert sum(counts[-1] for counts in weeks.counts.values()) == 4


def test_a_row_says_where_a_project_stands(client: Client, person: User) -> None:
    make_lived_in(person, "Churn")
    (row,) = client.get("/").context["rows"]
    assert [chip["kind"] for chip in row.chips] == ["delivery", "discovery"]
    assert row.progress.words == "2 of 4 done"
    assert row.bar.label == "2 confirmed, 0 contradicting, 1 refuted, 1 unverified"
    assert (row.worth.value, row.worth.hoped) == (100_000.0, 200_000.0)
    assert row.worth.at["value"] * 2 == row.worth.at["hoped"] == 116.0
    page = client.get("/").text
    assert page.count("Not known") >= 3  # the three questions, until monitors answer them
    assert "of €200\u00a0k hoped" in page


def test_an_overdue_timebox_stands_first(client: Client, person: User) -> None:
    make_requirement(make_project(person, "Refuted"), 1, "refuted")
    make_requirement(make_project(person, "Fine"), 1, "confirmed")
    make_requirement(make_project(person, "Open"), 1, "unverified")
    late = make_project(person, "Late")
    make_phase(late, "discovery", began=50)
    make_project(person, "Empty")
    assert names(client, "") == ["Late", "Refuted", "Open", "Empty", "Fine"]
    page = client.get("/")
    assert page.context["totals"].running["discovery"].over == 1
    assert [waiting.project for waiting in page.context["waiting"]] == [late]
    assert "The timebox is over" in page.text


def test_sorting_and_filters(client: Client, person: User) -> None:
    poor, rich, new = (make_project(person, name) for name in ("Poor", "Rich", "New"))
    make_value(poor, value=10.0, hoped=20.0)
    make_value(rich, value=30.0, hoped=40.0)
    make_requirement(poor, 1, "confirmed")
    make_requirement(rich, 1, "confirmed")
    make_requirement(rich, 2, "refuted")
    make_phase(poor, "discovery", began=1)
    make_phase(rich, "production", began=1)
    Project.objects.filter(pk=new.pk).update(domain="Energy", use_case="forecasting")
    assert names(client, "sort=-value") == ["Rich", "Poor", "New"]
    assert names(client, "sort=name") == ["New", "Poor", "Rich"]
    assert names(client, "sort=-activity")[0] == "New"
    assert names(client, "phase=discovery") == ["Poor"]
    assert names(client, "phase=production") == ["Rich"]
    assert names(client, "phase=none") == ["New"]
    assert names(client, "health=refuted") == ["Rich"]
    assert names(client, "health=attention") == ["Rich"]
    assert names(client, "health=well") == ["Poor"]
    assert names(client, "health=unknown") == ["New"]
    assert names(client, "use_case=forecasting") == ["New"]
    assert names(client, "q=energy") == ["New"]
    assert len(names(client, "q=portfolio manager")) == 3  # their owner


def test_a_project_whose_phases_are_closed_was_stopped(client: Client, person: User) -> None:
    make_project(person, "New")
    stopped, back = make_project(person, "Stopped early"), make_project(person, "Back again")
    for project in (stopped, back):
        make_phase(project, "discovery", began=50, closed=20)
    make_phase(back, "discovery", began=10)
    assert names(client, "phase=stopped") == ["Stopped early"]
    assert names(client, "phase=none") == ["New"]
    page = client.get("/?sort=name")
    counts = {key: n for key, _name, n in page.context["phases"]}
    assert (counts["stopped"], counts["none"], counts["discovery"]) == (1, 1, 1)
    assert page.text.count('<span class="chip line">Stopped</span>') == 1
    assert page.text.count('<span class="muted">Not started</span>') == 1
    assert '<span class="chip line">Stopped</span>' in client.get(f"/projects/{stopped.slug}/").text


def test_currencies_are_not_added_up(client: Client, person: User) -> None:
    for name, value, currency in (("A", 3e6, "EUR"), ("B", 4e6, "EUR"), ("C", 1e6, "USD")):
        make_value(make_project(person, name), value=value, hoped=value, currency=currency)
    found = totals(person, timezone.localdate())
    euro, dollar = found.money
    assert (euro.currency, euro.value, euro.hoped, euro.projects) == ("EUR", 7e6, 7e6, 2)
    # Half widths of 0.3 and 0.4 million add up to 0.5 million, like the sides of a right triangle.
    assert (euro.low, euro.high) == pytest.approx((6.5e6, 7.5e6))
    assert (dollar.currency, dollar.value) == ("USD", 1e6)
    assert "Different currencies are not added up." in client.get("/").text


def test_verdicts_are_counted_at_the_end_of_each_week(person: User) -> None:
    project = make_project(person)
    make_requirement(project, 1, "confirmed", since_days=15)
    make_requirement(project, 2, "refuted", since_days=3)
    withdrawn = make_requirement(project, 3, "refuted", since_days=40)
    withdrawn.withdrawn_at = timezone.now() - timedelta(days=10)
    withdrawn.save()
    weeks = verdicts_by_week(person, timezone.localtime())
    assert weeks.counts["confirmed"] == [0] * 9 + [1, 1, 1]
    assert weeks.counts["refuted"] == [0] * 6 + [1, 1, 1, 1, 0, 1]
    assert weeks.counts["unverified"] == [3] * 6 + [2, 2, 2, 1, 1, 0]
    assert (weeks.days[-1] - weeks.days[0]).days == 77


def test_time_to_production_falls_into_the_bins_of_the_surveys(person: User) -> None:
    for days in (7, 8, 30, 31, 365, 366):
        project = make_project(person)
        make_phase(project, "discovery", began=400, closed=400 - days)
        make_phase(project, "production", began=400 - days)
    found = totals(person, timezone.localdate())
    assert found.production_bins == [1, 2, 1, 1, 1]
    assert found.durations["discovery"].n == 6
    assert found.durations["discovery"].half == pytest.approx(30.5)


def test_the_download_has_every_project(client: Client, person: User) -> None:
    for number in range(60):
        make_project(person, f"=HYPERLINK {number}")
    rows = list(csv.DictReader(io.StringIO(client.get("/portfolio.csv").text)))
    assert len(rows) == 60
    assert all(row["project"].startswith("'=HYPERLINK") for row in rows)
    assert len(client.get("/").context["rows"]) == 50


def queries(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
        return len(captured)


@pytest.mark.parametrize("address", ["/", "/?q=project&health=attention&sort=-value"])
def test_a_page_needs_as_many_queries_for_many_projects(client: Client, person: User, address: str) -> None:
    for _ in range(10):
        make_lived_in(person)
    client.get(address)  # notes the visit
    few = queries(lambda: client.get(address))
    for number in range(190):
        make_lived_in(person) if number > 180 else make_project(person)
    assert queries(lambda: client.get(address)) == few <= MOST_QUERIES


def test_what_changed_needs_few_queries(client: Client, person: User) -> None:
    """Their number depends on what the rows of a page point at, and not on how many there are."""
    for _ in range(30):
        make_lived_in(person)
    client.get("/changes/")
    assert queries(lambda: client.get("/changes/")) <= MOST_QUERIES
    assert queries(lambda: client.get("/changes/?page=5")) <= MOST_QUERIES
