"""What approval demands in a project, and who trains."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.lifecycle.services.checks import lock_project
from apps.notifications.models import Webhook
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.releases.models import ReleaseRule


def rule_of(project: Project) -> ReleaseRule:
    """The project's rule; one without a row demands a reason and nothing more."""
    rule = ReleaseRule.objects.select_related("trainer").filter(project=project).first()
    return rule or ReleaseRule(project=project)


@transaction.atomic
def set_rule(*, project: Project, user: User, needs_gate: bool, trainer: Webhook | None) -> ReleaseRule:
    """``trainer`` is the webhook that is told of retraining requests, None when nobody is."""
    require(user, Action.MANAGE, project)
    if trainer is not None and trainer.project_id != project.pk:
        raise InputRejected(
            "webhook_of_other_project",
            gettext_noop("The webhook “%(webhook)s” belongs to another project. Choose one of this project."),
            webhook=trainer.name,
        )
    lock_project(project)
    rule, _created = ReleaseRule.objects.update_or_create(
        project=project, defaults={"needs_gate": needs_gate, "trainer": trainer}
    )
    return rule
