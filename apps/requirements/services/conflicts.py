"""The decision of a person about two requirements that cannot both hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import Conflict
from apps.requirements.options import Option, options_of
from apps.requirements.services.checks import check_text
from apps.requirements.services.fields import RequirementFields
from apps.requirements.services.wishes import current_version, locked, write_version


@transaction.atomic
def decide_conflict(
    *, conflict: Conflict, user: User, chosen: str, decision: str, at: datetime | None = None
) -> Conflict:
    """Record the way out. An option that relaxes a limit also writes the requirement's next version.

    The option is kept with its numbers as they stand now.
    """
    require(user, Action.MANAGE, conflict.project)
    check_text(Conflict, "decision", decision, required=True)
    conflict = _locked(conflict)
    option = _option(conflict, chosen)
    said = [current_version(requirement).number for requirement in (conflict.first, conflict.second)]
    if option.relaxes is not None:
        requirement = locked(conflict.first if option.relaxes == "first" else conflict.second)
        fields = RequirementFields.of(current_version(requirement))
        write_version(requirement, user, replace(fields, limit=option.limit), decision[:1_000])
    conflict.chosen, conflict.decision, conflict.decided_by = chosen, decision, user
    conflict.option = option.to_json() | {"versions": said}
    conflict.decided_at = at or timezone.now()
    conflict.save(update_fields=["chosen", "option", "decision", "decided_by", "decided_at"])
    judge_project(conflict.project_id)
    return conflict


def _locked(conflict: Conflict) -> Conflict:
    """The conflict as it stands; of two people who decide at once the later one is told."""
    Project.objects.select_for_update(no_key=True).get(pk=conflict.project_id)
    row = Conflict.objects.select_related("project", "first__current", "second__current").get(pk=conflict.pk)
    if row.decided_at is not None:
        raise InputRejected(
            "decided_already",
            gettext_noop("%(conflict)s was decided meanwhile. Read the decision first."),
            conflict=str(row),
        )
    if row.gone_at is not None:
        raise InputRejected(
            "conflict_gone",
            gettext_noop("%(conflict)s is no conflict any more: the requirements or the evidence changed."),
            conflict=str(row),
        )
    return row


def _option(conflict: Conflict, chosen: str) -> Option:
    options = {option.key: option for option in options_of(conflict).options}
    if chosen not in options:
        raise InputRejected(
            "unknown_option",
            gettext_noop("“%(chosen)s” is no way out of this conflict. Choose one of: %(options)s."),
            chosen=chosen[:100],
            options=", ".join(options),
        )
    return options[chosen]
