"""The worker's side of a check: a version held against what is expected of its data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from django.db.models.functions import Now

from apps.compute import expectations
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.datasets.models import Check, CheckResult, DataFile, Dataset, DatasetVersion, Expectation
from apps.datasets.pipeline import Table, part, save_fields, table_of
from apps.datasets.signals import dataset_replaced
from apps.jobs.models import Job
from apps.jobs.progress import Progress

State = DatasetVersion.State
Severity = Expectation.Severity
Tables = dict[DataFile, Table]


def record(row: Expectation | CheckResult) -> expectations.Expectation:
    return expectations.Expectation(row.kind, tuple(row.columns), row.params)


def run_check(job: Job, progress: Progress) -> Callable[[], None]:
    row = Check.objects.select_related("version__file", "version__dataset").get(job=job)
    version, dataset = row.version, row.version.dataset
    asked = list(dataset.expectations.all())
    tables: Tables = {version.file: table_of(version.file, part(progress, 0.0, 0.5))}
    others = _others(asked, tables, part(progress, 0.5, 0.8))
    progress(Message(gettext_noop("Checking what is expected of the data")), 0.8)
    outcomes = expectations.check(
        tables[version.file].path,
        [record(each) for each in asked],
        now=datetime.now(UTC),
        others=others,
        special_values=dataset.special_values,
        context=dataset.key_columns,
    )

    def save() -> None:
        save_fields(tables)
        results = _results(row, asked, outcomes)
        CheckResult.objects.bulk_create(results)
        broken = [result.severity for result in results if result.state != CheckResult.State.HOLDS]
        Check.objects.filter(pk=row.pk).update(
            passed=len(results) - len(broken),
            warned=broken.count(Severity.WARN),
            blocked=broken.count(Severity.BLOCK),
            finished_at=Now(),
        )
        _move(row, passes=Severity.BLOCK not in broken)

    return save


def _others(
    asked: Sequence[Expectation], tables: Tables, progress: Callable[[Message, float], None]
) -> Mapping[int, expectations.Other]:
    """What the data sets that rows are looked up in hold now. ``tables`` gets what was read for that."""
    wanted = {each.params["dataset"] for each in asked if "dataset" in each.params}
    found = {
        dataset.pk: expectations.Other(dataset.name, None)
        for dataset in Dataset.objects.filter(pk__in=wanted, project__in={each.project_id for each in asked})
    }
    in_force = DatasetVersion.objects.filter(dataset__in=found, state=State.IN_FORCE)
    newest = (
        in_force.order_by("dataset_id", "-number").distinct("dataset_id").select_related("dataset", "file")
    )
    for version in newest:
        try:
            table = tables.get(version.file) or table_of(version.file, progress)
        except InputRejected:  # its own job says so; here there is nothing to look rows up in
            continue
        tables[version.file] = table
        special = version.dataset.special_values
        found[version.dataset_id] = expectations.Other(str(version), table.path, special)
    return found


def _results(
    row: Check, asked: Sequence[Expectation], outcomes: Sequence[expectations.Outcome]
) -> list[CheckResult]:
    # Locked, as one that is deleted now would leave a result that points nowhere.
    known = Expectation.objects.filter(pk__in=[each.pk for each in asked]).select_for_update(no_key=True)
    there = set(known.values_list("pk", flat=True))
    return [
        CheckResult(
            check_of=row,
            expectation_id=each.pk if each.pk in there else None,
            kind=each.kind,
            columns=each.columns,
            params=each.params,
            severity=each.severity,
            state=outcome.state,
            tested=outcome.tested,
            violations=outcome.violations,
            message=outcome.message.to_json(),
            examples=[example.to_json() for example in outcome.examples],
        )
        for each, outcome in zip(asked, outcomes, strict=True)
    ]


def _move(row: Check, *, passes: bool) -> None:
    """The newest check of a version moves it; what is in force stays so, whatever a later check finds."""
    if Check.objects.filter(version=row.version_id, pk__gt=row.pk).exists():
        return
    versions = DatasetVersion.objects.filter(pk=row.version_id)
    if not passes:
        versions.filter(state=State.CHECKING).update(state=State.BLOCKED)
    elif versions.filter(state__in=[State.CHECKING, State.BLOCKED]).update(state=State.IN_FORCE):
        dataset_replaced.send(sender=Dataset, dataset=row.version.dataset)
