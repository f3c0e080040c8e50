"""Finished reports out of hand-made records, for what pages show of them; nothing here was computed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.compute.drift.result import (
    ColumnDrift,
    DriftResult,
    Driver,
    Finding,
    Picture,
    Seen,
    SideSummary,
    TableScore,
    Verdict,
    Window,
    Word,
)
from apps.compute.messages import Message
from apps.drift.models import ColumnDrift as ColumnRow
from apps.drift.models import DriftReport
from apps.jobs.models import Job, State
from apps.projects.models import Project
from tests.factories import make_file, make_job

ROWS = 34_370
BELL = (0.01, 0.02, 0.05, 0.09, 0.14, 0.19, 0.18, 0.13, 0.09, 0.05, 0.03, 0.02)
SHIFTED = (0.03, 0.06, 0.11, 0.16, 0.18, 0.16, 0.12, 0.08, 0.05, 0.03, 0.01, 0.01)
EVIL = "<img src=x onerror=alert(1)>"


def side(**fields: Any) -> SideSummary:
    return SideSummary(**{"rows": ROWS, **fields})


def number(name: str, value: float, verdict: Verdict, **fields: Any) -> ColumnDrift:
    """A numeric column by Wasserstein distance, limit 0.1."""
    low, middle, high = (200.0, 400.0, 700.0) if verdict is Verdict.NONE else (120.0, 250.0, 600.0)
    given = {
        "kind": "number",
        "role": "feature",
        "method": "wasserstein",
        "reference": side(
            distinct=90, minimum=0.0, maximum=1_000.0, mean=420.0, std=180.0,
            quantiles=(120.0, 300.0, 400.0, 520.0, 760.0),
        ),
        "current": side(
            distinct=88, minimum=0.0, maximum=980.0, mean=300.0, std=190.0,
            quantiles=(60.0, low, middle, high, 800.0),
        ),
        "value": value,
        "limit": 0.1,
        "low": value * 0.9,
        "high": value * 1.1,
        "strength": value / 0.1,
        "flagged": value >= 0.1,
        "effect": value,
        "p_value": 0.0001 if verdict is Verdict.DRIFT else 0.2,
        "adjusted": 0.002 if verdict is Verdict.DRIFT else 1.0,
        "null_high": 0.02,
        "picture": Picture(BELL, SHIFTED, edges=tuple(float(100 * i) for i in range(13))),
        **fields,
    }  # fmt: skip
    return ColumnDrift(name=name, verdict=verdict, **given)


def category(name: str, value: float, verdict: Verdict, **fields: Any) -> ColumnDrift:
    return number(
        name,
        value,
        verdict,
        **{
            "kind": "category",
            "method": "jensenshannon",
            "reference": side(distinct=7),
            "current": side(distinct=8, missing=34),
            "picture": Picture(
                (0.241, 0.213, 0.189, 0.142, 0.11, 0.061, 0.0),
                (0.298, 0.249, 0.112, 0.088, 0.099, 0.057, 0.062),
                labels=(
                    "Android 15", "iOS 19", "Android 14", "iOS 18", "Windows", "macOS", "HarmonyOS 5",
                ),
                other_reference=0.044,
                other_current=0.035,
            ),
            **fields,
        },
    )  # fmt: skip


def incomparable(name: str, role: str = "feature") -> ColumnDrift:
    return ColumnDrift(
        name=name,
        kind="number",
        role=role,
        verdict=Verdict.INCOMPARABLE,
        reference=side(),
        current=side(missing=ROWS),
        reason=Message("The %(side)s has no value in this column.", {"side": "current side"}),
    )


def columns() -> tuple[ColumnDrift, ...]:
    """Every kind of column and every verdict, in the order of a report."""
    drift, none = Verdict.DRIFT, Verdict.NONE
    return (
        number("score", 0.067, none, role="prediction", method="jensenshannon"),
        category(
            "device_os", 0.310, drift, since="2026-11-14T00:00:00",
            unseen=(Seen("HarmonyOS 5", 2_131), Seen(EVIL, 3)), unseen_rows=2_134, unseen_count=2,
            gone=(Seen("Windows Phone", 12),), gone_count=1,
        ),
        number(
            "merchant_age_days", 0.240, drift, since="2026-11-15T00:00:00",
            current=side(
                missing=1_306, distinct=80, minimum=0.0, maximum=980.0, mean=300.0, std=190.0,
                quantiles=(60.0, 120.0, 250.0, 400.0, 800.0),
            ),
            notes=(Message("Infinite values were left out: %(n)s.", {"n": 3}),),
        ),
        number(EVIL, 0.130, drift, since="2026-11-19T00:00:00"),
        number("session_minutes", 0.118, Verdict.UNSURE),
        number("amount_eur", 1e-9, Verdict.SMALL, method="ks", flagged=True, limit=0.05, strength=10.0,
               low=None, high=None, null_high=None),
        number("hour_of_day", 0.084, none),
        category("is_weekend", 0.05, none, kind="boolean",
                 picture=Picture((0.7, 0.3), (0.68, 0.32), labels=("false", "true"))),
        number(
            "first_seen", 0.047, none, kind="date",
            reference=side(minimum=1.7e9, maximum=1.71e9, mean=1.705e9, quantiles=(1.7e9,) * 5),
            current=side(minimum=1.7e9, maximum=1.71e9, mean=1.705e9, quantiles=(1.7e9,) * 5),
            picture=Picture(BELL, SHIFTED, edges=tuple(1.7e9 + 86_400 * i for i in range(13))),
        ),
        number("comment", 0.60, Verdict.UNSURE, kind="text", method="perc_text_content_drift", limit=0.55,
               picture=None, words=(Word("refund", "current", 1.4), Word("thanks", "reference", 0.9))),
        incomparable("is_fraud", role="target"),
    )  # fmt: skip


def findings() -> tuple[Finding, ...]:
    return (
        Finding("empty", "bad", Message("%(column)s: empty values", {"column": "merchant_age_days"}),
                Message("3.8%% of rows, reference 0.4%%.", {}), "merchant_age_days", 1_306),
        Finding("unseen", "warn", Message("%(column)s: values never seen before", {"column": "device_os"}),
                Message("HarmonyOS 5.", {}), "device_os", 2_131),
        Finding("schema", "ok", Message("Columns and types match the reference"), Message("24 columns.")),
    )  # fmt: skip


def windows(count: int = 20) -> tuple[Window, ...]:
    start = datetime(2026, 11, 4)
    return tuple(
        Window(
            (start + timedelta(days=i)).isoformat(),
            (start + timedelta(days=i + 1)).isoformat(),
            1_700,
            max(0, min(3, i - 9)),
            0.4 + max(0, i - 9) * 0.2,
        )
        for i in range(count)
    )


def result(found: tuple[ColumnDrift, ...] | None = None, **fields: Any) -> DriftResult:
    found = columns() if found is None else found
    compared = [column for column in found if column.verdict is not Verdict.INCOMPARABLE]
    flagged = sum(column.flagged for column in compared)
    given = {
        "reference_rows": 412_380,
        "current_rows": ROWS,
        "columns": found,
        "compared": len(compared),
        "flagged": flagged,
        "drifted": sum(column.verdict is Verdict.DRIFT for column in found),
        "drift_share": 0.5,
        "is_drift": bool(compared) and flagged >= len(compared) / 2,
        **fields,
    }
    return DriftResult(**given)


def full_result() -> DriftResult:
    """With everything that a report may have."""
    return result(
        findings=findings(),
        table=TableScore(0.97, 0.96, 0.98, 20_000, (Driver("device_os", 0.31), Driver("hour_of_day", 0.02))),
        windows=windows(),
        only_current=("new_column",),
        period=("2026-11-04T00:00:00", "2026-11-23T23:00:00"),
        reference_period=("2026-09-01T00:00:00", "2026-09-30T23:00:00"),
        since="2026-11-14T00:00:00",
        notes=(Message("Only %(n)s rows were classified.", {"n": 20_000}),),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def make_report(project: Project, found: DriftResult | None = None, **fields: Any) -> DriftReport:
    """A finished report if ``found`` is given, else one whose job waits."""
    last = DriftReport.objects.filter(project=project).order_by("-number").first()
    number_ = last.number + 1 if last else 1
    given = {
        "number": number_,
        "current_file": fields.pop("current_file", None) or make_file(project, name="november.parquet"),
        "reference_file": fields.pop("reference_file", None) or make_file(project, name="september.parquet"),
        "job": fields.pop("job", None) or make_job(project, state=State.SUCCEEDED if found else State.QUEUED),
        "series": "one",
        "created_by": project.created_by,
        **(summary_of(found, number_) if found else {}),
        **fields,
    }
    report = DriftReport.objects.create(project=project, **given)
    if found:
        ColumnRow.objects.bulk_create(row_of(report, place, each) for place, each in enumerate(found.columns))
    return report


def summary_of(found: DriftResult, number_: int) -> dict[str, Any]:
    states = [finding.state for finding in found.findings]
    strengths = [column.strength for column in found.columns if column.strength is not None]
    start = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=number_)
    return {
        "reference_rows": found.reference_rows,
        "current_rows": found.current_rows,
        "compared": found.compared,
        "flagged": found.flagged,
        "drifted": found.drifted,
        "is_drift": found.is_drift,
        "strongest": max(strengths, default=None),
        "findings_bad": states.count("bad"),
        "findings_warn": states.count("warn"),
        "findings_ok": states.count("ok"),
        "observed_from": start,
        "observed_to": start,
        "since": _moment(found.since),
        "result": found.summary_json(),
    }


def row_of(report: DriftReport, place: int, column: ColumnDrift) -> ColumnRow:
    return ColumnRow(
        report=report,
        place=place,
        since=_moment(column.since),
        data=column.to_json(),
        **{
            name: getattr(column, name)
            for name in ("name", "kind", "role", "method", "flagged", "value", "strength")
        },
        verdict=column.verdict.value,
    )


def fill(project: Project, count: int) -> None:
    """Many finished reports without columns, in a few queries."""
    first = make_report(project, result(()))
    jobs = Job.objects.bulk_create(
        Job(project=project, created_by=project.created_by, task="t", title="t", state=State.SUCCEEDED)
        for _ in range(count - 1)
    )
    DriftReport.objects.bulk_create(
        DriftReport(
            project=project,
            number=first.number + 1 + i,
            job=job,
            series="many",
            created_by=project.created_by,
            current_file_id=first.current_file_id,
            reference_file_id=first.reference_file_id,
            **summary_of(result(()), first.number + 1 + i),
        )
        for i, job in enumerate(jobs)
    )
