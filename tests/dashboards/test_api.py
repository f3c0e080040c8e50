"""The portfolio over REST says what the pages say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from tests.dashboards.conftest import make_lived_in, make_phase, make_requirement
from tests.factories import make_project, make_token, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(person: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(person, 'read')}")
    return client


def test_a_row_of_the_portfolio(api: APIClient, person: User) -> None:
    project = make_lived_in(person, "Churn")
    make_lived_in(make_user(), "Hidden")
    (row,) = api.get("/api/v1/portfolio/").json()["results"]
    assert row["project"] == project.slug
    assert row["owner"] == "Portfolio manager"
    assert row["attention"] == 1
    assert [phase["kind"] for phase in row["phases"]] == ["delivery", "discovery"]
    assert row["progress"] == "2 of 4 done"
    assert row["requirements"] == {"confirmed": 2, "contradicting": 0, "refuted": 1, "unverified": 1}
    assert row["value_per_year"] == {
        "currency": "EUR", "value": 100_000.0, "low": 90_000.0, "high": pytest.approx(110_000.0),
        "hoped": 200_000.0,
    }  # fmt: skip


def test_filters_are_checked(api: APIClient, person: User) -> None:
    make_project(person, "Empty")
    assert api.get("/api/v1/portfolio/?phase=none").json()["count"] == 1
    assert api.get("/api/v1/portfolio/?phase=delivery").json()["count"] == 0
    for query in ("phase=party", "sort=luck", "health=fine", f"q={'x' * 300}"):
        assert api.get(f"/api/v1/portfolio/?{query}").status_code == 400


def test_what_waits(api: APIClient, person: User) -> None:
    late = make_project(person, "Late")
    make_phase(late, "discovery", began=50)
    (waiting,) = api.get("/api/v1/waiting/").json()["results"]
    assert (waiting["kind"], waiting["project"], waiting["urgent"]) == ("timebox", late.slug, True)
    assert waiting["title"] == "The timebox is over"
    assert waiting["page"] == f"/projects/{late.slug}/gate/delivery/"


def test_what_changed(api: APIClient, person: User) -> None:
    project = make_project(person, "Churn")
    requirement = make_requirement(project, 1, "unverified")
    requirement.state = "confirmed"
    requirement.save()
    make_requirement(make_project(make_user(), "Hidden"), 1, "unverified")
    newest = api.get(f"/api/v1/changes/?project={project.slug}").json()["results"][0]
    assert (newest["operation"], newest["name"], newest["actor"]) == ("UPDATE", "R-01", "The portal")
    assert (newest["old"], newest["new"]) == ({"state": "unverified"}, {"state": "confirmed"})
    everything = api.get("/api/v1/changes/").json()["results"]
    assert {row["project"] for row in everything} == {project.slug}
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert api.get(f"/api/v1/changes/?since={tomorrow}").json()["count"] == 0
    assert api.get("/api/v1/changes/?since=yesterday").status_code == 400
    assert api.get("/api/v1/changes/?project=hidden").status_code == 404
