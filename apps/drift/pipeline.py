"""The worker's side of a drift report: read both sides, compare, say what to save."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
from django.db import transaction

from apps.compute.drift.engine import compare
from apps.compute.drift.result import DriftResult
from apps.compute.drift.spec import DriftSpec, Side
from apps.compute.roles import ColumnRole, Role
from apps.compute.selection import Selection
from apps.datasets import pipeline as datasets
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.drift.checks import check_columns
from apps.drift.expected import findings_of
from apps.drift.models import ColumnDrift, DriftReport
from apps.drift.signals import report_finished
from apps.jobs.models import Job
from apps.jobs.progress import Progress


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a report as they are compared."""

    reference: Side
    current: Side
    spec: DriftSpec
    tables: Mapping[DataFile, datasets.Table]


def run_comparison(job: Job, progress: Progress) -> Callable[[], None]:
    report = DriftReport.objects.select_related(
        "reference_file", "current_file", "reference_version__dataset", "current_version__dataset"
    ).get(job=job)
    sides = sides_of(report, datasets.part(progress, 0.0, 0.3))
    result = compare(
        sides.reference,
        sides.current,
        sides.spec,
        datasets.part(progress, 0.3, 0.95),
        cache=storage.reference_folder(report.reference_file.sha256, _rows(report)),
    )
    found = findings_of(report, sides.current, datasets.part(progress, 0.95, 0.99))
    result = replace(result, findings=(*result.findings, *found))
    return lambda: _save(report, result, sides.tables)


def sides_of(report: DriftReport, progress: Callable[..., None]) -> Sides:
    """Read what was not read yet. InputRejected: a file cannot be read, or the report speaks of a column
    that neither has.
    """
    files = dict.fromkeys((report.reference_file, report.current_file))
    tables = {
        file: datasets.table_of(file, datasets.part(progress, place / len(files), (place + 1) / len(files)))
        for place, file in enumerate(files)
    }
    reference, current = tables[report.reference_file], tables[report.current_file]
    said = DriftSpec.from_json(report.spec)
    check_columns(said, *(pl.read_parquet_schema(table.path) for table in (reference, current)))
    special = {column: tuple(values) for column, values in report.special_values.items()}
    return Sides(
        Side(reference.path, Selection.from_json(report.reference_selection), special),
        Side(current.path, Selection.from_json(report.current_selection), special),
        _completed(said, report, current.roles, reference.roles),
        tables,
    )


def _completed(said: DriftSpec, report: DriftReport, *roles: Mapping[str, ColumnRole]) -> DriftSpec:
    """What is not said is as the files have it; of a column that both have, as the reference has it.

    A file's IGNORE is not taken over: it means that no metric can use the column, such as free text or a
    constant, and both can drift.
    """
    known: dict[str, Role] = {}
    for each in roles:
        known |= {name: use.role for name, use in each.items() if use.role is not Role.IGNORE}
    versions = (report.current_version, report.reference_version)
    times = [version.dataset.time_column for version in versions if version]
    return replace(
        said,
        roles={**known, **said.roles},
        time_column=said.time_column or next((name for name in times if name), ""),
    )


def _rows(report: DriftReport) -> str:
    """Which rows of the reference are meant, and what counts as a value in them."""
    said = [report.reference_selection, report.special_values]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def _save(report: DriftReport, result: DriftResult, tables: Mapping[DataFile, datasets.Table]) -> None:
    datasets.save_fields(tables)
    states = Counter(finding.state for finding in result.findings)
    period = result.period or (None, None)
    strengths = [column.strength for column in result.columns if column.strength is not None]
    DriftReport.objects.filter(pk=report.pk).update(
        reference_rows=result.reference_rows,
        current_rows=result.current_rows,
        compared=result.compared,
        flagged=result.flagged,
        drifted=result.drifted,
        is_drift=result.is_drift,
        strongest=max(strengths, default=None),
        table_auc=result.table.auc if result.table else None,
        findings_bad=states["bad"],
        findings_warn=states["warn"],
        findings_ok=states["ok"],
        observed_from=_moment(period[0]) or report.created_at,
        observed_to=_moment(period[1]) or report.created_at,
        since=_moment(result.since),
        result=_storable(result.summary_json()),
    )
    ColumnDrift.objects.filter(report=report).delete()
    ColumnDrift.objects.bulk_create(_rows_of(report, result), batch_size=1_000)
    transaction.on_commit(lambda: report_finished.send(sender=DriftReport, report=report))


def _rows_of(report: DriftReport, result: DriftResult) -> list[ColumnDrift]:
    return [
        ColumnDrift(
            report=report,
            place=place,
            name=column.name,
            kind=column.kind,
            role=column.role,
            method=column.method,
            verdict=column.verdict.value,
            flagged=column.flagged,
            value=column.value,
            strength=column.strength,
            since=_moment(column.since),
            data=_storable(column.to_json()),
        )
        for place, column in enumerate(result.columns)
    ]


def _moment(text: str | None) -> datetime | None:
    """A time without zone is taken as UTC."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _storable(data: Any) -> Any:
    """PostgreSQL's JSON has no NUL."""
    if isinstance(data, str):
        return data.replace("\0", "\ufffd")
    if isinstance(data, dict):
        return {_storable(name): _storable(value) for name, value in data.items()}
    return [_storable(each) for each in data] if isinstance(data, list | tuple) else data
