"""What is expected of the reference's data set, held against the current side of a report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

from apps.compute import expectations
from apps.compute.drift.result import Finding
from apps.compute.drift.spec import Side
from apps.compute.messages import Message, gettext_noop
from apps.datasets import storage
from apps.datasets.models import Expectation
from apps.drift.models import DriftReport

#: What looks into other data sets is told by the check of a version, not by a comparison.
_OF_OTHERS = ("no_overlap",)


def findings_of(
    report: DriftReport, current: Side, progress: Callable[[Message, float], None]
) -> tuple[Finding, ...]:
    """One finding per expectation; none where the reference is no version of a data set."""
    if report.reference_version is None:
        return ()
    rows = Expectation.objects.filter(dataset=report.reference_version.dataset_id)
    asked = list(rows.exclude(kind__in=_OF_OTHERS))
    if not asked:
        return ()
    progress(Message(gettext_noop("Checking what is expected of the data")), 0.0)
    records = [expectations.Expectation(row.kind, tuple(row.columns), row.params) for row in asked]
    with storage.work_folder() as folder:
        path = current.path
        if current.selection:
            path = folder / "current.parquet"
            frame = pl.scan_parquet(current.path, glob=False)
            frame.filter(current.selection.expression(frame.collect_schema())).sink_parquet(path)
        outcomes = expectations.check(
            path, records, now=datetime.now(UTC), special_values=current.missing_values
        )
    return tuple(_finding(row, outcome) for row, outcome in zip(asked, outcomes, strict=True))


def _finding(row: Expectation, outcome: expectations.Outcome) -> Finding:
    state = "ok" if outcome.state is expectations.State.HOLDS else "warn"
    if outcome.state is expectations.State.VIOLATED and row.severity == Expectation.Severity.BLOCK:
        state = "bad"
    return Finding(
        code="expectation",
        state=state,
        title=expectations.describe(outcome.expectation),
        text=outcome.message,
        column=row.columns[0] if len(row.columns) == 1 else "",
        rows=outcome.violations,
    )
