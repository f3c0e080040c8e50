"""What may be asked of drift, and what is refused with which sentence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import User
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.spec import ColumnSettings, DriftSpec
from apps.compute.messages import InputRejected
from apps.compute.selection import Condition, Operator, Selection
from apps.datasets import storage
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.datasets.services import delete_file
from apps.drift.models import DriftReport, Reference
from apps.drift.services import (
    Source,
    current_of,
    request_evidently,
    set_reference,
    submit_report,
    submit_upload_report,
)
from apps.drift.tasks import remove_leftovers
from apps.jobs.models import Job, Queue
from apps.projects.models import Project, Role
from tests.factories import make_drift_report, make_file, make_member, make_project

pytestmark = pytest.mark.django_db
OLD = {"x": [1.0, 2.0, 3.0, 4.0, -200.0], "group": ["a", "a", "b", "b", "b"]}
NEW = {"x": [5.0, 6.0, 7.0, 8.0, -200.0], "group": ["a", "b", "b", "b", "b"]}


def only(column: str, *values: Any) -> Selection:
    return Selection((Condition(column, Operator.IN, values),))


@pytest.fixture
def sides(stored: Callable[..., DataFile]) -> tuple[Source, Source]:
    """Reference and current."""
    return Source(stored(OLD)), Source(stored(NEW))


def spec(**settings: Any) -> DriftSpec:
    return DriftSpec(columns={"x": ColumnSettings(**settings)})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (spec(method="no such test"), "unknown_method"),
        (spec(method="wasserstein", kind=ColumnKind.CATEGORY), "method_of_other_kind"),
        (spec(method="wasserstein", kind=ColumnKind.TEXT), "method_of_other_kind"),
        (spec(limit=0.0), "bad_limit"),
        (spec(limit=-1.0), "bad_limit"),
        (spec(limit=float("inf")), "bad_limit"),
        (spec(limit=float("nan")), "bad_limit"),
        (spec(method="ks", limit=5.0), "bad_limit"),
        (DriftSpec(columns={"z": ColumnSettings(ignore=True)}), "missing_column"),
        (DriftSpec(time_column="when"), "missing_column"),
        (DriftSpec(columns={f"c{i}": ColumnSettings() for i in range(501)}), "too_many_settings"),
        (DriftSpec(drift_share=1.5), "out_of_range"),
        (DriftSpec(drift_share=float("nan")), "out_of_range"),
        (DriftSpec(confidence=1.0), "out_of_range"),
        (DriftSpec(resamples=1_000_000), "out_of_range"),
    ],
)
def test_wishes_that_no_data_fit(
    project: Project, owner: User, sides: tuple[Source, Source], said: DriftSpec, code: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        submit_report(project=project, user=owner, current=sides[1], reference=sides[0], spec=said)
    assert refused.value.code == code
    assert not DriftReport.objects.exists()


def test_sides_that_cannot_be_compared(
    project: Project, owner: User, sides: tuple[Source, Source], stored: Callable[..., DataFile]
) -> None:
    reference, current = sides
    foreign = Source(make_file(make_project(owner)))
    twin = Source(stored(OLD, purpose=DataFile.Purpose.TRUTH))  # the same content under another name
    missing = Source(current.file, selection=only("nothing", 1))
    untyped = Source(current.file, selection=only("x", "many"))
    for one, other, code in (
        (reference, foreign, "file_of_other_project"),
        (foreign, current, "file_of_other_project"),
        (reference, reference, "identical_sides"),
        (reference, twin, "identical_sides"),
        (reference, missing, "missing_column"),
        (reference, untyped, "wrong_value"),
        (None, current, "no_reference"),
    ):
        with pytest.raises(InputRejected) as refused:
            submit_report(project=project, user=owner, current=other, reference=one)
        assert refused.value.code == code
    assert not DriftReport.objects.exists()
    slices = [Source(reference.file, selection=only("group", name)) for name in "ab"]
    report = submit_report(project=project, user=owner, current=slices[0], reference=slices[1])
    assert (report.number, report.job.queue) == (1, Queue.SHORT)
    with pytest.raises(PermissionDenied):
        submit_report(
            project=project, user=make_member(project, Role.VIEWER), current=current, reference=reference
        )


def test_the_reference_is_used_until_another_is_named(
    project: Project, owner: User, sides: tuple[Source, Source], stored: Callable[..., DataFile]
) -> None:
    reference, current = sides
    set_reference(project=project, user=owner, source=reference, reason=" The model learned from it ")
    first = submit_report(project=project, user=owner, current=current)
    assert (first.reference_file, first.number) == (reference.file, 1)
    row = set_reference(project=project, user=owner, source=current_of(first))
    newer = submit_report(project=project, user=owner, current=Source(stored({"x": [1.0, 9.0]})))
    assert (newer.reference_file, newer.number, row.reason) == (current.file, 2, "")
    assert newer.series != first.series
    assert Reference.objects.count() == 1
    with pytest.raises(InputRejected) as refused:
        set_reference(project=project, user=owner, source=Source(make_file(make_project(owner))))
    assert refused.value.code == "file_of_other_project"


def test_data_sets_say_what_is_missing(
    project: Project, owner: User, sides: tuple[Source, Source], finish: Callable[[DriftReport], DriftReport]
) -> None:
    """-200 is a number to a report of files, and no value to one of versions of a data set."""
    dataset = Dataset.objects.create(
        project=project, name="Meter", special_values={"x": [-200], "*": ["?"]}, time_column=""
    )
    version = DatasetVersion.objects.create(
        project=project, dataset=dataset, number=1, file=sides[0].file, created_by=owner
    )
    plain = submit_report(project=project, user=owner, current=sides[1], reference=sides[0])
    versioned = submit_report(
        project=project, user=owner, current=sides[1], reference=Source.of_version(version)
    )
    again = submit_report(
        project=project,
        user=owner,
        current=Source(sides[1].file, selection=only("group", "b")),
        reference=Source.of_version(version),
    )
    assert versioned.special_values == {"*": ["?"], "x": [-200]}
    assert versioned.series == again.series != plain.series
    found = {report: finish(report).columns.get(name="x").data["current"] for report in (plain, versioned)}
    assert (found[plain]["minimum"], found[plain].get("missing", 0)) == (-200.0, 0)
    assert (found[versioned]["minimum"], found[versioned]["missing"]) == (5.0, 1)


def test_an_upload_and_its_report_are_one(
    project: Project, owner: User, sides: tuple[Source, Source], incoming: Callable[..., Any]
) -> None:
    before = DataFile.objects.count()
    with pytest.raises(InputRejected):
        submit_upload_report(
            project=project,
            user=owner,
            upload=incoming({"x": [3.5]}),
            reference=sides[0],
            spec=spec(limit=-1),
        )
    assert DataFile.objects.count() == before
    with pytest.raises(InputRejected) as refused:
        submit_upload_report(project=project, user=owner, upload=incoming({"x": [3.5]}), sha256="0" * 64)
    assert refused.value.code == "wrong_checksum"
    report = submit_upload_report(
        project=project, user=owner, upload=incoming({"x": [3.5]}), reference=sides[0]
    )
    assert report.current_file.purpose == DataFile.Purpose.DATA


def test_one_key_makes_one_report(
    project: Project, owner: User, sides: tuple[Source, Source], incoming: Callable[..., Any]
) -> None:
    asked = {"project": project, "user": owner, "reference": sides[0], "idempotency_key": "nightly"}
    first = submit_upload_report(upload=incoming({"x": [3.5, 4.5]}), **asked)
    again = submit_upload_report(upload=incoming({"x": [3.5, 4.5]}), **asked)
    assert first == again
    for other in ({"x": [3.5, 4.6]}, {"x": [3.5]}):
        with pytest.raises(InputRejected) as refused:
            submit_upload_report(upload=incoming(other), **asked)
        assert refused.value.code == "idempotency_key_reused"
    with pytest.raises(InputRejected) as refused:
        submit_report(current=sides[1], **asked)
    assert refused.value.code == "idempotency_key_reused"
    assert DriftReport.objects.get() == first


def test_a_file_of_a_report_stays(project: Project, owner: User) -> None:
    report = make_drift_report(project)
    for file in (report.reference_file, report.current_file):
        with pytest.raises(InputRejected) as refused:
            delete_file(file=file, user=owner)
        assert "drift report" in str(refused.value)


def test_evidently_is_asked_once_and_only_of_what_is_finished(
    project: Project, owner: User, sides: tuple[Source, Source], finish: Callable[[DriftReport], DriftReport]
) -> None:
    report = submit_report(project=project, user=owner, current=sides[1], reference=sides[0])
    with pytest.raises(InputRejected) as refused:
        request_evidently(report=report, user=owner)
    assert refused.value.code == "report_unfinished"
    finish(report)
    made = request_evidently(report=report, user=owner)
    assert request_evidently(report=report, user=owner) == made
    assert made.job.queue == Queue.REPORT
    assert Job.objects.filter(queue=Queue.REPORT).count() == 1


def test_what_is_kept_of_a_reference_goes_when_nobody_asks() -> None:
    folder = storage.reference_folder("ab" * 32, "rows1")
    other = storage.reference_folder("cd" * 32, "rows1")
    for each in (folder, other):
        each.mkdir(parents=True)
    old = time.time() - 31 * 24 * 3600
    os.utime(folder, (old, old))
    assert storage.reference_folder("ab" * 32, "rows1") == folder  # asked for: it is young again
    assert storage.remove_unused_references(30 * 24 * 3600) == 0
    os.utime(folder, (old, old))
    assert storage.remove_unused_references(30 * 24 * 3600) == 1
    storage.remove_content("cd" * 32)
    assert not folder.exists()
    assert not other.exists()


def test_pages_that_no_report_names_are_removed(project: Project) -> None:
    sha256 = "ef" * 32
    with storage.work_folder() as folder:
        made = folder / "page"
        made.write_text("<!DOCTYPE html>")
        path = storage.publish_page(made, sha256)
    remove_leftovers()
    assert path.exists()  # too young: its job may be about to name it
    old = time.time() - 2 * 24 * 3600
    os.utime(path, (old, old))
    remove_leftovers()
    assert not path.exists()
