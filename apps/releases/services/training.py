"""Asking an outside trainer for a new version of a model, and the trainer's answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.evaluations.models import Model, ModelVersion
from apps.lifecycle.services.checks import lock_project, next_number, text_of
from apps.notifications.models import Webhook
from apps.notifications.services import Event, notify_webhook
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.releases.models import RetrainingRequest
from apps.releases.services.rules import rule_of

State = RetrainingRequest.State
OPEN = (State.ASKED, State.RUNNING)
ENDED = (State.DONE, State.FAILED)
MOST_DETAILS = 20_000  # bytes of JSON
#: The trainer's clock may be ahead of ours by so much.
CLOCKS_DIFFER = timedelta(minutes=5)


@transaction.atomic
def request_retraining(
    *,
    project: Project,
    user: User,
    model: Model,
    reason: str,
    details: Mapping[str, Any] | None = None,
) -> RetrainingRequest:
    """Ask the project's trainer for a new version of the model; the webhook leaves after the transaction.

    ``details`` are for the trainer: free JSON, at most 20 kB. A model has one open request at a time, so that
    nobody trains twice for one reason.
    """
    require(user, Action.UPLOAD, project)
    reason = text_of(RetrainingRequest, "reason", reason)
    details = _checked_details(details or {})
    if model.project_id != project.pk:
        raise InputRejected(
            "model_of_other_project",
            gettext_noop("The model “%(model)s” belongs to another project. Choose one of this project."),
            model=model.name,
        )
    lock_project(project)
    trainer = _trainer(project)
    _refuse_second(model)
    request = RetrainingRequest.objects.create(
        project=project,
        number=next_number(project.retraining_requests),
        model=model,
        reason=reason,
        details=details,
        asked_by=user,
    )
    request.delivery = notify_webhook(project=project, event=_event(request), webhook_id=trainer.pk)
    request.save(update_fields=["delivery"])
    return request


def _checked_details(details: Mapping[str, Any]) -> dict[str, Any]:
    try:
        written = json.dumps(details, allow_nan=False, ensure_ascii=False)
        size = len(written.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InputRejected(
            "bad_details", gettext_noop("The details are no JSON that can be kept. Check numbers and texts.")
        ) from error
    if "\\u0000" in written.replace("\\\\", ""):  # a backslash of the text is written as two
        raise InputRejected("bad_details", gettext_noop("The details hold a NUL character. Remove it."))
    if size > MOST_DETAILS:
        raise InputRejected(
            "details_too_long",
            gettext_noop("The details have %(size)d bytes and can have %(most)d. Send a link instead."),
            size=size,
            most=MOST_DETAILS,
        )
    return dict(details)


def _trainer(project: Project) -> Webhook:
    trainer = rule_of(project).trainer
    if trainer is None:
        raise InputRejected(
            "no_trainer",
            gettext_noop(
                "This project names no trainer. A manager names the trainer's webhook under “Models”, “Rule”."
            ),
        )
    if not trainer.is_active:
        raise InputRejected(
            "trainer_inactive",
            gettext_noop(
                "The trainer's webhook “%(webhook)s” is switched off. Switch it on, or name another one "
                "under “Models”, “Rule”."
            ),
            webhook=trainer.name,
        )
    return trainer


def _refuse_second(model: Model) -> None:
    earlier = model.retraining_requests.filter(state__in=OPEN).first()
    if earlier is not None:
        raise InputRejected(
            "asked_already",
            gettext_noop(
                "Request %(number)d for “%(model)s” is not answered yet. Wait for its answer, or record "
                "there that it failed."
            ),
            number=earlier.number,
            model=model.name,
        )


def _event(request: RetrainingRequest) -> Event:
    answer = reverse("api:retraining-request-answer", args=[request.pk])
    return Event(
        kind="retraining.asked",
        key=f"retraining-{request.pk}",
        severity="ok",
        title=Message(gettext_noop("Train “%(model)s” anew"), {"model": request.model.name}),
        text=Message(
            gettext_noop("Request %(number)d by %(person)s: %(reason)s"),
            {"number": request.number, "person": str(request.asked_by), "reason": request.reason},
        ),
        link=reverse("releases:request", args=[request.project.slug, request.number]),
        data={
            "id": request.pk,
            "number": request.number,
            "project": request.project.slug,
            "model": request.model.name,
            "reason": request.reason,
            "details": request.details,
            "answer": f"{settings.BASE_URL}{answer}",
        },
    )


@transaction.atomic
def answer_retraining(
    *,
    request: RetrainingRequest,
    user: User,
    state: str,
    version_label: str = "",
    note: str = "",
    cost: float | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> RetrainingRequest:
    """What became of a request: it runs, it is done with a new version, or it failed.

    A version that is done is a candidate, made here unless a run made it before. ``cost`` is in the project's
    currency. The same answer twice is one; after the end another answer is refused with
    ``decided_already``.
    """
    require(user, Action.UPLOAD, request.project)
    note = text_of(RetrainingRequest, "answer", note, required=False)
    label = text_of(ModelVersion, "label", version_label, required=False)
    _check_answer(state, label, cost)
    related = RetrainingRequest.objects.select_related("project", "model", "version", "asked_by")
    request = related.select_for_update(of=("self",)).get(pk=request.pk)
    if request.state in ENDED:
        _check_same(request, state, label, note, cost)
        return request
    now = timezone.now()
    request.state = State(state)
    request.answer = note or request.answer
    request.cost = request.cost if cost is None else cost
    request.started_at = started_at or request.started_at or (now if state == State.RUNNING else None)
    request.ended_at = (ended_at or now) if state in ENDED else None
    _check_times(request, now)
    if state == State.DONE:
        request.version, _created = ModelVersion.objects.get_or_create(model=request.model, label=label)
    request.save()
    return request


def _check_answer(state: str, label: str, cost: float | None) -> None:
    if state not in (State.RUNNING, *ENDED):
        raise InputRejected(
            "unknown_state",
            gettext_noop("“%(state)s” is no answer. Answer “running”, “done” or “failed”."),
            state=state,
        )
    if state == State.DONE and not label:
        raise InputRejected(
            "no_version",
            gettext_noop("A training that is done has a new version. Name it as “version_label”."),
        )
    if state != State.DONE and label:
        raise InputRejected(
            "version_without_end",
            gettext_noop("Only a training that is done has a new version. Leave “version_label” out."),
        )
    if cost is not None and not (math.isfinite(cost) and cost >= 0):
        raise InputRejected("bad_cost", gettext_noop("The cost is a number from nought up."))


def _check_same(request: RetrainingRequest, state: str, label: str, note: str, cost: float | None) -> None:
    """An answer that came already may come again: the network repeats. Another one may not."""
    had = (request.state, request.version.label if request.version else "", request.answer, request.cost)
    if had == (state, label, note or request.answer, request.cost if cost is None else cost):
        return
    raise InputRejected(
        "decided_already",
        gettext_noop(
            "Request %(number)d ended already: %(state)s. Its answer stays; ask for a new training instead."
        ),
        number=request.number,
        state=request.get_state_display(),
    )


def _check_times(request: RetrainingRequest, now: datetime) -> None:
    started, ended = request.started_at, request.ended_at
    if max(filter(None, (started, ended)), default=now) > now + CLOCKS_DIFFER:
        raise InputRejected(
            "time_in_future",
            gettext_noop("A time of this answer is in the future. Check the trainer's clock."),
        )
    if started is not None and started < request.asked_at - CLOCKS_DIFFER:
        raise InputRejected(
            "started_before_asked",
            gettext_noop("The training began before it was asked for. Check the trainer's clock."),
        )
    if ended is not None and ended < (started or request.asked_at - CLOCKS_DIFFER):
        raise InputRejected(
            "ended_before_start",
            gettext_noop("The training ended before it began. Check the times of the answer."),
        )
