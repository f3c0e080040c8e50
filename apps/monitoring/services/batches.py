"""Batches that arrive.

What becomes of a batch:

* for a window that ends later than now (five minutes are forgiven), before the monitor's first window or
  after its last one, or of a monitor that is paused or archived: refused;
* a file of 0 bytes is refused; a table without rows is a batch of 0 rows;
* the window of a current batch and the same content: answered with that batch, nothing new is made;
* the window of a current batch and other content: refused (``batch_exists``), or with ``replace`` a
  correction: the batch before it is replaced, and its results count no more;
* a window that overlaps that of a current batch in part: refused, names that batch;
* later than the monitor's grace after the end of its window: kept, and marked as late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.monitoring.rhythm import Window
from apps.datasets import services as datasets
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile
from apps.jobs import idempotency
from apps.jobs import services as jobs
from apps.monitoring.models import Batch, Monitor
from apps.monitoring.scheduling import submit_evaluation
from apps.monitoring.services.checks import CLOCKS_APART, in_zone, locked
from apps.monitoring.services.incoming import received
from apps.monitoring.windows import rhythm_of
from apps.projects.access import Action, require

CHECK_TASK = "apps.monitoring.tasks.check"


@dataclass(frozen=True, slots=True)
class Accepted:
    """``repeated``: the portal had this batch already, and nothing was started."""

    batch: Batch
    repeated: bool


def submit_batch(
    *,
    monitor: Monitor,
    user: User,
    upload: IncomingFile | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    replace: bool = False,
    sha256: str = "",
    idempotency_key: str = "",
    arrived_at: datetime | None = None,
) -> Accepted:
    """Keep what the system saw in [start, end) and start its check; the module says what becomes of it.

    ``start`` alone means the window of the rhythm that starts there. Naive times are in the monitor's zone.
    Two requests with one ``idempotency_key`` make one batch. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, monitor.project)
    window = _window(monitor, start, end)
    content = received(monitor, upload, rows, sha256)
    try:
        with transaction.atomic():
            said = [monitor.pk, window.start, window.end, content.sha256, replace]
            fingerprint = idempotency.fingerprint("batch", *said)
            if idempotency_key and (
                job := idempotency.first_job(user=user, key=idempotency_key, fingerprint=fingerprint)
            ):
                return Accepted(Batch.objects.select_related("job", "monitor").get(job=job), True)
            accepted = _accept(monitor, user, content, window, replace, arrived_at or timezone.now())
            if idempotency_key:
                idempotency.remember(
                    user=user, key=idempotency_key, fingerprint=fingerprint, job=accepted.batch.job
                )
            return accepted
    finally:
        if rows is not None:
            content.close()


def _window(monitor: Monitor, start: datetime | None, end: datetime | None) -> Window:
    if start is None:
        raise InputRejected(
            "no_window",
            gettext_noop(
                "Say which window the batch is of: its start and its end, or its start alone when it is a "
                "window of the monitor's rhythm."
            ),
        )
    start = in_zone(start, monitor.zone)
    if end is not None:
        end = in_zone(end, monitor.zone)
        if end <= start:
            raise InputRejected(
                "window_ends_before_start",
                gettext_noop("The window ends at %(end)s, which is not after its start, %(start)s."),
                start=_written(start),
                end=_written(end),
            )
        return Window(start, end)
    window = rhythm_of(monitor).window_of(start)
    if window.start != start:
        raise InputRejected(
            "no_window_starts_there",
            gettext_noop(
                "No window of the rhythm starts at %(start)s; the one around it is from %(first)s to "
                "%(last)s. Give its start, or an end too."
            ),
            start=_written(start),
            first=_written(window.start),
            last=_written(window.end),
        )
    return window


