"""The worker's side of a comparison: find each run's table again, compare, say what to save."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from apps.compute.aligned import Side
from apps.compute.comparison import compare
from apps.compute.messages import Message
from apps.compute.results import Task
from apps.datasets import storage
from apps.datasets.pipeline import part
from apps.evaluations.comparisons import found_rows_name, in_order, is_baseline
from apps.evaluations.models import Comparison, Run
from apps.evaluations.pipeline import table_of
from apps.evaluations.signals import comparison_finished
from apps.jobs.models import Job
from apps.jobs.progress import Progress


def named(run: Run) -> Message:
    """The run in a sentence of the comparison; the words are those of ``str(run)``."""
    return Message("Run %(number)d", {"number": run.number})


def run_comparison(job: Job, progress: Progress) -> Callable[[], None]:
    comparison = Comparison.objects.get(job=job)
    runs = in_order(comparison)
    with storage.work_folder() as folder:
        sides = []
        for place, run in enumerate(runs):
            stretch = part(progress, 0.5 * place / len(runs), 0.5 * (place + 1) / len(runs))
            table = table_of(run, folder / f"{place}.parquet", stretch)
            sides.append(Side(named(run), table.path, table.roles, run.positive or None, run.threshold))
        baselines = [place for place, run in enumerate(runs) if is_baseline(run)]
        result = compare(
            sides,
            Task(runs[0].task),
            part(progress, 0.5, 0.99),
            baseline=baselines[0] if baselines else None,
            rows=folder / "flips.parquet",
        )
        if result.kept_flips is not None:
            storage.publish_found_rows(folder / "flips.parquet", found_rows_name(comparison))

    def save() -> None:
        Comparison.objects.filter(pk=comparison.pk).update(result=result.to_json())
        transaction.on_commit(
            lambda: comparison_finished.send(sender=Comparison, comparison=comparison), robust=True
        )

    return save
