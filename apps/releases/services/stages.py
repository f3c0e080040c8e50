"""A model version moves from one stage to another, with who and why.

Whoever moves a version holds the lock of its model, so of two people the second finds what the first did.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.evaluations.models import Model, ModelVersion
from apps.lifecycle import gates
from apps.lifecycle.models import Decision, Gate
from apps.lifecycle.services.checks import past_moment, text_of
from apps.projects.access import require
from apps.projects.models import Project
from apps.releases.models import Stage, StageChange
from apps.releases.services.rules import rule_of
from apps.releases.signals import champion_changed
from apps.releases.stages import MOVES, action_for, champion_of, was_approved, was_champion


@transaction.atomic
def set_stage(
    *,
    project: Project,
    user: User,
    version: ModelVersion,
    stage: str,
    reason: str,
    at: datetime | None = None,
) -> StageChange:
    """Move the version; engineers set candidate and shadow, managers the rest.

    Approval asks the gate to production when the project's rule says so, and keeps what it said. A new
    champion retires the former one of its model in the same act. ``at`` is now unless said, and never before
    what is recorded already.

    Raises InputRejected; ``decided_already`` when the version stands there already.
    """
    if stage not in Stage.values:
        raise InputRejected(
            "unknown_stage",
            gettext_noop("There is no stage “%(stage)s”. Choose one of the list."),
            stage=stage,
        )
    require(user, action_for(stage), project)
    reason = text_of(StageChange, "reason", reason)
    version = _behind_lock(project, version)
    newest = version.stage_changes.first()
    now = Stage(newest.stage) if newest else Stage.CANDIDATE
    _check_move(version, now, Stage(stage))
    champion = champion_of(version.model)
    at = _moment(version, champion, at)
    change = StageChange(project=project, version=version, stage=stage, reason=reason, at=at, by=user)
    if stage == Stage.APPROVED:
        change.advice = _advice(project)
    if stage == Stage.CHAMPION and champion is not None:
        _supersede(change, champion)
    change.save()
    if stage == Stage.CHAMPION:
        champion_changed.send(StageChange, change=change, champion=version, former=champion)
    elif now == Stage.CHAMPION:
        champion_changed.send(StageChange, change=change, champion=None, former=version)
    return change


def _behind_lock(project: Project, version: ModelVersion) -> ModelVersion:
    model = Model.objects.select_for_update(no_key=True).get(pk=version.model_id)
    if model.project_id != project.pk:
        raise InputRejected(
            "version_of_other_project",
            gettext_noop("“%(version)s” belongs to another project. Choose a version of this one."),
            version=str(version),
        )
    return ModelVersion.objects.select_related("model").get(pk=version.pk)


def _check_move(version: ModelVersion, now: Stage, stage: Stage) -> None:
    names: dict[str, Any] = {"version": str(version), "now": str(now.label), "stage": str(stage.label)}
    if stage == now:
        raise InputRejected(
            "decided_already", gettext_noop("“%(version)s” stands there already: %(now)s."), **names
        )
    if stage not in MOVES[now]:
        raise _impossible(now, names)
    if now == Stage.RETIRED and stage == Stage.CHAMPION and not was_champion(version):
        raise InputRejected(
            "never_champion",
            gettext_noop(
                "“%(version)s” was retired without ever being the champion. Make it a candidate first, then "
                "have it approved."
            ),
            **names,
        )
    if now == Stage.SHADOW and stage == Stage.CHAMPION and not was_approved(version):
        raise InputRejected(
            "not_approved",
            gettext_noop("“%(version)s” runs as a shadow without approval. Approve it first."),
            **names,
        )


def _impossible(now: Stage, names: dict[str, Any]) -> InputRejected:
    sentences = {
        Stage.CANDIDATE: gettext_noop(
            "“%(version)s” is a candidate. It has to be approved before it goes live."
        ),
        Stage.CHAMPION: gettext_noop(
            "“%(version)s” is the champion. Make another version the champion, or retire this one."
        ),
        Stage.RETIRED: gettext_noop(
            "“%(version)s” is retired. Make it a candidate again, or the champion if it was one before."
        ),
    }
    text = sentences.get(now, gettext_noop("“%(version)s” cannot go from “%(now)s” to “%(stage)s”."))
    return InputRejected("impossible_move", text, **names)


def _moment(version: ModelVersion, champion: ModelVersion | None, at: datetime | None) -> datetime:
    """When it happens: the past is not rewritten."""
    at = past_moment(at)
    known = StageChange.objects.filter(version__in=[version, *([champion] if champion else [])])
    last = known.order_by("-at").values_list("at", flat=True).first()
    if last is not None and at < last:
        raise InputRejected(
            "before_last_move",
            gettext_noop("The stages are recorded up to %(last)s. Give a later moment than %(at)s."),
            last=timezone.localtime(last).strftime("%Y-%m-%d %H:%M"),
            at=timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
        )
    return at


def _advice(project: Project) -> dict[str, Any] | None:
    """What the gate said and the decision that lets pass what it did not; None where no gate is asked."""
    if not rule_of(project).needs_gate:
        return None
    assessment = gates.assess(project, Gate.PRODUCTION)
    decision = (
        Decision.objects.filter(
            project=project, subject=Decision.Subject.PRODUCTION_GATE, state=Decision.State.IN_FORCE
        )
        .order_by("-number")
        .first()
    )
    went_on = decision is not None and decision.outcome == Decision.Outcome.GO
    if not assessment.passed and not went_on:
        raise InputRejected(
            "gate_not_passed",
            gettext_noop(
                "Approval needs the gate to production, which does not advise to go on: %(reason)s Meet its "
                "criteria, or record a decision to go on there."
            ),
            reason=assessment.reasons[0],
        )
    return {**assessment.to_json(), "decision": decision.number if decision and went_on else None}


def _supersede(change: StageChange, former: ModelVersion) -> None:
    """The former champion retires at the same moment, for the reason that there is a new one."""
    StageChange.objects.create(
        project=change.project,
        version=former,
        stage=Stage.RETIRED,
        reason=_("“%(version)s” became the champion.") % {"version": change.version},
        at=change.at,
        by=change.by,
    )
