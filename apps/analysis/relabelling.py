"""Lists of suspects that come back from people, filled in."""

from __future__ import annotations

import math

from django.db import transaction

from apps.accounts.models import User
from apps.analysis.kinds import faults
from apps.analysis.models import Analysis, Relabelling
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets import services as datasets
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile
from apps.jobs import idempotency
from apps.jobs import services as jobs
from apps.projects.access import Action, require

RELABEL_TASK = "apps.analysis.tasks.relabel"
MOST_DAYS = 10_000


def submit_relabelling(
    *,
    analysis: Analysis,
    user: User,
    upload: IncomingFile,
    days: float | None = None,
    sha256: str = "",
    idempotency_key: str = "",
) -> Relabelling:
    """Keep a filled-in list of the suspects of ``analysis`` and start the job that corrects the labels.

    The job writes a new file with the corrected labels and starts a new run of the same predictions; whatever
    was stored before stays as it is. ``days`` is how long people worked on the list. Two requests with one
    ``idempotency_key`` make one relabelling. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, analysis.project)
    datasets.check_upload(upload, sha256=sha256)
    _check(analysis, days)
    fingerprint = idempotency.fingerprint("relabelling", analysis.pk, upload.sha256, days)
    with transaction.atomic():
        if idempotency_key and (
            job := idempotency.first_job(user=user, key=idempotency_key, fingerprint=fingerprint)
        ):
            first: Relabelling = Relabelling.objects.select_related("job", "project").get(job=job)
            return first
        kept = _create(analysis, user, upload, days)
        if idempotency_key:
            idempotency.remember(user=user, key=idempotency_key, fingerprint=fingerprint, job=kept.job)
    return kept


def _check(analysis: Analysis, days: float | None) -> None:
    if analysis.kind != faults.KEY:
        raise InputRejected("no_suspects", _NO_SUSPECTS)
    if days is not None and not (math.isfinite(days) and 0 <= days <= MOST_DAYS):
        raise InputRejected("days_out_of_range", _DAYS, most=MOST_DAYS)


def _create(analysis: Analysis, user: User, upload: IncomingFile, days: float | None) -> Relabelling:
    run = analysis.run
    file = datasets.store_file(
        project=analysis.project, user=user, upload=upload, purpose=DataFile.Purpose.DATA
    )
    job = jobs.submit_job(
        project=analysis.project,
        user=user,
        task=RELABEL_TASK,
        title=f"{run}: {file.name}",
        queue=datasets.queue_for(file, run.file, run.truth),
    )
    kept: Relabelling = Relabelling.objects.create(
        project=analysis.project,
        analysis=analysis,
        run=run,
        list_file=file,
        days=days,
        job=job,
        created_by=user,
    )
    return kept


_NO_SUSPECTS = gettext_noop(
    "This question did not look for faults of the data, so there is no list to fill in. Ask for data faults "
    "and use the list of that answer."
)
_DAYS = gettext_noop("The days of work are a number from 0 to %(most)d. Leave them out if nobody knows.")
