"""Pages of jobs: what they show in each state, and how the fragment stops."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.jobs.models import ENDED, UNFINISHED, Job, State
from apps.projects.models import Project, Role
from tests.factories import make_job, make_member, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, engineer: User) -> Client:
    client.force_login(engineer)
    return client


def address(name: str, job: Job) -> str:
    return reverse(f"jobs:{name}", args=[job.project.slug, job.pk])


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("state", sorted(UNFINISHED))
def test_fragment_asks_again_until_the_job_has_ended(browser: Client, project: Project, state: State) -> None:
    job = make_job(project, state=state, started_at=timezone.now())
    response = browser.get(address("fragment", job) + "?reload=1")
    assert f'hx-get="{address("fragment", job)}?reload=1"' in text_of(response)
    assert 'hx-trigger="every 1s"' in text_of(response)
    assert "HX-Refresh" not in response


@pytest.mark.parametrize("state", sorted(ENDED))
def test_fragment_of_an_ended_job_stops_and_reloads_where_asked(
    browser: Client, project: Project, state: State
) -> None:
    job = make_job(project, state=state, finished_at=timezone.now())
    response = browser.get(address("fragment", job))
    assert "hx-" not in text_of(response)
    assert "HX-Refresh" not in response
    assert browser.get(address("fragment", job) + "?reload=1")["HX-Refresh"] == "true"


def test_running_job_shows_its_sentence_and_share(browser: Client, project: Project) -> None:
    job = make_job(
        project,
        state=State.RUNNING,
        started_at=timezone.now(),
        progress=0.42,
        progress_message={"text": "Slice %(name)s", "params": {"name": "<b>city</b>"}},
    )
    page = text_of(browser.get(address("detail", job)))
    assert "Slice &lt;b&gt;city&lt;/b&gt;, 42" in page
    assert 'value="42"' in page
    assert address("cancel", job) in page


def test_failed_job_says_what_is_wrong_and_where(browser: Client, project: Project) -> None:
    job = make_job(
        project,
        state=State.FAILED,
        finished_at=timezone.now(),
        error={
            "code": "bad_cell",
            "message": {"text": "“%(value)s” is no number.", "params": {"value": "<script>"}},
            "column": "y<i>",
            "row": 1204,
        },
        error_reference="",
    )
    page = text_of(browser.get(address("detail", job)))
    assert "“&lt;script&gt;” is no number." in page
    assert "Column: y&lt;i&gt;" in page
    assert "Row: 1,204" in page
    assert address("retry", job) in page


def test_cancel_and_retry_by_form(browser: Client, job: Job) -> None:
    assert browser.post(address("cancel", job)).url == address("detail", job)
    job.refresh_from_db()
    assert job.state == State.CANCELLED

    elsewhere = reverse("jobs:list", args=[job.project.slug])
    assert browser.post(address("retry", job), {"next": elsewhere}).url == elsewhere
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_form_does_not_send_people_to_other_sites(browser: Client, job: Job) -> None:
    response = browser.post(address("cancel", job), {"next": "https://example.org/"})
    assert response.url == address("detail", job)


def test_retry_of_a_succeeded_job_is_a_sentence(browser: Client, project: Project) -> None:
    job = make_job(project, state=State.SUCCEEDED, finished_at=timezone.now())
    page = text_of(browser.post(address("retry", job), follow=True))
    assert "has succeeded, so there is nothing to run again" in page


def test_viewer_sees_no_forms_and_may_not_use_them(client: Client, project: Project, job: Job) -> None:
    client.force_login(make_member(project, Role.VIEWER))
    assert address("cancel", job) not in text_of(client.get(address("detail", job)))
    assert client.post(address("cancel", job)).status_code == 403
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_job_of_another_project_does_not_exist(browser: Client, project: Project) -> None:
    other = make_job(make_project())
    for slug in (project.slug, other.project.slug):
        assert browser.get(reverse("jobs:detail", args=[slug, other.pk])).status_code == 404
    assert browser.get(reverse("jobs:detail", args=[project.slug, uuid.uuid4()])).status_code == 404


def test_list_filters_by_state(browser: Client, project: Project) -> None:
    make_job(project, title="One that waits")
    make_job(project, title="One that failed", state=State.FAILED, finished_at=timezone.now())
    make_job(make_project(), title="Of another project")
    jobs = reverse("jobs:list", args=[project.slug])

    everything = text_of(browser.get(jobs))
    assert "One that waits" in everything
    assert "One that failed" in everything
    assert "Of another project" not in everything

    failed = text_of(browser.get(jobs, {"state": "failed"}))
    assert "One that waits" not in failed
    assert "One that failed" in failed
    assert "No job is in the state “Cancelled”" in text_of(browser.get(jobs, {"state": "cancelled"}))
    assert "One that waits" in text_of(browser.get(jobs, {"state": "no such state"}))


def test_list_has_pages_and_asks_the_database_no_more_for_more_jobs(
    browser: Client, project: Project
) -> None:
    jobs = reverse("jobs:list", args=[project.slug])
    user = project.created_by

    def add(count: int) -> None:
        Job.objects.bulk_create(
            Job(project=project, created_by=user, task="tests.none", title=f"Job {n}") for n in range(count)
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(jobs).status_code == 200
        return len(captured)

    add(10)
    queries()
    few = queries()
    add(990)
    assert queries() == few
    page = browser.get(jobs, {"page": 20})
    assert len(page.context["object_list"]) == 50


def test_times_of_a_job(project: Project) -> None:
    now = timezone.now()
    job = make_job(
        project,
        state=State.SUCCEEDED,
        queued_at=now - timedelta(seconds=30),
        started_at=now - timedelta(seconds=20),
        finished_at=now - timedelta(seconds=5),
    )
    assert job.queue_time == timedelta(seconds=10)
    assert job.run_time == timedelta(seconds=15)
    assert make_job(project).run_time is None
