"""What is expected of data sets: written down, checked at every version, and let pass for a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.compute.messages import InputRejected, Message
from apps.datasets import checking
from apps.datasets.models import Check, CheckResult, Dataset, DatasetVersion, Expectation
from apps.datasets.services import (
    accept_suggestions,
    accept_version,
    add_dataset,
    add_expectation,
    add_version,
    change_expectation,
    delete_expectation,
    recheck,
    suggestions,
    version_in_force,
)
from apps.datasets.services import expectations as services
from apps.datasets.signals import dataset_replaced
from apps.datasets.uploads import incoming_from_path
from apps.history.models import Change
from apps.jobs.execution import execute
from apps.jobs.models import Job
from apps.projects.models import Role
from tests.datasets.conftest import AddVersion
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db
State, Found = DatasetVersion.State, CheckResult.State


def expect(
    dataset: Dataset, kind: str, /, *columns: str, severity: str = "block", **params: Any
) -> Expectation:
    user = dataset.project.created_by
    return add_expectation(
        dataset=dataset, user=user, kind=kind, columns=columns, params=params, severity=severity
    )


def run_check(version: DatasetVersion) -> Check:
    """Do what the worker does with the newest check of a version."""
    check = version.checks.first()
    assert check is not None
    execute(str(check.job_id), checking.run_check)
    assert Job.objects.get(pk=check.job_id).state == "succeeded", Job.objects.get(pk=check.job_id).error
    version.refresh_from_db()
    check.refresh_from_db()
    return check


def states(check: Check) -> list[str]:
    return list(check.results.values_list("state", flat=True))


@pytest.fixture
def told() -> Any:
    heard: list[Dataset] = []

    def listen(dataset: Dataset, **_kwargs: Any) -> None:
        heard.append(dataset)

    dataset_replaced.connect(listen)
    yield heard
    dataset_replaced.disconnect(listen)


def test_a_version_that_meets_them_comes_into_force(
    dataset: Dataset, version_of: AddVersion, told: Any
) -> None:
    expect(dataset, "unique", "id")
    expect(dataset, "range", "price", severity="warn", min=0, max=10)
    version = version_of("id,price\n1,3\n2,12\n")
    assert (version.state, told) == (State.CHECKING, [])
    check = run_check(version)
    assert version.state == State.IN_FORCE
    assert (check.passed, check.warned, check.blocked) == (1, 1, 0)
    assert told == [dataset]
    violated = check.results.get(state=Found.VIOLATED)
    assert (violated.tested, violated.violations) == (2, 1)
    assert violated.examples == [{"row": 2, "values": {"price": 12}}]
    assert "12" in str(Message.from_json(violated.message))


@pytest.mark.parametrize("text", ["id,price\n1,3\n1,4\n", "nr,price\n1,3\n"])
def test_what_blocks_is_violated_or_cannot_be_checked(
    dataset: Dataset, version_of: AddVersion, told: Any, text: str
) -> None:
    first = version_of("id,price\n1,3\n")
    told.clear()
    expect(dataset, "unique", "id")
    version = version_of(text)
    check = run_check(version)
    assert (version.state, check.blocked, told) == (State.BLOCKED, 1, [])
    assert version_in_force(dataset) == first


def test_only_a_manager_lets_it_pass_and_says_why(
    dataset: Dataset, version_of: AddVersion, told: Any
) -> None:
    expect(dataset, "row_count", min=10)
    version = version_of("id\n1\n")
    run_check(version)
    engineer, manager = (make_member(dataset.project, role) for role in (Role.ENGINEER, Role.MANAGER))
    with pytest.raises(PermissionDenied):
        accept_version(version=version, user=engineer, reason="I want it")
    with pytest.raises(InputRejected) as caught:
        accept_version(version=version, user=manager, reason="  ")
    assert caught.value.code == "no_reason"
    accepted = accept_version(version=version, user=manager, reason=" Holidays ")
    assert (accepted.state, accepted.accepted_reason, told) == (State.IN_FORCE, "Holidays", [dataset])
    assert Change.objects.filter(table="datasets_datasetversion", object_id=str(version.pk)).count() >= 2
    with pytest.raises(InputRejected) as caught:
        accept_version(version=version, user=manager, reason="Again")
    assert caught.value.code == "in_force_already"
    recheck(version=version, user=engineer)
    run_check(version)  # it is still not met; what is in force stays so
    assert version.state == State.IN_FORCE


def test_a_check_of_later_expectations_frees_a_blocked_version(
    dataset: Dataset, version_of: AddVersion
) -> None:
    expected = expect(dataset, "row_count", min=10)
    version = version_of("id\n1\n")
    run_check(version)
    change_expectation(expectation=expected, user=dataset.project.created_by, params={"min": 1})
    again = recheck(version=version, user=dataset.project.created_by)
    assert recheck(version=version, user=dataset.project.created_by) == again  # not doubled
    run_check(version)
    assert (version.state, version.checks.count()) == (State.IN_FORCE, 2)


def test_of_two_versions_checked_out_of_order_the_newer_one_counts(
    dataset: Dataset, version_of: AddVersion
) -> None:
    expect(dataset, "unique", "id")
    older, newer = version_of("id\n1\n"), version_of("id\n2\n")
    run_check(newer)
    run_check(older)
    assert (older.state, version_in_force(dataset)) == (State.IN_FORCE, newer)


def test_an_older_check_that_ends_late_moves_nothing(dataset: Dataset, version_of: AddVersion) -> None:
    expected = expect(dataset, "row_count", min=10)
    version = version_of("id\n1\n")
    late = version.checks.get()
    work = checking.run_check(late.job, lambda message, fraction: None)  # type: ignore[arg-type]
    delete_expectation(expectation=expected, user=dataset.project.created_by)
    services.start_check(version=version, user=dataset.project.created_by)
    run_check(version)
    work()
    version.refresh_from_db()
    assert version.state == State.IN_FORCE
    assert late.results.get().expectation is None  # deleted meanwhile; what was found stays


def test_a_failed_check_leaves_it_open(dataset: Dataset, tmp_path: Any) -> None:
    expect(dataset, "row_count", min=1)
    path = tmp_path / "torn.csv"
    path.write_text("a,b\n1,2\n1,2,3\n")
    user = dataset.project.created_by
    version = add_version(dataset=dataset, user=user, upload=incoming_from_path(path))
    check = version.checks.get()
    execute(str(check.job_id), checking.run_check)
    version.refresh_from_db()
    assert (Job.objects.get(pk=check.job_id).state, version.state) == ("failed", State.CHECKING)
    with pytest.raises(InputRejected) as caught:
        accept_version(version=version, user=user, reason="Why not")
    assert caught.value.code == "unread_version"


def test_a_check_that_waits_is_not_overtaken(dataset: Dataset, version_of: AddVersion) -> None:
    expect(dataset, "row_count", min=1)
    version = version_of("id\n1\n")
    with pytest.raises(InputRejected) as caught:
        accept_version(version=version, user=dataset.project.created_by, reason="Hurry")
    assert caught.value.code == "under_check"


def test_rows_of_the_training_data_are_kept_out_of_the_hold_out(
    dataset: Dataset, version_of: AddVersion, tmp_path: Any
) -> None:
    user = dataset.project.created_by
    holdout = add_dataset(project=dataset.project, user=user, name="Hold-out")
    expect(holdout, "no_overlap", "id", dataset=dataset.pk)
    leaking = _add(holdout, tmp_path, "id,y\n7,1\n2,0\n3,1\n")
    check = run_check(leaking)
    assert (leaking.state, states(check)) == (State.BLOCKED, [Found.UNDECIDED])  # nothing to compare with yet
    version_of("id,y\n1,0\n2,0\n3,1\n")
    recheck(version=leaking, user=user)
    check = run_check(leaking)
    result = check.results.get()
    assert (leaking.state, result.violations) == (State.BLOCKED, 2)
    assert [each["row"] for each in result.examples] == [2, 3]
    assert "Sales, version 1" in str(Message.from_json(result.message))
    clean = _add(holdout, tmp_path, "id,y\n7,1\n8,0\n")
    run_check(clean)
    assert clean.state == State.IN_FORCE


def _add(dataset: Dataset, folder: Any, text: str) -> DatasetVersion:
    path = folder / "holdout.csv"
    path.write_text(text)
    user = dataset.project.created_by
    return add_version(dataset=dataset, user=user, upload=incoming_from_path(path))


def test_special_values_and_keys_of_the_data_set_count(dataset: Dataset, version_of: AddVersion) -> None:
    Dataset.objects.filter(pk=dataset.pk).update(special_values={"price": [-200]}, key_columns=["id"])
    dataset.refresh_from_db()
    expect(dataset, "range", "price", min=0)
    expect(dataset, "missing", "price", severity="warn", at_most=0)
    check = run_check(version_of("id,price\na,3\nb,-200\n"))
    holds, missing = check.results.all()
    assert (holds.state, missing.state) == (Found.HOLDS, Found.VIOLATED)
    assert missing.examples == [{"row": 2, "values": {"id": "b", "price": -200}}]


def test_what_cannot_be_expected(dataset: Dataset, version_of: AddVersion) -> None:
    version_of("id,price\n1,3\n")
    foreign = make_project()
    theirs = add_dataset(project=foreign, user=foreign.created_by, name="Theirs")
    expect(dataset, "unique", "id")
    refused: list[tuple[str, Callable[[], Any]]] = [
        ("expected_already", lambda: expect(dataset, "unique", "id")),
        ("missing_column", lambda: expect(dataset, "unique", "idd")),
        ("unknown_dataset", lambda: expect(dataset, "no_overlap", "id", dataset=theirs.pk)),
        ("unknown_dataset", lambda: expect(dataset, "no_overlap", "id", dataset=dataset.pk)),
        ("unknown_dataset", lambda: expect(dataset, "no_overlap", "id", dataset=10**30)),
        ("unknown_severity", lambda: expect(dataset, "row_count", severity="stop", min=1)),
        ("unknown_kind", lambda: expect(dataset, "sum", min=1)),
    ]
    for code, attempt in refused:
        with pytest.raises(InputRejected) as caught:
            attempt()
        assert caught.value.code == code
    expect(dataset, "columns", "id", "later")  # may come with the next version
    viewer = make_member(dataset.project, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        add_expectation(dataset=dataset, user=viewer, kind="row_count", params={"min": 1})


def test_there_is_a_limit(dataset: Dataset) -> None:
    Expectation.objects.bulk_create(
        Expectation(
            project=dataset.project,
            dataset=dataset,
            kind="row_count",
            params={"min": number},
            created_by=dataset.project.created_by,
        )
        for number in range(services.MOST_EXPECTATIONS)
    )
    with pytest.raises(InputRejected) as caught:
        expect(dataset, "unique", "id")
    assert caught.value.code == "too_many_expectations"


def test_suggestions_are_taken_by_their_keys(dataset: Dataset, version_of: AddVersion) -> None:
    user = dataset.project.created_by
    assert suggestions(dataset) == (None, [])
    version = version_of("id,price\n" + "".join(f"{i},{i % 7}.5\n" for i in range(50)))
    from_version, proposals = suggestions(dataset)
    assert from_version == version
    chosen = [each.key for each in proposals if each.expectation.kind in ("unique", "range")]
    added = accept_suggestions(dataset=dataset, user=user, keys=chosen, severity="block")
    assert {(row.kind, *row.columns) for row in added} == {("unique", "id"), ("range", "price")}
    assert {row.severity for row in added} == {"block"}
    left = suggestions(dataset)[1]
    assert len(left) == len(proposals) - 2
    for keys, code in (([], "nothing_chosen"), (chosen, "suggestion_gone")):
        with pytest.raises(InputRejected) as caught:
            accept_suggestions(dataset=dataset, user=user, keys=keys)
        assert caught.value.code == code
    check = run_check(version_of("id,price\n" + "".join(f"{i},{i % 7}.5\n" for i in range(9))))
    assert states(check) == [Found.HOLDS, Found.HOLDS]
