"""The worker's side of metrics: batches whose labels are new, estimates, and the newest windows as one.

Every job looks for all that is to be done for its monitor, so a lost or doubled job does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from apps.compute.messages import Message, gettext_noop
from apps.compute.monitoring.pooled import Pooled
from apps.datasets import pipeline as datasets
from apps.datasets import storage
from apps.jobs.models import Job
from apps.jobs.progress import Progress
from apps.monitoring import evaluation_rows as rows
from apps.monitoring import live
from apps.monitoring.judging import judge
from apps.monitoring.models import Batch, Monitor
from apps.monitoring.scheduling import submit_evaluation

#: Batches of one job; another job does the rest.
MOST_BATCHES = 200


def run_evaluation(job: Job, progress: Progress) -> Callable[[], None]:
    """A job that a newer one of its monitor has replaced leaves the work to that one."""
    monitor = (
        Monitor.objects.select_related("project", "reference_file", "reference_version__dataset")
        .filter(evaluation_job=job)
        .first()
    )
    if monitor is None:
        return lambda: None
    with storage.work_folder() as folder:
        work = _Work(monitor, folder)
        work.do(progress)
    return lambda: _save(job, work)


class _Work:
    """What one job computes; nothing is written to the database before it is saved."""

    def __init__(self, monitor: Monitor, folder: Path) -> None:
        self.monitor = monitor
        self.system = live.System(monitor, folder)
        self.measured: list[rows.MeasuredBatch] = []
        self.estimated: list[rows.EstimatedBatch] = []
        self.windows: list[rows.LiveWindow] = []
        self.identity = ""
        self.pooled: Pooled | None = None

    def do(self, progress: Progress) -> None:
        self.system.learn(datasets.part(progress, 0.0, 0.1))
        labelled = list(rows.to_measure(self.monitor)[:MOST_BATCHES])
        for place, batch in enumerate(labelled):
            progress(_MEASURING, 0.1 + 0.4 * place / len(labelled))
            self.measured.append(self.system.measure(batch))
        unlabelled = self.to_estimate()
        for place, batch in enumerate(unlabelled):
            progress(_ESTIMATING, 0.5 + 0.3 * place / len(unlabelled))
            self.estimated.append(self.system.estimate(batch))
        progress(_POOLING, 0.8)
        self.windows = rows.newest_labelled(self.monitor, self.system.champion, self.measured)
        self.identity = rows.identity_of(self.windows, self.system.said)
        if self.windows and (self.monitor.pooled or {}).get("identity") != self.identity:
            self.pooled = self.system.pool(self.windows, self.identity)

    def to_estimate(self) -> list[Batch]:
        return list(rows.to_estimate(self.monitor)[:MOST_BATCHES]) if self.system.estimators else []


def _save(job: Job, work: _Work) -> None:
    monitor = work.monitor
    # Every save locks batches before their monitor.
    rows.save_measured(monitor, work.measured)
    rows.save_estimated(monitor, work.estimated)
    if work.system.learned != monitor.learned:
        Monitor.objects.filter(pk=monitor.pk).update(learned=work.system.learned)
    _save_pooled(work)
    if rows.to_measure(monitor).exists() or work.to_estimate():
        submit_evaluation(monitor=monitor, user=job.created_by)
    transaction.on_commit(lambda: judge.judge(monitor.pk), robust=True)


def _save_pooled(work: _Work) -> None:
    """What was pooled, if those are still the newest windows: another job may have saved in between. Windows
    whose files are kept no longer leave what was found in them.
    """
    monitors = Monitor.objects.filter(pk=work.monitor.pk)
    windows = rows.newest_labelled(work.monitor, work.system.champion, ())
    if not windows:
        monitors.exclude(pooled=None).update(pooled=None, pooled_at=timezone.now())
    elif work.pooled is not None and rows.identity_of(windows, work.system.said) == work.identity:
        monitors.update(pooled=work.pooled.to_json(), pooled_at=timezone.now())


_MEASURING = Message(gettext_noop("Metrics of the batches whose labels are known"))
_ESTIMATING = Message(gettext_noop("Estimates without labels"))
_POOLING = Message(gettext_noop("The newest windows as one"))
