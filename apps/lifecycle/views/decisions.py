"""What was decided about a project, and what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apps.common.translate import translate
from apps.lifecycle import services
from apps.lifecycle.forms import ReasonForm, SecondPersonForm
from apps.lifecycle.models import Decision, Phase
from apps.lifecycle.views.base import FormPage, ServiceView
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin
from apps.requirements.models import Conflict

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision about a phase or about a conflict of two requirements: one of both is set."""

    at: datetime
    decision: Decision | None = None
    conflict: Conflict | None = None


class DecisionList(ProjectMixin, TemplateView):
    template_name = "lifecycle/decisions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decisions = list(
            Decision.objects.filter(project=self.project).select_related("decided_by", "second_person")
        )
        conflicts = list(
            Conflict.objects.filter(project=self.project).select_related(
                "first__current", "second__current", "decided_by"
            )
        )
        recorded = [Entry(d.decided_at, decision=d) for d in decisions if d.state != Decision.State.PROPOSED]
        recorded += [Entry(c.decided_at, conflict=c) for c in conflicts if c.decided_at]
        recorded.sort(key=lambda entry: entry.at, reverse=True)
        overdue = Phase.objects.filter(
            project=self.project,
            kind=Phase.Kind.DISCOVERY,
            closed_at=None,
            ends_on__lt=timezone.localdate(),
        ).exclude(decisions__state=Decision.State.PROPOSED)
        waiting: dict[str, list[Any]] = {
            "overdue": list(overdue),
            "proposed": [d for d in reversed(decisions) if d.state == Decision.State.PROPOSED],
            "conflicts": [c for c in conflicts if c.decided_at is None and c.gone_at is None],
        }
        return super().get_context_data(
            **waiting,
            waiting=sum(len(rows) for rows in waiting.values()),
            page_obj=Paginator(recorded, PAGE_SIZE).get_page(self.request.GET.get("page")),
            retired=Phase.objects.filter(
                project=self.project, kind=Phase.Kind.RETIRED, closed_at=None
            ).exists(),
            **kwargs,
        )


class DecisionPage(ServiceView[SecondPersonForm]):
    """A decision with the evidence as it stood. A second person confirms or declines it there."""

    template_name = "lifecycle/decision.html"
    form_class = SecondPersonForm
    page = "decisions"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    @cached_property
    def decision(self) -> Decision:
        rows = Decision.objects.select_related("project", "phase", "decided_by", "second_person")
        return get_object_or_404(rows, project=self.project, number=self.kwargs["number"])

    def perform(self, form: SecondPersonForm) -> str:
        given = {"decision": self.decision, "user": self.person, "note": form.cleaned_data["note"]}
        if "decline" in self.request.POST:
            services.decline_decision(**given)
            return _("The decision was declined. Nothing changes.")
        services.confirm_decision(**given)
        return _("The decision is in force: %(outcome)s.") % {"outcome": self.decision.get_outcome_display()}

    def get_success_url(self) -> str:
        return reverse("lifecycle:decision", args=[self.project.slug, self.decision.number])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decision = Decision.objects.select_related("phase", "decided_by", "second_person").get(
            pk=self.decision.pk
        )
        criteria = [
            {**part, "label": translate(part["label"]), "reason": translate(part["reason"])}
            for part in decision.evidence.get("criteria", [])
        ]
        return super().get_context_data(
            decision=decision,
            waits=decision.state == Decision.State.PROPOSED,
            own=decision.decided_by_id == self.person.pk,
            criteria=criteria,
            **kwargs,
        )


class Retire(FormPage[ReasonForm]):
    action = Action.MANAGE
    form_class = ReasonForm
    page = "decisions"

    def perform(self, form: ReasonForm) -> str:
        services.retire(project=self.project, user=self.person, **form.cleaned_data)
        return _("The project is retired.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Retire the project?"),
            "lead": _("All its open phases close. Nothing is deleted; a new discovery can bring it back."),
            "button": _("Retire the project"),
            "icon": "ban",
            "danger": True,
        }
