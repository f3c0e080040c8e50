"""A thousand batches at once for one monitor, and labels for all of them.

PostgreSQL, Valkey and storage are scratch; no worker runs. A batch is a Parquet file of 48 rows. Submitting
must not get slower with the batches that are there, so the first hundred stand beside the last hundred.
Medians.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from apps.jobs.embedded.valkey import Valkey
from benchmarks.portfolio import scratch_database

BATCHES, ROWS, SOME = 1_000, 48, 100
FILES = 10_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, scratch_database(), broker(Path(folder)):
        monitor = _monitor()
        times = _submit(monitor, Path(folder), range(BATCHES))
        labels = _table(range(BATCHES)).select("id", "y_true")
        unread, kept = (_match(monitor, labels.head(-late)) for late in (1, 2))
        _fill(monitor, FILES)
        crowded = _submit(monitor, Path(folder), range(BATCHES, BATCHES + SOME))
    print(f"Intake, {BATCHES:,} batches of {ROWS} rows for one monitor")
    print(f"  submit, first {SOME}               {1_000 * np.median(times[:SOME]):8.1f} ms a batch")
    print(f"  submit, last {SOME}                {1_000 * np.median(times[-SOME:]):8.1f} ms a batch")
    print(f"  submit, beside {FILES:,} files     {1_000 * np.median(crowded):8.1f} ms a batch")
    print(f"  match labels of all, unread      {unread:8.1f} s")
    print(f"  match labels of all, read        {kept:8.1f} s")


@contextmanager
def broker(folder: Path) -> Iterator[None]:
    valkey = Valkey(folder / "valkey")
    program = valkey.prepare()
    process = program.start(output=subprocess.DEVNULL)
    valkey.wait_until_ready(process)
    os.environ["CELERY_BROKER_URL"] = valkey.url  # Celery prefers it to the settings
    try:
        yield
    finally:
        program.stop(process)


def _table(days: range) -> pl.DataFrame:
    """The rows of some days; every id is another."""
    ids = np.arange(days.start * ROWS, days.stop * ROWS)
    rng = np.random.default_rng(days.start)
    says = {"x": rng.random(len(ids)), "y_true": ids % 2, "y_pred": ids % 3 // 2}
    return pl.DataFrame({"id": ids, **says})


def _monitor() -> Any:
    from django.db import transaction

    from tests.factories import make_project
    from tests.monitoring.streams import monitor_of, roles

    said = {"id": "id", "y_true": "target"}
    with transaction.atomic():
        return monitor_of(make_project(), _table(range(20)), roles(y_pred="prediction"), roles=roles(**said))


def _submit(monitor: Any, folder: Path, days: range) -> list[float]:
    """Seconds of each, without those in which the upload travels."""
    from apps.datasets.uploads import incoming_from_path
    from apps.monitoring.services.batches import submit_batch

    times, path = [], folder / "batch.parquet"
    for day in days:
        _table(range(day, day + 1)).drop("y_true").write_parquet(path)
        upload, start = incoming_from_path(path), monitor.starts_at + timedelta(days=day)
        began = perf_counter()
        submit_batch(monitor=monitor, user=monitor.created_by, upload=upload, start=start)
        times.append(perf_counter() - began)
    return times


def _match(monitor: Any, labels: pl.DataFrame) -> float:
    from django.db import transaction

    from tests.monitoring.streams import label

    began = perf_counter()
    with transaction.atomic():
        upload = label(monitor, labels)
    seconds = perf_counter() - began
    upload.refresh_from_db()
    assert upload.matched == len(labels)
    return seconds


def _fill(monitor: Any, files: int) -> None:
    """Rows of files of the project, with profiles as those of real ones."""
    from apps.datasets.models import DataFile

    said = {"project": monitor.project, "uploaded_by": monitor.created_by, "name": "rows.parquet", "size": 9}
    profile = monitor.reference_file.profile
    rows = [DataFile(sha256=f"{n:064x}", rows=ROWS, profile=profile, **said) for n in range(files)]
    DataFile.objects.bulk_create(rows, 1_000)


if __name__ == "__main__":
    main()
