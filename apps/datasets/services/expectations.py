"""What people expect of a data set, and what they say to a version that does not meet it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.compute import expectations
from apps.compute.expectations import Proposal
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.profile import ColumnProfile
from apps.datasets.models import Check, Dataset, DatasetVersion, Expectation
from apps.datasets.services.files import queue_for
from apps.datasets.signals import dataset_replaced
from apps.jobs import services as jobs
from apps.projects.access import Action, require

CHECK_TASK = "apps.datasets.tasks.check"
MOST_EXPECTATIONS = 500
NOTE_CHARACTERS, REASON_CHARACTERS = 1_000, 2_000
#: May name columns that the data do not have yet.
_OF_FUTURE_COLUMNS = frozenset({"columns"})

Severity = Expectation.Severity
State = DatasetVersion.State


@transaction.atomic
def add_expectation(
    *,
    dataset: Dataset,
    user: User,
    kind: str,
    columns: Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
    severity: str = Severity.WARN,
    note: str = "",
) -> Expectation:
    """Expect something of every version from now on.

    InputRejected: ``parameter`` of its message is the setting that it is about, "columns", "kind" ...
    """
    require(user, Action.UPLOAD, dataset.project)
    found = expectations.read(kind, columns, params or {})
    _check_words(severity, note)
    _lock(dataset)
    _check_room(dataset, 1)
    _check_new(dataset, found)
    return _create(dataset, user, [found], severity, note)[0]


@transaction.atomic
def change_expectation(
    *,
    expectation: Expectation,
    user: User,
    columns: Sequence[str] | None = None,
    params: Mapping[str, Any] | None = None,
    severity: str | None = None,
    note: str | None = None,
) -> Expectation:
    """Expect it differently; what is None stays. Another kind is another expectation."""
    require(user, Action.UPLOAD, expectation.project)
    found = expectations.read(
        expectation.kind,
        expectation.columns if columns is None else columns,
        expectation.params if params is None else params,
    )
    severity = expectation.severity if severity is None else severity
    note = expectation.note if note is None else note
    _check_words(severity, note)
    _lock(expectation.dataset)
    _check_new(expectation.dataset, found, expectation)
    expectation.columns, expectation.params = list(found.columns), dict(found.params)
    expectation.severity, expectation.note = severity, note.strip()
    expectation.save(update_fields=["columns", "params", "severity", "note"])
    return expectation


@transaction.atomic
def delete_expectation(*, expectation: Expectation, user: User) -> None:
    """Expect it no longer. What checks said to it stays."""
    require(user, Action.UPLOAD, expectation.project)
    expectation.delete()


def suggestions(dataset: Dataset) -> tuple[DatasetVersion | None, list[Proposal]]:
    """What the profile of a version proposes that is not expected yet; and that version, if one was read.

    It is the newest one in force, as a blocked one is no example to follow.
    """
    version = _exemplary(dataset)
    if version is None:
        return None, []
    profiles = [ColumnProfile.from_json(column) for column in version.file.profile or []]
    proposals = expectations.suggest(
        profiles,
        version.file.rows or 0,
        now=version.created_at,
        time_column=dataset.time_column,
        key_columns=dataset.key_columns,
    )
    known = {(row.kind, tuple(row.columns)) for row in dataset.expectations.all()}
    return version, [
        each for each in proposals if (each.expectation.kind, each.expectation.columns) not in known
    ]


def column_names(dataset: Dataset) -> list[str]:
    """The columns that there are to speak of, in the order of the data; none while no version was read."""
    version = _exemplary(dataset)
    return [column["name"] for column in version.file.profile or []] if version else []


@transaction.atomic
def accept_suggestions(
    *, dataset: Dataset, user: User, keys: Collection[str], severity: str = Severity.WARN
) -> list[Expectation]:
    """Expect what was suggested under these keys; InputRejected if one is not suggested any more."""
    require(user, Action.UPLOAD, dataset.project)
    _check_words(severity, "")
    _lock(dataset)
    _version, proposals = suggestions(dataset)
    chosen = [each.expectation for each in proposals if each.key in set(keys)]
    if not keys:
        raise InputRejected("nothing_chosen", gettext_noop("No suggestion was chosen. Choose at least one."))
    if len(chosen) < len(set(keys)):
        raise InputRejected(
            "suggestion_gone",
            gettext_noop("A suggestion is not made any more: it is expected already, or the data changed."),
        )
    _check_room(dataset, len(chosen))
    return _create(dataset, user, chosen, severity, "")


def start_check(*, version: DatasetVersion, user: User) -> Check:
    """Queue the check of a version. Call it in the transaction that makes the version."""
    return Check.objects.create(
        project_id=version.project_id,
        version=version,
        job=jobs.submit_job(
            project=version.project,
            user=user,
            task=CHECK_TASK,
            title=str(version),
            queue=queue_for(version.file),
        ),
    )


@transaction.atomic
def recheck(*, version: DatasetVersion, user: User) -> Check:
    """Check a version with what is expected now; one that waits or runs is not doubled."""
    require(user, Action.UPLOAD, version.project)
    _lock(version.dataset)
    newest = version.checks.select_related("job").first()
    if newest is not None and not newest.job.ended:
        return newest
    return start_check(version=version, user=user)


@transaction.atomic
def accept_version(*, version: DatasetVersion, user: User, reason: str) -> DatasetVersion:
    """Let a version pass although its check does not; somebody answers for it with a reason."""
    require(user, Action.MANAGE, version.project)
    reason = reason.strip()
    if not reason:
        raise InputRejected(
            "no_reason", gettext_noop("Say why the version may pass. Others read it."), parameter="reason"
        )
    _check_length(reason, REASON_CHARACTERS, "reason")
    version = _locked(version)
    if version.state == State.IN_FORCE:
        raise InputRejected("in_force_already", gettext_noop("The version is in force already."))
    if not version.file.is_read:
        raise InputRejected(
            "unread_version",
            gettext_noop("The file of the version was not read, so there is nothing to let pass."),
        )
    newest = version.checks.select_related("job").first()
    if version.state == State.CHECKING and newest is not None and not newest.job.ended:
        raise InputRejected(
            "under_check", gettext_noop("The version is being checked. Wait for what the check says.")
        )
    version.state, version.accepted_by, version.accepted_reason = State.IN_FORCE, user, reason
    version.save(update_fields=["state", "accepted_by", "accepted_reason"])
    dataset_replaced.send(sender=Dataset, dataset=version.dataset)
    return version


def _locked(version: DatasetVersion) -> DatasetVersion:
    rows = DatasetVersion.objects.select_for_update(of=("self",)).select_related("dataset", "file", "project")
    return rows.get(pk=version.pk)


def _lock(dataset: Dataset) -> None:
    """Of two people at once one waits for the other."""
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)


def _exemplary(dataset: Dataset) -> DatasetVersion | None:
    read = dataset.versions.select_related("file").filter(file__rows__isnull=False)
    return read.filter(state=State.IN_FORCE).first() or read.first()


def _create(
    dataset: Dataset, user: User, found: Sequence[expectations.Expectation], severity: str, note: str
) -> list[Expectation]:
    return Expectation.objects.bulk_create(
        Expectation(
            project_id=dataset.project_id,
            dataset=dataset,
            kind=each.kind,
            columns=list(each.columns),
            params=dict(each.params),
            severity=severity,
            note=note.strip(),
            created_by=user,
        )
        for each in found
    )


def _check_words(severity: str, note: str) -> None:
    if severity not in Severity.values:
        raise InputRejected(
            "unknown_severity",
            gettext_noop("A violation can only warn or block, not “%(severity)s”. Known: %(known)s."),
            severity=severity[:60],
            known=", ".join(Severity.values),
            parameter="severity",
        )
    _check_length(note.strip(), NOTE_CHARACTERS, "note")


def _check_length(text: str, most: int, parameter: str) -> None:
    if len(text) > most:
        raise InputRejected(
            "text_too_long",
            gettext_noop("The text has %(length)d characters; at most %(most)d are kept."),
            length=len(text),
            most=most,
            parameter=parameter,
        )


def _check_room(dataset: Dataset, more: int) -> None:
    there = dataset.expectations.count()
    if there + more > MOST_EXPECTATIONS:
        raise InputRejected(
            "too_many_expectations",
            gettext_noop(
                "A data set has at most %(most)s expectations; it has %(there)s, and %(more)s more do not "
                "fit. Delete some, or choose fewer."
            ),
            most=MOST_EXPECTATIONS,
            there=there,
            more=more,
        )


def _check_new(dataset: Dataset, found: expectations.Expectation, changed: Expectation | None = None) -> None:
    """What is expected fits the data set and is not expected yet."""
    others = dataset.expectations.filter(
        kind=found.kind, columns=list(found.columns), params=dict(found.params)
    )
    if (others.exclude(pk=changed.pk) if changed else others).exists():
        raise InputRejected(
            "expected_already", gettext_noop("This is expected of the data set already, word for word.")
        )
    if "dataset" in found.params:
        _check_other(dataset, found.params["dataset"])
    version = None if found.kind in _OF_FUTURE_COLUMNS else _exemplary(dataset)
    if version is not None:
        _check_columns(found.columns, version)


def _check_other(dataset: Dataset, other: int) -> None:
    known = Dataset.objects.filter(project=dataset.project_id).exclude(pk=dataset.pk)
    if not known.filter(pk=min(other, 2**63 - 1)).exists():
        raise InputRejected(
            "unknown_dataset",
            gettext_noop("The project has no other data set %(other)s. Choose one of its data sets."),
            other=other,
            parameter="dataset",
        )


def _check_columns(names: Sequence[str], version: DatasetVersion) -> None:
    known = {column["name"] for column in version.file.profile or []}
    for name in names:
        if name not in known:
            raise InputRejected(
                "missing_column",
                gettext_noop("Version %(number)d has no column “%(column)s”. Look at its spelling."),
                column=name,
                number=version.number,
                parameter="columns",
            )
