"""Whatever is killed, flushed, doubled or away: every upload that was accepted ends with exactly one result.

The result is the one of the same upload when nothing happens, to the last digit.
"""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from celery import current_app
from django.db import Error, connection

from apps.accounts.models import User
from apps.evaluations.models import MetricValue, Run
from apps.jobs.models import ENDED, Job, State
from apps.projects.models import Project
from tests.faults.stack import Stack, wait_for
from tests.flows.wire import Answer, Wire, make_wire, read_answer, response_on
from tests.golden import DATA

pytestmark = pytest.mark.faults

Values = list[tuple[object, ...]]
Content = Callable[[], bytes]
#: Copies of the data set in the file: enough that its evaluation takes a second or two, so that kills hit it.
COPIES = 8


@pytest.fixture(scope="module")
def content() -> Content:
    """Half-hourly electricity prices with a real model's predictions, several times over.

    Each call gives the same rows in other bytes, so that no upload finds its table made already.
    """
    folder = DATA / "predictions" / "elec2"
    truth = pl.read_parquet(
        folder / "truth.parquet", columns=["id", "timestamp", "month", "daypart", "y_true"]
    )
    once = truth.join(pl.read_parquet(folder / "pred_hgb.parquet"), on="id")
    table = pl.concat([once] * COPIES).with_columns(id=pl.int_range(pl.len())).write_csv().encode()
    times = itertools.count()
    return lambda: gzip.compress(table, compresslevel=1, mtime=next(times))


@pytest.fixture
def wire(stack: Stack, project: Project, engineer: User) -> Wire:
    if "web" not in stack.running:
        stack.start_web()
    return make_wire(f"http://127.0.0.1:{stack.web_port}", engineer, project.slug)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Values]:
    """The values of the file when nothing happens; the first test of this process finds them."""
    return {}


@pytest.fixture
def expected(wire: Wire, content: Content, undisturbed: dict[str, Values]) -> Values:
    if not undisturbed:
        run = accepted(wire.upload(content(), "calm.csv.gz"))
        wait_until_ended(run)
        undisturbed["values"] = values_of(run)
        assert len(undisturbed["values"]) > 100
    return undisturbed["values"]


def accepted(answer: Answer) -> Run:
    assert answer.status == 202, answer
    return Run.objects.get(pk=answer.body["run"]["id"])


def values_of(run: Run) -> Values:
    fields = ("metric", "slice_column", "slice_value", "value", "low", "high", "n")
    return list(MetricValue.objects.filter(run=run).order_by(*fields[:3]).values_list(*fields))


def state_of(run: Run) -> str:
    try:
        return Job.objects.get(pk=run.job_id).state
    except Error:  # the test has killed the database
        connection.close()
        return ""


def wait_until_running(run: Run) -> None:
    wait_for(lambda: state_of(run) == State.RUNNING, seconds=20, what="the evaluation to begin")


def wait_until_ended(run: Run) -> None:
    wait_for(lambda: state_of(run) in ENDED, seconds=40, what="the evaluation to end")


def assert_one_result(run: Run, expected: Values, *, attempts: int) -> None:
    wait_until_ended(run)
    run = Run.objects.select_related("job", "file").get(pk=run.pk)
    assert (run.job.state, run.job.attempts) == (State.SUCCEEDED, attempts), run.job.error
    assert values_of(run) == expected
    assert run.result is not None
    assert run.rows == run.file.rows


def test_killed_child(stack: Stack, wire: Wire, content: Content, expected: Values) -> None:
    run = accepted(wire.upload(content(), "elec2.csv.gz"))
    wait_until_running(run)
    stack.kill_children("worker")
    assert_one_result(run, expected, attempts=2)


def test_killed_worker_and_children(stack: Stack, wire: Wire, content: Content, expected: Values) -> None:
    run = accepted(wire.upload(content(), "elec2.csv.gz"))
    wait_until_running(run)
    stack.kill("worker", children=True)
    stack.start_worker()
    assert_one_result(run, expected, attempts=2)


def test_flushed_broker(stack: Stack, wire: Wire, content: Content, expected: Values) -> None:
    """No worker has seen the message yet, so nothing but the row knows of the upload."""
    stack.kill("worker", children=True)
    run = accepted(wire.upload(content(), "elec2.csv.gz"))
    assert Job.objects.get(pk=run.job_id).published_at is not None
    stack.flush_broker()
    stack.start_worker()
    assert_one_result(run, expected, attempts=1)


def test_doubled_message(stack: Stack, wire: Wire, content: Content, expected: Values) -> None:
    run = accepted(wire.upload(content(), "elec2.csv.gz"))
    job = Job.objects.get(pk=run.job_id)
    for _ in range(4):
        current_app.send_task(job.task, args=[str(job.pk)], queue=job.queue)
    assert_one_result(run, expected, attempts=1)


def test_killed_postgres(stack: Stack, wire: Wire, content: Content, expected: Values) -> None:
    """The evaluation goes on without its database and saves when that is back, or is done again."""
    run = accepted(wire.upload(content(), "elec2.csv.gz"))
    wait_until_running(run)
    restart_postgres(stack)
    wait_until_ended(run)
    assert_one_result(run, expected, attempts=Job.objects.get(pk=run.job_id).attempts)


def test_postgres_killed_while_uploading(
    stack: Stack, wire: Wire, content: Content, expected: Values
) -> None:
    """What the portal did not accept it did not keep; the same request sent again makes the one run."""
    body = wire.form(content(), "elec2.csv.gz")
    key = {"Idempotency-Key": "once"}
    with wire.open_upload(len(body), headers=key) as upload:
        upload.sendall(body[: len(body) // 2])
        wait_for(lambda: incoming(stack), what="the upload to begin")
        restart_postgres(stack)
        upload.sendall(body[len(body) // 2 :])
        refused = read_answer(response_on(upload))
    assert refused.status == 500
    assert "try again" in refused.body["detail"]
    wait_for(lambda: not incoming(stack), what="the upload to be deleted")
    assert not Run.objects.filter(name="elec2.csv.gz").exists()
    run = accepted(wire.send(body, key))
    assert_one_result(run, expected, attempts=1)


def restart_postgres(stack: Stack) -> None:
    stack.kill("postgres", children=True)
    stack.start_postgres()
    connection.close()


def incoming(stack: Stack) -> list[Path]:
    """Files of uploads on their way; folders there are of killed jobs."""
    return [path for path in (stack.folder / "files" / "incoming").iterdir() if path.is_file()]


@pytest.mark.parametrize("how", ["killed", "hanging"])
def test_broker_away_while_uploading(
    stack: Stack, wire: Wire, content: Content, expected: Values, how: str
) -> None:
    stack.pause("valkey") if how == "hanging" else stack.kill("valkey")
    before = time.monotonic()
    run = accepted(wire.upload(content(), "elec2.csv.gz"))
    assert time.monotonic() - before < 5
    assert Job.objects.get(pk=run.job_id).published_at is None
    stack.resume("valkey") if how == "hanging" else stack.start_valkey()
    assert_one_result(run, expected, attempts=1)
