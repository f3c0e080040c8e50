"""How many batches one worker takes in a minute, and a monitor with many stored batches for its page.

A batch is a Parquet file of 25 columns x 10,000 rows; PostgreSQL and storage are scratch. Measured are
whole jobs: normalise and profile the file, check it against the reference and the batch before, estimate
metrics, and save; with labels also every metric of one model, in the window and in the newest ten as one.
"""

from __future__ import annotations

import random
import resource
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from benchmarks.drift import make_files
from benchmarks.intake import broker
from benchmarks.portfolio import scratch_database

BATCHES, ROWS = 10, 10_000
STORED, REPEATS = 10_000, 5
NUMBERS, CATEGORIES = 16, 5  # with id, label, prediction and probability 25 columns
TARGET = "at least 200 batches a minute"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, scratch_database(), broker(Path(folder)):
        frames = _frames(folder)
        monitor = _monitor(frames[0])
        checked = _seconds(monitor, frames[1:], labels=False)
        both = _seconds(monitor, frames[1:], labels=True)
        fill(monitor)
        judged, page = _judging(monitor), _page(monitor)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Monitoring, batches of {ROWS:,} rows x 25 columns: one worker, in one minute")
    print(f"  checked and estimated            {60 / checked:8.0f}   (target: {TARGET})")
    print(f"  and every metric from labels     {60 / both:8.0f}")
    print(f"  peak memory                      {memory:8.0f} MB")
    print(f"With {STORED:,} stored batches")
    print(f"  judging                          {1_000 * judged:8.0f} ms")
    print(f"  the monitor's page               {1_000 * page:8.0f} ms")


def _frames(folder: str) -> list[pl.DataFrame]:
    """A reference and as many batches, whose labels are as likely as their probabilities say."""
    make_files(folder, ROWS, NUMBERS, CATEGORIES)
    base = pl.read_parquet(Path(folder, "reference.parquet"))
    frames = []
    for seed in range(BATCHES + 1):
        rng = np.random.default_rng(seed)
        probability = rng.beta(0.6, 1.4, ROWS)
        frames.append(
            base.sample(ROWS, with_replacement=True, seed=seed).with_columns(
                id=pl.Series(np.arange(ROWS) + seed * ROWS),
                y_true=pl.Series((rng.random(ROWS) < probability).astype(np.int8)),
                y_pred=pl.Series((probability >= 0.5).astype(np.int8)),
                proba=pl.Series(probability),
            )
        )
    return frames


def _monitor(reference: pl.DataFrame) -> Any:
    from django.db import transaction

    from tests.factories import make_project
    from tests.monitoring.streams import monitor_of, roles

    with transaction.atomic():
        return monitor_of(
            make_project(),
            reference,
            roles(y_pred="prediction", proba="probability:1"),
            positive="1",
            roles=roles(id="id", y_true="target"),
        )


def _seconds(monitor: Any, frames: list[pl.DataFrame], *, labels: bool) -> float:
    """Of one batch; the first, in which the worker warms up, does not count."""
    from django.db import transaction

    from tests.monitoring.streams import START, arrive, evaluate

    times = []
    for place, frame in enumerate(frames):
        start = START + timedelta(days=place + labels * len(frames))
        sent = frame if labels else frame.drop("y_true")
        began = perf_counter()
        with transaction.atomic():
            arrive(monitor, sent, start, start + timedelta(days=1))
            evaluate(monitor)
        times.append(perf_counter() - began)
    return float(np.mean(times[1:]))


def _judging(monitor: Any) -> float:
    from apps.monitoring.judging.judge import judge

    now = monitor.batches.current().order_by("-start").values_list("end", flat=True).first()
    return _median(lambda: judge(monitor.pk, now))


def _page(monitor: Any) -> float:
    """The whole request: middleware, queries and template."""
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(monitor.created_by)
    address = reverse("monitoring:detail", args=[monitor.project.slug, monitor.number])

    def ask() -> None:
        assert client.get(address, {"windows": "all"}).status_code == 200

    return _median(ask)


def _median(work: Callable[[], None]) -> float:
    times = []
    for _ in range(REPEATS):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return float(np.median(times))


def fill(monitor: Any, batches: int = STORED) -> None:
    """Checked daily batches before the present ones, of which nine in ten have labels, as rows alone.

    Each is a job, a batch with the check of an earlier one, and the metrics of the champion.
    """
    from apps.jobs.models import Job, State
    from apps.monitoring.models import Batch, LiveMetric

    model = monitor.models.get(part="champion", until=None)
    check = monitor.batches.filter(check_result__isnull=False).values_list("check_result", flat=True).first()
    rng = random.Random(0)  # noqa: S311  no secret
    first, number = monitor.starts_at, monitor.batches.count()
    said = {"project": monitor.project, "created_by": monitor.created_by, "task": "", "title": monitor.name}
    jobs = Job.objects.bulk_create([Job(state=State.SUCCEEDED, **said) for _ in range(batches)], 1_000)
    rows = []
    for place, job in enumerate(jobs):
        start = first + timedelta(days=place + 2 * number)
        rows.append(
            Batch(
                monitor=monitor, number=number + place + 1, start=start, end=start + timedelta(days=1),
                sha256=f"{place:064x}", arrived_at=start + timedelta(days=1), job=job,
                created_by=monitor.created_by, rows=rng.randint(900, 1_100), check_result=check,
                drifted=rng.randint(0, 3), strongest=rng.random(), broken=int(rng.random() < 0.02),
                warned=rng.randint(0, 1), labels_ticket=1, evaluated_ticket=1, is_estimated=True,
                labelled=900 * (place < 0.9 * batches),
            )
        )  # fmt: skip
    kept = Batch.objects.bulk_create(rows, 1_000)
    metrics = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier")
    LiveMetric.objects.bulk_create(
        [
            LiveMetric(
                batch=batch, monitor=monitor, watched=model, start=batch.start, metric=metric,
                estimated=estimated, value=0.8, low=0.78, high=0.82, n=900,
            )
            for batch in kept
            for metric in metrics
            for estimated in ((False, True) if batch.labelled else (True,))
        ],
        5_000,
    )  # fmt: skip


if __name__ == "__main__":
    main()
