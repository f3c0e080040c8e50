"""Jobs over REST."""

from __future__ import annotations

import threading
import time
import uuid

import pytest
from django.db import connection, connections
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.jobs import waiting
from apps.jobs.models import Job, State
from apps.projects.models import Project, Role
from tests.factories import make_job, make_member, make_project, make_token

pytestmark = pytest.mark.django_db(transaction=True)
JOBS = "/api/v1/jobs/"


@pytest.fixture
def api(engineer: User) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {make_token(engineer)}")


def test_job_with_its_error(api: APIClient, project: Project) -> None:
    job = make_job(
        project,
        state=State.FAILED,
        attempts=1,
        finished_at=timezone.now(),
        error={
            "code": "bad_cell",
            "message": {"text": "“%(value)s” is no number.", "params": {"value": "x"}},
            "column": "y",
            "row": 3,
        },
    )
    answer = api.get(f"{JOBS}{job.pk}/")
    assert answer.status_code == 200
    assert answer.json() | {"created_at": 0, "queued_at": 0, "finished_at": 0, "queue_seconds": 0} == {
        "id": str(job.pk),
        "project": project.slug,
        "title": "A job",
        "queue": "short",
        "state": "failed",
        "attempts": 1,
        "max_attempts": 3,
        "cancel_requested": False,
        "progress": 0.0,
        "progress_message": "",
        "error": {
            "code": "bad_cell",
            "detail": "“x” is no number.",
            "column": "y",
            "row": 3,
            "reference": "",
        },
        "created_at": 0,
        "queued_at": 0,
        "started_at": None,
        "finished_at": 0,
        "queue_seconds": 0,
        "run_seconds": None,
    }


def test_list_by_project_and_state(api: APIClient, project: Project, engineer: User) -> None:
    other = make_project(owner=engineer)
    waiting_job, failed = make_job(project), make_job(project, state=State.FAILED)
    elsewhere = make_job(other)
    make_job(make_project())

    def ids(**query: str) -> list[str]:
        return [job["id"] for job in api.get(JOBS, query).json()["results"]]

    assert ids() == [str(job.pk) for job in (elsewhere, failed, waiting_job)]
    assert ids(project=project.slug) == [str(failed.pk), str(waiting_job.pk)]
    assert ids(project=project.slug, state="failed") == [str(failed.pk)]
    assert ids(project="no-such-project") == []


@pytest.mark.parametrize(("query", "field"), [({"state": "lost"}, "state"), ({"project": "a b"}, "project")])
def test_wrong_filter_names_the_field(api: APIClient, query: dict[str, str], field: str) -> None:
    answer = api.get(JOBS, query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("wait", ["soon", "-1"])
def test_wrong_wait_names_the_field(api: APIClient, job: Job, wait: str) -> None:
    answer = api.get(f"{JOBS}{job.pk}/", {"wait": wait})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["wait"]


def test_waiting_ends_with_the_job(api: APIClient, job: Job) -> None:
    def end() -> None:
        time.sleep(0.5)
        Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED, finished_at=timezone.now())
        connections.close_all()

    thread = threading.Thread(target=end)
    before = time.monotonic()
    thread.start()
    answer = api.get(f"{JOBS}{job.pk}/", {"wait": 20})
    thread.join()
    assert answer.json()["state"] == "succeeded"
    assert 0.4 < time.monotonic() - before < 10


def test_waiting_is_bounded(api: APIClient, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LONGEST_SECONDS", 1)
    before = time.monotonic()
    assert api.get(f"{JOBS}{job.pk}/", {"wait": 3_600}).json()["state"] == "queued"
    assert 1 <= time.monotonic() - before < 5


def test_waiting_holds_no_database_connection(job: Job) -> None:
    """Seen from another connection: no session of the waiting thread is open while it sleeps."""
    pids: list[int] = []

    def wait() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        waiting.wait_until_ended(job.pk, 1.5)
        connections.close_all()

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.8)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pids)
        [[open_sessions]] = cursor.fetchall()
    thread.join()
    assert open_sessions == 0


def test_more_than_eight_do_not_wait(job: Job) -> None:
    taken = [waiting._places.acquire(blocking=False) for _ in range(8)]
    try:
        before = time.monotonic()
        waiting.wait_until_ended(job.pk, 20)
        assert time.monotonic() - before < 1
    finally:
        for _ in taken:
            waiting._places.release()


def test_cancel_and_retry(api: APIClient, job: Job) -> None:
    assert api.post(f"{JOBS}{job.pk}/cancel/").json()["state"] == "cancelled"
    assert api.post(f"{JOBS}{job.pk}/retry/").json()["state"] == "queued"


def test_retry_of_a_succeeded_job_is_refused(api: APIClient, project: Project) -> None:
    job = make_job(project, state=State.SUCCEEDED)
    answer = api.post(f"{JOBS}{job.pk}/retry/")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "job_succeeded"


def test_who_may(project: Project, job: Job) -> None:
    viewer = APIClient(HTTP_AUTHORIZATION=f"Bearer {make_token(make_member(project, Role.VIEWER))}")
    stranger = APIClient(HTTP_AUTHORIZATION=f"Bearer {make_token(make_project().created_by)}")
    assert viewer.get(f"{JOBS}{job.pk}/").status_code == 200
    assert viewer.post(f"{JOBS}{job.pk}/cancel/").status_code == 403
    assert stranger.get(f"{JOBS}{job.pk}/").status_code == 404
    assert stranger.post(f"{JOBS}{job.pk}/cancel/").status_code == 404
    assert viewer.get(f"{JOBS}{uuid.uuid4()}/").status_code == 404
    assert APIClient().get(JOBS).status_code == 401
