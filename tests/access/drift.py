"""The drift report of the world in which everybody asks: finished, and rendered by Evidently too."""

from __future__ import annotations

import hashlib
from typing import Any

from apps.compute.drift.result import ColumnDrift, DriftResult, SideSummary, Verdict
from apps.datasets import storage
from apps.drift.models import ColumnDrift as ColumnRow
from apps.drift.models import DriftReport, EvidentlyReport, Reference
from apps.projects.models import Project
from tests.factories import make_drift_report, make_job


def make_drift(project: Project) -> dict[str, Any]:
    """One row of each kind; the parts of their addresses. The report has the number 1."""
    report = finish(make_drift_report(project))
    page = b"<!DOCTYPE html><title>Drift</title>"
    sha256 = hashlib.sha256(page).hexdigest()
    with storage.work_folder() as folder:
        made = folder / "page"
        made.write_bytes(page)
        storage.publish_page(made, sha256)
    EvidentlyReport.objects.create(
        report=report, job=make_job(project), sha256=sha256, size=len(page), created_by=project.created_by
    )
    reference = Reference.objects.create(
        project=project, file=report.reference_file, set_by=project.created_by
    )
    return {"drift_report_pk": report.pk, "drift_reference_pk": reference.pk}


def finish(report: DriftReport, columns: int = 1) -> DriftReport:
    """Results without data behind them: for lists and access."""
    found = tuple(
        ColumnDrift(
            name=f"column {place}",
            kind="number",
            role="feature",
            verdict=Verdict.DRIFT,
            reference=SideSummary(100),
            current=SideSummary(100),
            method="wasserstein",
            value=0.2,
            limit=0.1,
            flagged=True,
            strength=2.0,
        )
        for place in range(columns)
    )
    result = DriftResult(
        reference_rows=100,
        current_rows=100,
        columns=found,
        compared=columns,
        flagged=columns,
        drifted=columns,
        drift_share=0.5,
        is_drift=True,
    )
    ColumnRow.objects.bulk_create(
        ColumnRow(
            report=report,
            place=place,
            name=column.name,
            kind=column.kind,
            role=column.role,
            method=column.method,
            verdict=column.verdict,
            flagged=True,
            value=column.value,
            strength=column.strength,
            data=column.to_json(),
        )
        for place, column in enumerate(found)
    )
    for name in ("compared", "flagged", "drifted", "is_drift", "reference_rows", "current_rows"):
        setattr(report, name, getattr(result, name))
    report.strongest, report.result = 2.0, result.summary_json()
    report.observed_from = report.observed_to = report.created_at
    report.findings_bad = report.findings_warn = report.findings_ok = 0
    report.save()
    return report
