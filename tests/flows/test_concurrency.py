"""Uploads at the same moment: one idempotency key makes one run, and no two runs share a number or a byte."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from apps.datasets.models import DataFile
from apps.datasets.storage import raw_path
from apps.evaluations.models import Run
from apps.jobs.models import IdempotencyKey, Job
from apps.projects.models import Project
from tests.factories import make_file
from tests.flows.bad_files import HEADER, csv, rows
from tests.flows.client import Script, make_script
from tests.flows.wire import Answer, Wire, make_wire

CONTENT = csv(HEADER, *rows(20_000))()
OTHER_CONTENT = csv(HEADER, *rows(20_001))()
KEY = {"Idempotency-Key": "nightly-2024-05-01"}


@pytest.fixture
def wire(live_portal: str, script: Script) -> Wire:
    return make_wire(live_portal, script.user, script.project)


def at_once(wire: Wire, contents: list[bytes], headers: dict[str, str] | None = None) -> list[Answer]:
    """Each content from a thread and connection of its own; the answers in the same order."""
    with ThreadPoolExecutor(len(contents)) as threads:
        return list(threads.map(lambda content: wire.upload(content, "night.csv", headers), contents))


def test_one_key_at_once_makes_one_run(wire: Wire) -> None:
    answers = at_once(wire, [CONTENT] * 4, KEY)
    assert [answer.status for answer in answers] == [202] * 4, answers
    run = Run.objects.get()
    assert {answer.body["run"]["id"] for answer in answers} == {run.pk}
    assert {answer.body["job"]["id"] for answer in answers} == {str(run.job_id)}
    assert (DataFile.objects.count(), Job.objects.count(), IdempotencyKey.objects.count()) == (1, 1, 1)
    assert run.number == 1


def test_a_retry_gets_the_same_run(wire: Wire) -> None:
    first = wire.upload(CONTENT, "night.csv", KEY)
    again = wire.upload(CONTENT, "night.csv", KEY)
    assert (first.status, again.status) == (202, 202)
    assert again.headers["location"] == first.headers["location"]
    assert again.body["run"]["id"] == first.body["run"]["id"]
    assert Run.objects.count() == 1


def test_one_key_for_two_files_is_refused(wire: Wire) -> None:
    wire.upload(CONTENT, "night.csv", KEY)
    second = wire.upload(OTHER_CONTENT, "night.csv", KEY)
    assert (second.status, second.code) == (409, "idempotency_key_reused")
    assert "“night.csv”" in second.body["detail"]
    assert Run.objects.count() == 1


def test_one_key_for_two_files_at_once_is_refused(wire: Wire) -> None:
    contents = [csv(HEADER, *rows(count))() for count in (20_002, 20_003)]
    answers = at_once(wire, contents, KEY)
    assert sorted(answer.status for answer in answers) == [202, 409], answers
    assert Run.objects.count() == DataFile.objects.count() == 1
    stored = [raw_path(hashlib.sha256(content).hexdigest()).exists() for content in contents]
    assert stored == [answer.status == 202 for answer in answers]


def test_one_key_of_two_people_makes_two_runs(wire: Wire, script: Script) -> None:
    """A key is its sender's; it neither tells nor blocks what others send."""
    other = make_script()
    other_wire = make_wire(f"http://{wire.host}:{wire.port}", other.user, other.project)
    assert wire.upload(CONTENT, "night.csv", KEY).status == 202
    assert other_wire.upload(CONTENT, "night.csv", KEY).status == 202
    assert Run.objects.count() == 2


def test_twenty_at_once_get_twenty_numbers(wire: Wire) -> None:
    answers = at_once(wire, [csv(HEADER, *rows(40 + number))() for number in range(20)])
    assert [answer.status for answer in answers] == [202] * 20, answers
    assert sorted(answer.body["run"]["number"] for answer in answers) == list(range(1, 21))
    assert {f.name for f in (settings.STORAGE_DIR / "incoming").iterdir() if f.is_file()} == set()


def test_the_same_bytes_at_once_are_kept_once(wire: Wire) -> None:
    answers = at_once(wire, [CONTENT] * 6)
    assert [answer.status for answer in answers] == [202] * 6, answers
    [sha256] = set(DataFile.objects.values_list("sha256", flat=True))
    beside = raw_path(sha256).parent.iterdir()  # contents of other tests may begin alike
    assert [path.name for path in beside if sha256 in path.name] == [sha256]
    assert raw_path(sha256).read_bytes() == CONTENT


def test_two_at_once_do_not_share_the_quota(wire: Wire, script: Script) -> None:
    """Each fits into what is left, both do not."""
    project = Project.objects.get(slug=script.project)
    make_file(project, size=settings.PROJECT_QUOTA_BYTES - int(1.5 * len(CONTENT)))
    accepted, refused = sorted(at_once(wire, [CONTENT, OTHER_CONTENT]), key=lambda answer: answer.status)
    assert accepted.status == 202
    assert (refused.status, refused.code) == (413, "quota_exceeded")
    assert DataFile.objects.count() == 2
    assert Run.objects.count() == 1
