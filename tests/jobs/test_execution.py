"""The worker's side of the state machine, on a real database, in the test's own process."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection, connections
from django.utils import timezone
from polars.exceptions import PanicException
from pytest_django import Settings

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Message
from apps.jobs import execution
from apps.jobs.models import ENDED, Job, State
from apps.jobs.progress import Progress
from apps.jobs.services import cancel_job
from apps.jobs.signals import job_finished
from tests.factories import make_job

pytestmark = pytest.mark.django_db(transaction=True)


def run(job: Job, work: execution.Work) -> Job:
    execution.execute(str(job.pk), work)
    job.refresh_from_db()
    return job


def rename(job: Job) -> Callable[[], None]:
    """A result that can be seen: the job's title says how often it was saved."""
    return lambda: Job.objects.filter(pk=job.pk).update(title=Job.objects.get(pk=job.pk).title + "+saved")


def succeed(job: Job, progress: Progress) -> Callable[[], None]:
    return rename(job)


def failing_with(error: BaseException) -> execution.Work:
    def work(job: Job, progress: Progress) -> Callable[[], None]:
        raise error

    return work


@pytest.fixture
def finished() -> list[Job]:
    """The jobs that `job_finished` told of."""
    told: list[Job] = []

    def listen(job: Job, **kwargs: object) -> None:
        told.append(job)

    job_finished.connect(listen)
    yield told
    job_finished.disconnect(listen)


def test_success_saves_and_ends_in_one_move(job: Job, finished: list[Job]) -> None:
    run(job, succeed)
    assert (job.state, job.title, job.progress, job.attempts) == (State.SUCCEEDED, "A job+saved", 1.0, 1)
    assert job.token is None
    assert job.lease_until is None
    assert job.queued_at <= job.started_at <= job.finished_at
    assert finished == [job]


def test_second_delivery_does_nothing(job: Job, finished: list[Job]) -> None:
    run(job, succeed)
    run(job, succeed)
    assert job.title == "A job+saved"
    assert len(finished) == 1


def test_error_while_saving_takes_the_success_back(job: Job) -> None:
    def work(job: Job, progress: Progress) -> Callable[[], None]:
        def save() -> None:
            rename(job)()
            raise InputRejected("too_late", "This %(thing)s is wrong.", thing="file")

        return save

    run(job, work)
    assert (job.state, job.title) == (State.FAILED, "A job")
    assert job.error["code"] == "too_late"


def test_rejected_input_keeps_its_place_and_is_not_tried_again(job: Job, finished: list[Job]) -> None:
    fault = InputRejected("bad_cell", "“%(column)s” is %(value)s.", column="y", row=7, value="x")
    run(job, failing_with(fault))
    assert job.state == State.FAILED
    assert job.error == {
        "code": "bad_cell",
        "message": {
            "text": "“%(column)s” is %(value)s.",
            "params": {"column": "y", "row": 7, "value": "x"},
        },
        "column": "y",
        "row": 7,
    }
    assert finished == [job]


def test_sentence_with_values_that_json_or_postgresql_cannot_keep(job: Job) -> None:
    fault = InputRejected(
        "odd", "%(a)s %(b)s %(c)s", column="n\0l", a=float("nan"), b="\ud800" + "x" * 5_000, c=timedelta(1)
    )
    run(job, failing_with(fault))
    params = job.error["message"]["params"]
    assert params["a"] == "nan"
    assert params["b"].startswith("?xx")
    assert len(params["b"]) < 600
    assert params["c"] == "1 day, 0:00:00"
    assert job.error["column"] == "n\ufffdl"


@pytest.mark.parametrize(
    ("error", "code"), [(MemoryError(), "out_of_memory"), (SoftTimeLimitExceeded(), "out_of_time")]
)
def test_limits_end_the_job_with_a_sentence(job: Job, error: Exception, code: str) -> None:
    run(job, failing_with(error))
    assert (job.state, job.error["code"], job.attempts) == (State.FAILED, code, 1)


@pytest.mark.parametrize("kind", [ZeroDivisionError, PanicException])
def test_our_fault_is_an_apology_with_the_number_of_the_traceback(
    job: Job, caplog: pytest.LogCaptureFixture, kind: type[BaseException]
) -> None:
    """A panic of Polars is no Exception, and still ours."""
    with caplog.at_level(logging.ERROR):
        run(job, failing_with(kind("a detail of ours")))
    assert (job.state, job.error["code"]) == (State.FAILED, "internal_error")
    assert "a detail of ours" not in str(job.error)
    assert job.error["message"]["params"] == {"reference": job.error_reference}
    assert job.error_reference in caplog.text
    assert f"{kind.__name__}: a detail of ours" in caplog.text


