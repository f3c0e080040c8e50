"""Whatever is killed, flushed, doubled or away: every submitted job ends with exactly one effect."""

from __future__ import annotations

import signal
import time
from collections import Counter
from uuid import UUID

import pytest
from celery import current_app
from django.db import Error, connection, transaction

from apps.accounts.models import User
from apps.jobs.models import ENDED, Job, State
from apps.jobs.services import cancel_job, retry_job, submit_job
from apps.projects.models import Project
from tests.faults.stack import Stack, wait_for

pytestmark = pytest.mark.faults


class Desk:
    """Submits jobs and looks what became of them."""

    def __init__(self, project: Project, user: User) -> None:
        self.project = project
        self.user = user

    def submit(self, count: int = 1, *, seconds: float = 1.5, task: str = "work") -> list[Job]:
        jobs = []
        for _ in range(count):
            with transaction.atomic():
                jobs.append(
                    submit_job(
                        project=self.project,
                        user=self.user,
                        task=f"tests.faults.tasks.{task}",
                        title=str(seconds),
                    )
                )
        return jobs

    def wait_for_state(self, jobs: list[Job], *states: State, least: int | None = None) -> None:
        least = len(jobs) if least is None else least
        keys = [job.pk for job in jobs]

        def arrived() -> bool:
            try:
                return Job.objects.filter(pk__in=keys, state__in=states).count() >= least
            except Error:  # the test has killed the database
                connection.close()
                return False

        wait_for(arrived, seconds=100, what=f"{least} jobs in {states}")

    def assert_one_effect_each(self, jobs: list[Job]) -> None:
        self.wait_for_state(jobs, *ENDED)
        states = Counter(Job.objects.values_list("state", flat=True))
        assert states == {State.SUCCEEDED: len(jobs)}
        assert effects() == dict.fromkeys((job.pk for job in jobs), 1)


def effects() -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_id, count(*) FROM fault_effect GROUP BY job_id")
        return dict(cursor.fetchall())


@pytest.fixture
def desk(project: Project, engineer: User) -> Desk:
    return Desk(project, engineer)


def test_killed_children_and_a_flushed_broker(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(6)
    desk.wait_for_state(jobs, State.RUNNING, least=2)
    stack.kill_children("worker")
    stack.flush_broker()
    desk.assert_one_effect_each(jobs)
    assert max(Job.objects.values_list("attempts", flat=True)) == 2


def test_killed_worker_leaves_its_children_working(stack: Stack, desk: Desk) -> None:
    """The orphaned child may still finish its job; the next worker must not do it a second time."""
    jobs = desk.submit(4, seconds=4)
    desk.wait_for_state(jobs, State.RUNNING, least=2)
    stack.kill("worker")
    stack.start_worker()
    desk.assert_one_effect_each(jobs)


def test_killed_worker_and_children(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(3)
    desk.wait_for_state(jobs, State.RUNNING, least=2)
    stack.kill("worker", children=True)
    stack.start_worker()
    desk.assert_one_effect_each(jobs)


def test_killed_postgres(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(4)
    desk.wait_for_state(jobs, State.RUNNING, least=2)
    stack.kill("postgres", children=True)
    time.sleep(1)
    stack.start_postgres()
    desk.assert_one_effect_each(jobs)


def test_doubled_messages(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(3, seconds=0.5)
    for job in jobs * 4:
        current_app.send_task(job.task, args=[str(job.pk)], queue=job.queue)
    desk.assert_one_effect_each(jobs)
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_broker_away_while_submitting(stack: Stack, desk: Desk) -> None:
    stack.kill("valkey")
    before = time.monotonic()
    jobs = desk.submit(3, seconds=0.2)
    assert time.monotonic() - before < 3
    assert not Job.objects.exclude(published_at=None).exists()
    stack.start_valkey()
    desk.assert_one_effect_each(jobs)


def test_broker_that_does_not_answer_delays_a_request_by_less_than_three_seconds(
    stack: Stack, desk: Desk
) -> None:
    stack.pause("valkey")
    before = time.monotonic()
    jobs = desk.submit(seconds=0.2)
    assert time.monotonic() - before < 3
    stack.resume("valkey")
    desk.assert_one_effect_each(jobs)


def test_warm_shutdown_finishes_the_running_job(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(2, seconds=2)
    desk.wait_for_state(jobs, State.RUNNING)
    assert stack.stop("worker") == 0
    desk.assert_one_effect_each(jobs)
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_cold_shutdown_gives_the_running_job_to_the_next_worker(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(2, seconds=4)
    desk.wait_for_state(jobs, State.RUNNING)
    stack.stop("worker", signal.SIGQUIT)
    stack.start_worker()
    desk.assert_one_effect_each(jobs)


def test_a_running_job_is_cancelled_and_run_again(stack: Stack, desk: Desk) -> None:
    [job] = desk.submit(seconds=30)
    desk.wait_for_state([job], State.RUNNING)
    cancel_job(job=job, user=desk.user)
    desk.wait_for_state([job], State.CANCELLED)
    assert effects() == {}

    Job.objects.filter(pk=job.pk).update(title="0.1")
    retry_job(job=job, user=desk.user)
    desk.assert_one_effect_each([job])


def test_memory_limit_fails_the_job_with_a_sentence_and_spares_the_worker(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(task="hoard")
    desk.wait_for_state(jobs, State.FAILED)
    [job] = Job.objects.all()
    assert job.attempts == 1
    assert job.error["code"] == "out_of_memory"
    assert job.error["message"]["params"] == {"gigabytes": "1"}


def test_job_that_kills_its_worker_ends_after_its_attempts(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(task="hoard_in_polars")
    desk.wait_for_state(jobs, State.FAILED)
    [job] = Job.objects.all()
    assert job.attempts == 3
    assert job.error["code"] == "worker_lost"
    assert job.error["message"]["params"] == {"attempts": 3, "gigabytes": "1"}


def test_soft_limit_fails_the_job_with_a_sentence(stack: Stack, desk: Desk) -> None:
    jobs = desk.submit(task="linger", seconds=30)
    desk.wait_for_state(jobs, State.FAILED)
    [job] = Job.objects.all()
    assert (job.attempts, job.error["code"]) == (1, "out_of_time")
    assert effects() == {}


def test_hard_limit_is_caught_by_the_lease(stack: Stack, desk: Desk) -> None:
    """Celery kills the child and acknowledges the message: only the row still knows of the job."""
    jobs = desk.submit(task="stall")
    desk.wait_for_state(jobs, State.FAILED)
    [job] = Job.objects.all()
    assert (job.attempts, job.error["code"]) == (3, "worker_lost")