def _accept(
    monitor: Monitor, user: User, content: IncomingFile, window: Window, replace: bool, arrived_at: datetime
) -> Accepted:
    same = monitor.batches.current().select_related("job").filter(start=window.start, end=window.end)
    same.select_for_update(of=("self",), no_key=True).first()  # workers lock a batch before its monitor too
    monitor = locked(monitor)
    _check_window(monitor, window, arrived_at)
    there = same.first()
    if there is None:
        _check_overlap(monitor, window)
    elif there.sha256 == content.sha256:
        return Accepted(there, True)
    elif not replace:
        raise _batch_exists(there)
    else:
        Batch.objects.filter(pk=there.pk).update(replaced_at=arrived_at)
    accepted = Accepted(_create(monitor, user, content, window, arrived_at), False)
    if there is not None and there.labelled:  # its rows count no more, whatever becomes of the correction
        submit_evaluation(monitor=monitor, user=user)
    return accepted


def _create(
    monitor: Monitor, user: User, content: IncomingFile, window: Window, arrived_at: datetime
) -> Batch:
    project = monitor.project
    file = datasets.store_file(project=project, user=user, upload=content, purpose=DataFile.Purpose.BATCH)
    number = (monitor.batches.aggregate(last=Max("number"))["last"] or 0) + 1
    job = jobs.submit_job(
        project=project,
        user=user,
        task=CHECK_TASK,
        title=f"{monitor.name}: {number}",
        queue=datasets.queue_for(file),
    )
    return Batch.objects.create(
        monitor=monitor,
        number=number,
        start=window.start,
        end=window.end,
        file=file,
        sha256=file.sha256,
        arrived_at=arrived_at,
        is_late=arrived_at > window.end + timedelta(minutes=monitor.grace_minutes),
        job=job,
        created_by=user,
    )


def _check_window(monitor: Monitor, window: Window, arrived_at: datetime) -> None:
    start, end = _written(window.start), _written(window.end)
    if monitor.paused_at is not None:
        raise InputRejected(
            "monitor_paused",
            gettext_noop("The monitor “%(name)s” is paused. Resume it, then send the batch again."),
            name=monitor.name,
        )
    if window.end > arrived_at + CLOCKS_APART:
        raise InputRejected(
            "window_in_future",
            gettext_noop("The window ends at %(end)s, which is still to come. Send the batch after that."),
            end=end,
        )
    if window.start < monitor.starts_at:
        raise InputRejected(
            "window_too_early",
            gettext_noop(
                "The window starts at %(start)s, before the monitor's first window, which starts at "
                "%(first)s."
            ),
            first=_written(monitor.starts_at),
            start=start,
        )
    if monitor.ends_at is not None and window.end > monitor.ends_at:
        raise InputRejected(
            "window_too_late",
            gettext_noop("The window ends at %(end)s; the monitor's last window ended at %(last)s."),
            last=_written(monitor.ends_at),
            end=end,
        )


def _check_overlap(monitor: Monitor, window: Window) -> None:
    """Current batches do not overlap each other, so two of them can overlap a window at its ends alone."""
    current = monitor.batches.current().only("monitor", "number", "start", "end")
    inside = current.filter(start__gte=window.start, start__lt=window.end).order_by("start").first()
    before = current.filter(start__lt=window.start).order_by("-start").first()
    other = before if before is not None and before.end > window.start else inside
    if other is None:
        return
    raise InputRejected(
        "batch_overlaps",
        gettext_noop(
            "The window from %(start)s to %(end)s overlaps that of batch %(number)s, from %(first)s to "
            "%(last)s. Send windows that do not overlap, or correct that batch in its own window."
        ),
        number=other.number,
        start=_written(window.start),
        end=_written(window.end),
        first=_written(other.start),
        last=_written(other.end),
    )


def _batch_exists(batch: Batch) -> InputRejected:
    return InputRejected(
        "batch_exists",
        gettext_noop(
            "Batch %(number)s has this window already, with other content. If this one corrects it, send it "
            "again and say that it replaces the other."
        ),
        number=batch.number,
    )


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