def test_database_trouble_is_tried_again_and_then_given_up(job: Job) -> None:
    trouble = failing_with(OperationalError("the connection is lost"))
    for attempt in (1, 2):
        run(job, trouble)
        assert (job.state, job.attempts, job.published_at) == (State.QUEUED, attempt, None)
    run(job, trouble)
    assert (job.state, job.attempts, job.error["code"]) == (State.FAILED, 3, "internal_error")


def test_lost_connection_while_saving_saves_once(job: Job) -> None:
    """The server ends our session in the middle of the saving transaction; the next try finishes it."""
    kills = []

    def work(job: Job, progress: Progress) -> Callable[[], None]:
        def save() -> None:
            rename(job)()
            if not kills:
                kills.append(1)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        return save

    run(job, work)
    assert (job.state, job.title, job.attempts) == (State.SUCCEEDED, "A job+saved", 1)


def test_of_many_workers_one_gets_the_job(job: Job) -> None:
    start = threading.Barrier(8)
    winners: list[Job] = []

    def compete() -> None:
        start.wait()
        if claimed := execution.claim(job.pk):
            winners.append(claimed)
        connections.close_all()

    threads = [threading.Thread(target=compete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    job.refresh_from_db()
    assert (job.attempts, job.token) == (1, winners[0].token)


@pytest.mark.parametrize(
    ("fields", "claimed"),
    [
        ({}, True),
        ({"attempts": 2}, True),
        ({"attempts": 3}, False),
        ({"cancel_requested": True}, False),
        ({"state": State.RUNNING, "lease": -1}, True),
        ({"state": State.RUNNING, "lease": 60}, False),
        ({"state": State.RUNNING, "lease": -1, "attempts": 3}, False),
        *(({"state": state}, False) for state in ENDED),
    ],
)
def test_what_can_be_claimed(project, fields: dict, claimed: bool) -> None:
    fields = dict(fields)
    if lease := fields.pop("lease", None):
        fields |= {"token": uuid.uuid4(), "lease_until": timezone.now() + timedelta(seconds=lease)}
    assert bool(execution.claim(make_job(project, **fields).pk)) is claimed


def test_lost_lease_never_saves(job: Job, settings: Settings, finished: list[Job]) -> None:
    """Another worker takes a job whose worker was frozen; the first one's result is dropped."""

    def work(first: Job, progress: Progress) -> Callable[[], None]:
        Job.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert execution.claim(first.pk) is not None
        return rename(first)

    run(job, work)
    assert (job.state, job.title, job.attempts) == (State.RUNNING, "A job", 2)
    assert finished == []


def test_heartbeat_keeps_the_lease_of_a_long_job(job: Job, settings: Settings) -> None:
    settings.JOB_LEASE_SECONDS = 1

    def work(job: Job, progress: Progress) -> Callable[[], None]:
        time.sleep(2)
        assert execution.claim(job.pk) is None
        return rename(job)

    run(job, work)
    assert (job.state, job.attempts) == (State.SUCCEEDED, 1)


def test_progress_is_written_throttled_and_within_bounds(job: Job) -> None:
    seen = []

    def work(job: Job, progress: Progress) -> Callable[[], None]:
        for step in range(50):
            progress(Message("Step %(n)s", {"n": step}), 7.0)
        seen.append(Job.objects.values("progress", "progress_message").get(pk=job.pk))
        return rename(job)

    run(job, work)
    assert seen == [{"progress": 1.0, "progress_message": {"text": "Step %(n)s", "params": {"n": 0}}}]


def test_cancelled_at_the_next_progress(job: Job, engineer: User, finished: list[Job]) -> None:
    def work(job: Job, progress: Progress) -> Callable[[], None]:
        cancel_job(job=job, user=engineer)
        progress(Message("Working"), 0.5)
        raise AssertionError

    run(job, work)
    assert job.state == State.CANCELLED
    assert job.error is None
    assert finished == [job]


def test_cancellation_wins_against_a_result_that_is_not_saved_yet(job: Job, engineer: User) -> None:
    def work(job: Job, progress: Progress) -> Callable[[], None]:
        cancel_job(job=job, user=engineer)
        return rename(job)

    run(job, work)
    assert (job.state, job.title) == (State.CANCELLED, "A job")


def test_heartbeat_tells_a_silent_work_to_stop(job: Job, engineer: User, settings: Settings) -> None:
    settings.JOB_LEASE_SECONDS = 1

    def work(job: Job, progress: Progress) -> Callable[[], None]:
        progress(Message("Working"), 0.5)
        cancel_job(job=job, user=engineer)
        time.sleep(0.4)
        progress(Message("Working"), 0.6)  # the throttle would let it pass, the heartbeat does not
        raise AssertionError

    run(job, work)
    assert job.state == State.CANCELLED


def test_deaf_listener_does_not_disturb(job: Job) -> None:
    def deaf(**kwargs: object) -> None:
        raise RuntimeError

    job_finished.connect(deaf)
    try:
        run(job, succeed)
    finally:
        job_finished.disconnect(deaf)
    assert job.state == State.SUCCEEDED
