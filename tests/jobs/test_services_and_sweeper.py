"""Submitting, cancelling and retrying jobs, and the sweeper that puts lost ones back on their way."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.jobs import sweeper
from apps.jobs.embedded.process import free_port
from apps.jobs.models import ENDED, UNFINISHED, Job, State
from apps.jobs.services import cancel_job, retry_job, submit_job
from apps.projects.models import Project, Role
from tests.factories import make_job, make_member

pytestmark = pytest.mark.django_db(transaction=True)
TASK = "tests.jobs.nothing"
#: No worker listens to it, so its messages wait to be counted.
QUEUE = "unheard"


def ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


@pytest.fixture
def messages() -> Callable[[], list[tuple[str, list[str]]]]:
    """A function that takes the messages that wait in the broker's queue: (task, arguments)."""

    def take() -> list[tuple[str, list[str]]]:
        taken = []
        with current_app.connection_for_read() as connection:
            simple = connection.SimpleQueue(QUEUE)
            while True:
                try:
                    message = simple.get(block=False)
                except simple.Empty:
                    break
                message.ack()
                taken.append((message.headers["task"], message.payload[0]))
            simple.close()
        return taken

    take()
    return take


def submit(project: Project, user: User) -> Job:
    with transaction.atomic():
        return submit_job(project=project, user=user, task=TASK, title="A job", queue=QUEUE)


def test_submitted_job_is_published_after_the_commit_with_its_id_alone(project, engineer, messages) -> None:
    with transaction.atomic():
        job = submit_job(project=project, user=engineer, task=TASK, title="A job", queue=QUEUE)
        assert messages() == []
    assert messages() == [(TASK, [str(job.pk)])]
    job.refresh_from_db()
    assert job.state == State.QUEUED
    assert job.published_at is not None


def test_rolled_back_job_leaves_no_message(project, engineer, messages) -> None:
    with transaction.atomic():
        submit_job(project=project, user=engineer, task=TASK, title="A job", queue=QUEUE)
        transaction.set_rollback(True)
    assert messages() == []
    assert not Job.objects.exists()


def test_waiting_job_is_cancelled_at_once(job: Job, engineer: User) -> None:
    cancelled = cancel_job(job=job, user=engineer)
    assert cancelled.state == State.CANCELLED
    assert cancelled.finished_at is not None


@pytest.mark.parametrize("state", sorted(ENDED))
def test_ended_job_stays_as_it_is_when_cancelled(project, engineer, state: State) -> None:
    job = cancel_job(job=make_job(project, state=state), user=engineer)
    assert (job.state, job.cancel_requested) == (state, False)


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_retried_job_starts_from_nothing(project, engineer, messages, state: State) -> None:
    before = make_job(
        project,
        task=TASK,
        queue=QUEUE,
        state=state,
        attempts=3,
        cancel_requested=True,
        error={"code": "x", "message": {"text": "x", "params": {}}, "column": None, "row": None},
        error_reference="AB12",
        finished_at=ago(5),
        queued_at=ago(60),
    )
    job = retry_job(job=before, user=engineer)
    assert (job.state, job.attempts, job.cancel_requested) == (State.QUEUED, 0, False)
    assert (job.error, job.error_reference, job.finished_at) == (None, "", None)
    assert job.queue_time < timedelta(seconds=30)
    assert messages() == [(TASK, [str(job.pk)])]


@pytest.mark.parametrize("state", sorted(UNFINISHED))
def test_job_under_way_is_not_started_twice(project, engineer, messages, state: State) -> None:
    job = retry_job(job=make_job(project, state=state, attempts=1), user=engineer)
    assert (job.state, job.attempts) == (state, 1)
    assert messages() == []


def test_succeeded_job_cannot_be_retried(project, engineer) -> None:
    job = make_job(project, state=State.SUCCEEDED)
    with pytest.raises(InputRejected, match="has succeeded"):
        retry_job(job=job, user=engineer)
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED


@pytest.mark.parametrize("service", [cancel_job, retry_job])
def test_viewer_may_neither_cancel_nor_retry(project, job: Job, service) -> None:
    with pytest.raises(PermissionDenied):
        service(job=job, user=make_member(project, Role.VIEWER))


def running(project: Project, **fields) -> Job:
    return make_job(
        project,
        **{
            "task": TASK,
            "queue": QUEUE,
            "state": State.RUNNING,
            "attempts": 1,
            "token": uuid.uuid4(),
            "started_at": ago(100),
            "lease_until": ago(1),
            **fields,
        },
    )


def test_sweeper_publishes_what_was_never_claimed(project, messages, settings: Settings) -> None:
    never = make_job(project, task=TASK, queue=QUEUE)
    lost = make_job(project, task=TASK, queue=QUEUE, published_at=ago(settings.JOB_LEASE_SECONDS + 1))
    make_job(project, task=TASK, queue=QUEUE, published_at=ago(1))
    sweeper.sweep()
    assert {arguments[0] for _, arguments in messages()} == {str(never.pk), str(lost.pk)}
    sweeper.sweep()
    assert messages() == []


def test_sweeper_takes_back_a_stale_lease(project, messages) -> None:
    stale, alive = running(project), running(project, lease_until=ago(-60))
    sweeper.sweep()
    stale.refresh_from_db()
    alive.refresh_from_db()
    assert (stale.state, stale.token, stale.attempts) == (State.QUEUED, None, 1)
    assert alive.state == State.RUNNING
    assert messages() == [(TASK, [str(stale.pk)])]


@pytest.mark.parametrize(
    ("fields", "state", "code"),
    [
        ({"attempts": 3}, State.FAILED, "worker_lost"),
        ({"started_at": ago(2_000)}, State.FAILED, "out_of_time"),
        ({"cancel_requested": True}, State.CANCELLED, None),
        ({"cancel_requested": True, "attempts": 3}, State.CANCELLED, None),
    ],
)
def test_sweeper_ends_what_cannot_go_on(
    project, messages, fields: dict, state: State, code: str | None
) -> None:
    job = running(project, **fields)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == state
    assert (job.error or {}).get("code") == code
    assert job.finished_at is not None
    assert messages() == []


def test_sweeper_cancels_what_was_given_back_while_it_was_cancelled(project) -> None:
    job = make_job(project, cancel_requested=True, attempts=1)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_two_sweepers_at_once_take_each_job_once(project, messages) -> None:
    jobs = [running(project) for _ in range(40)]
    start = threading.Barrier(2)
    errors: list[Exception] = []

    def sweep() -> None:
        start.wait()
        try:
            sweeper.sweep()
        except Exception as error:
            errors.append(error)
        connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {arguments[0] for _, arguments in messages()} == {str(job.pk) for job in jobs}
    assert set(Job.objects.values_list("state", "attempts")) == {(State.QUEUED, 1)}


def test_broker_that_is_away_does_not_stop_a_request(project, engineer, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{free_port()}/0")
        job = submit(project, engineer)
        sweeper.sweep()
    job.refresh_from_db()
    assert (job.state, job.published_at) == (State.QUEUED, None)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.published_at is not None
