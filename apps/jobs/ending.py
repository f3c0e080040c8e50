"""The last moves of a job, and the sentences that a failed job leaves behind."""

from __future__ import annotations

import math
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.jobs.models import Job, State
from apps.jobs.signals import job_finished

Error = dict[str, Any]
#: A column name or a cell can be huge; a sentence with it need not be.
LONGEST_VALUE = 500


def announce(job_id: UUID) -> None:
    """Send `job_finished` when the running transaction commits."""
    transaction.on_commit(partial(_send_finished, job_id))


def _send_finished(job_id: UUID) -> None:
    job = Job.objects.select_related("project").filter(pk=job_id).first()
    if job is not None:
        job_finished.send_robust(sender=Job, job=job)


def end(job_id: UUID, token: UUID, state: State, *, error: Error | None = None, reference: str = "") -> bool:
    """Fail or cancel a running job, if it is still held with this token. Returns whether it was."""
    with transaction.atomic():
        held = Job.objects.filter(pk=job_id, token=token, state=State.RUNNING)
        if state == State.CANCELLED:
            held = held.filter(cancel_requested=True)
        ended = held.update(
            state=state,
            error=error,
            error_reference=reference,
            token=None,
            lease_until=None,
            finished_at=Now(),
        )
        if ended:
            announce(job_id)
    return bool(ended)


def message_json(message: Message) -> dict[str, Any]:
    """The message as PostgreSQL can keep it: plain values, no NUL, no lone surrogate, no endless text."""
    return _plain_message(message).to_json()


def _plain_message(message: Message) -> Message:
    return Message(message.text, {name: _plain(value) for name, value in message.params.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return _plain_message(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    text = str(value)
    if len(text) > LONGEST_VALUE:
        text = f"{text[:LONGEST_VALUE]}…"
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _error(code: str, text: str, **params: Any) -> Error:
    return {"code": code, "message": message_json(Message(text, params)), "column": None, "row": None}


def rejected(fault: InputRejected) -> Error:
    return {
        "code": fault.code,
        "message": message_json(fault.message),
        "column": _plain(fault.column),
        "row": _plain(fault.row),
    }


def out_of_memory() -> Error:
    return _error(
        "out_of_memory",
        gettext_noop(
            "This needs more than the %(gigabytes)s GB of memory that a job may use. "
            "Use fewer rows or columns, or ask the administrator for a higher limit."
        ),
        gigabytes=_gigabytes(),
    )


def out_of_time() -> Error:
    return _error(
        "out_of_time",
        gettext_noop(
            "This took longer than the %(minutes)s minutes that a job may run. "
            "Use fewer rows or columns, or ask the administrator for a higher limit."
        ),
        minutes=max(1, round(settings.JOB_SOFT_LIMIT_SECONDS / 60)),
    )


def worker_lost(attempts: int) -> Error:
    return _error(
        "worker_lost",
        gettext_noop(
            "The worker was lost %(attempts)s times while it worked on this. Most often such a job needs "
            "more than the %(gigabytes)s GB of memory that it may use: try fewer rows or columns."
        ),
        attempts=attempts,
        gigabytes=_gigabytes(),
    )


def disk_full() -> Error:
    return _error(
        "disk_full",
        gettext_noop(
            "The portal's disk is full, so this could not be finished. Your file is kept. "
            "Tell the administrator, and run it again when there is room."
        ),
    )


def internal_error(reference: str) -> Error:
    return _error(
        "internal_error",
        gettext_noop(
            "Something went wrong on our side, not in your data. Nothing was lost: run it again, and if it "
            "fails again, give the administrator the error number %(reference)s."
        ),
        reference=reference,
    )


def _gigabytes() -> str:
    return f"{settings.JOB_MEMORY_BYTES / 1024**3:.3g}"
