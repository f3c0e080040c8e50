"""The worker's side: find the run's table again, ask its rows, say what to save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.analysis.models import Analysis
from apps.analysis.registry import KINDS, Params
from apps.analysis.signals import analysis_finished
from apps.compute.messages import Message
from apps.compute.results import MetricResult
from apps.datasets import storage
from apps.datasets.pipeline import part
from apps.evaluations.models import MetricValue, Run
from apps.evaluations.pipeline import Table, table_of
from apps.jobs.models import Job
from apps.jobs.progress import Progress


@dataclass(frozen=True, slots=True)
class Work:
    """``table`` is what the run is judged on; ``folder`` takes files made on the way."""

    run: Run
    table: Table
    params: Params
    folder: Path
    progress: Callable[[Message, float], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric that requirements can use: overall (both texts empty) or of a slice."""

    result: MetricResult
    slice_column: str = ""
    slice_value: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``result`` is JSON. ``rows`` is a Parquet file of rows to look at, ``count`` how many it has."""

    result: dict[str, Any]
    rows: Path | None = None
    count: int | None = None
    measured: Sequence[Measured] = field(default_factory=tuple)


def run_analysis(job: Job, progress: Progress) -> Callable[[], None]:
    analysis = Analysis.objects.select_related("run__file", "run__truth", "run__project").get(job=job)
    run = analysis.run
    with storage.work_folder() as folder:
        table = table_of(run, folder / "joined.parquet", part(progress, 0.0, 0.4))
        work = Work(run, table, analysis.params, folder, part(progress, 0.4, 0.99))
        outcome: Outcome = KINDS[analysis.kind].work()(work)
        if outcome.rows is not None:
            storage.publish_found_rows(outcome.rows, str(analysis.pk))
    return lambda: _save(analysis, outcome)


def _save(analysis: Analysis, outcome: Outcome) -> None:
    Analysis.objects.filter(pk=analysis.pk).update(result=outcome.result, rows=outcome.count)
    MetricValue.objects.bulk_create(
        [
            MetricValue(
                run=analysis.run,
                metric=measured.result.key,
                slice_column=measured.slice_column,
                slice_value=measured.slice_value,
                value=measured.result.value,
                low=measured.result.low,
                high=measured.result.high,
                n=measured.result.n,
            )
            for measured in outcome.measured
        ],
        update_conflicts=True,
        unique_fields=["run", "metric", "slice_column", "slice_value"],
        update_fields=["value", "low", "high", "n"],
        batch_size=2_000,
    )
    transaction.on_commit(lambda: analysis_finished.send(sender=Analysis, analysis=analysis), robust=True)
