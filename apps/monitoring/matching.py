"""The worker's side of labels that arrived: which batches they belong to.

Labels may come before their batch, so both look for each other: an upload among the batches that are there
(`run_match`), a batch among the uploads that came before it (`match_batch`). Whichever row is committed
second sees the other. Both may find the same pair; its row is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from django.db.models import F, Q, QuerySet, Sum

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.datasets import pipeline
from apps.datasets.models import DataFile
from apps.jobs.models import UNFINISHED, Job, State
from apps.jobs.progress import Progress
from apps.monitoring import tables
from apps.monitoring.arrived_labels import ArrivedLabels, read_upload
from apps.monitoring.keys import Keys, each_key, ids_in, kept_keys, places
from apps.monitoring.models import Batch, LabelMatch, LabelUpload, Monitor
from apps.monitoring.scheduling import submit_evaluation

EXAMPLES = 5
Save = Callable[[], None]


def run_match(job: Job, progress: Progress) -> Save:
    """Find the current batches that have the ids of an upload."""
    uploads = LabelUpload.objects.select_related("monitor__project", "file", "created_by")
    upload = uploads.get(job=job)
    arrived = read_upload(upload, pipeline.part(progress, 0.0, 0.5))
    known, found = _batches_with(arrived.keys, upload.monitor, progress)
    matches = [LabelMatch(upload=upload, batch_id=batch, rows=rows) for batch, rows in found.items()]
    examples = _unknown(arrived.ids, known)
    notes = arrived.notes()

    def save() -> None:
        is_new = _add(matches)
        _save_upload(arrived, unknown_examples=examples, notes=notes)
        _recount(upload)
        if is_new:
            submit_evaluation(monitor=upload.monitor, user=upload.created_by)

    return save


def match_batch(batch: Batch) -> Save:
    """Look for labels of a new batch among the uploads that came before it, or instead of those of the batch
    that it corrects. Reads files, so call it outside a transaction; what it returns saves the matches and
    raises ``labels_ticket`` if there are new ones, and is called in the transaction that saves the check.
    """
    keys = _keys_of(batch, tables.id_of(batch.monitor))
    found: list[tuple[ArrivedLabels, LabelMatch, list[str]]] = []
    for upload in _earlier_uploads(batch):
        try:
            arrived = read_upload(upload, lambda message, fraction: None)
        except InputRejected:  # which the job of the upload says
            continue
        if rows := len(places(keys, arrived.keys)):
            still = [text for text in upload.unknown_examples if not len(places(each_key([text]), keys))]
            found.append((arrived, LabelMatch(upload=upload, batch=batch, rows=rows), still))

    def save() -> None:
        _add([match for _arrived, match, _still in found])
        for arrived, _match, still in found:
            _save_upload(arrived, unknown_examples=still)
        recounted = {arrived.upload.pk for arrived, _match, _still in found}
        for upload in LabelUpload.objects.filter(Q(pk__in=recounted) | _of_corrected(batch)).order_by("pk"):
            _recount(upload)

    return save


def _of_corrected(batch: Batch) -> Q:
    """Uploads with labels of a batch that this one corrects; it may have fewer of their ids, or none."""
    corrected = Batch.objects.filter(monitor=batch.monitor_id, start=batch.start, end=batch.end)
    matches = LabelMatch.objects.filter(batch__in=corrected.exclude(pk=batch.pk))
    return Q(pk__in=matches.values("upload"))


def _earlier_uploads(batch: Batch) -> QuerySet[LabelUpload]:
    """Uploads that may have labels of this batch: not all of their ids were found, or one of the batches that
    it corrects has some.
    """
    waiting = Q(rows=None) | Q(matched__lt=F("rows"))
    uploads = batch.monitor.label_uploads.filter(waiting | _of_corrected(batch)).exclude(file=None)
    uploads = uploads.filter(job__state__in=[*UNFINISHED, State.SUCCEEDED])
    return uploads.select_related("file", "monitor").order_by("number")


def _batches_with(keys: Keys, monitor: Monitor, progress: Progress) -> tuple[Keys, dict[int, int]]:
    """The keys that current batches have, and how many each of these has. The newest batches are looked at
    first, and no more of them when all keys are found.
    """
    batches = _current_batches(monitor)
    known = np.zeros(len(keys), bool)
    found: dict[int, int] = {}
    total = batches.count()
    column = tables.id_of(monitor)
    for seen, batch in enumerate(batches.iterator(chunk_size=200)):
        if known.all():
            break
        progress(Message(gettext_noop("Looking for the ids in the batches")), 0.5 + 0.5 * seen / total)
        where = places(_keys_of(batch, column), keys)
        if len(where):
            known[where] = True
            found[batch.pk] = len(where)
    return keys[known], found


def _current_batches(monitor: Monitor) -> QuerySet[Batch]:
    batches = Batch.objects.current().filter(monitor=monitor).exclude(file=None)
    return batches.select_related("file").defer("check_result", "notes", "file__profile").order_by("-start")


def _keys_of(batch: Batch, column: str | None) -> Keys:
    """The keys of the ids of a batch; none when it cannot be read, which its own job says."""
    if batch.file is None or column is None:
        return np.empty(0, np.uint64)
    file: DataFile = batch.file
    try:
        return kept_keys(batch.sha256, column, lambda: ids_in(_table(file), column))
    except InputRejected:
        return np.empty(0, np.uint64)


def _table(file: DataFile) -> Any:
    return pipeline.table_of(file, lambda message, fraction: None).path


def _unknown(ids: Sequence[str], known: Keys) -> list[str]:
    """The first ids that no batch has."""

    def unknown() -> Iterator[str]:
        for start in range(0, len(ids), 10_000):
            part = ids[start : start + 10_000]
            has = np.isin(each_key(part), known)
            yield from (text for text, is_known in zip(part, has, strict=True) if not is_known)

    return [text[:200] for text, _number in zip(unknown(), range(EXAMPLES), strict=False)]


# Saving


def _add(matches: Sequence[LabelMatch]) -> bool:
    """Keep the matches that are new and raise the tickets of their batches. Returns whether there are any.

    Every save locks batches, then uploads, then the monitor.
    """
    batches = {match.batch_id for match in matches}
    list(Batch.objects.select_for_update(no_key=True).filter(pk__in=batches).order_by("pk").values_list("pk"))
    uploads = {match.upload_id for match in matches}
    there = set(
        LabelMatch.objects.filter(upload__in=uploads, batch__in=batches).values_list("upload", "batch")
    )
    new = [match for match in matches if (match.upload_id, match.batch_id) not in there]
    LabelMatch.objects.bulk_create(new, batch_size=1_000)
    Batch.objects.filter(pk__in={match.batch_id for match in new}).update(
        labels_ticket=F("labels_ticket") + 1
    )
    return bool(new)


def _save_upload(arrived: ArrivedLabels, **fields: Any) -> None:
    pipeline.save_fields({arrived.upload.file: arrived.table} if arrived.upload.file else {})
    LabelUpload.objects.filter(pk=arrived.upload.pk).update(
        rows=len(arrived.keys),
        id_column=arrived.columns.id_column,
        label_column=arrived.columns.label_column,
        **fields,
    )


def _recount(upload: LabelUpload) -> None:
    """``matched`` follows from the matches with current batches; an id in two batches counts once at most."""
    matches = LabelMatch.objects.filter(upload=upload, batch__replaced_at=None)
    rows = matches.aggregate(rows=Sum("rows"))["rows"] or 0
    kept = LabelUpload.objects.select_for_update(no_key=True).only("pk", "rows").get(pk=upload.pk)
    LabelUpload.objects.filter(pk=upload.pk).update(matched=min(rows, kept.rows or 0))
