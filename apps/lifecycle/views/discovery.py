"""Discovery: fixed time. Its timebox, the backlog of hypotheses, and how it burns down."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.lifecycle import burn, sentences, services
from apps.lifecycle.forms import HypothesisForm, SettleForm, StartDiscoveryForm, TimeboxForm
from apps.lifecycle.models import Decision, Hypothesis, Phase
from apps.lifecycle.views.base import ButtonView, FormPage, ServiceView
from apps.lifecycle.views.phases import PhaseMixin
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin


class Discovery(PhaseMixin, ServiceView[HypothesisForm]):
    """Everybody reads; engineers add hypotheses on the same page."""

    template_name = "lifecycle/discovery.html"
    form_class = HypothesisForm
    kind = Phase.Kind.DISCOVERY

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    def perform(self, form: HypothesisForm) -> str:
        added = services.add_hypothesis(phase=self.there(), user=self.person, **form.cleaned_data)
        return _("%(code)s is in the backlog.") % {"code": added.code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, **self._timebox(self.phase)} if self.phase else context

    def _timebox(self, phase: Phase) -> dict[str, Any]:
        today = timezone.localdate()
        rows = list(
            Hypothesis.objects.filter(phase=phase)
            .select_related("run", "settled_by")
            .defer("run__result", "run__join_report")
            .order_by("number")
        )
        settled = sum(row.settled_on is not None for row in rows)
        over = sentences.days_over(phase, today)
        length = (phase.ends_on - phase.started_on).days if phase.ends_on else 0
        decisions = Decision.objects.filter(phase=phase).select_related("decided_by")
        return {
            "rows": [*(r for r in rows if r.settled_on is None), *(r for r in rows if r.settled_on)],
            "settled": settled,
            "open": len(rows) - settled,
            "time_sentence": sentences.of_timebox(phase, today),
            "work_sentence": sentences.of_hypotheses(settled, len(rows)),
            "overdue": phase.closed_at is None and over > 0,
            "days_over": over,
            "length": length,
            "not_begun": phase.closed_at is None and not rows and not decisions,
            "decisions": decisions,
            "figure": burn.burn_down_figure(phase, rows, today) if rows else None,
            "passed": max(0, min((today - phase.started_on).days, length)),
            "extended": any(
                d.outcome == Decision.Outcome.EXTEND and d.state == Decision.State.IN_FORCE for d in decisions
            ),
        }


class StartDiscovery(FormPage[StartDiscoveryForm]):
    """The first discovery, or a return to it beside delivery or production: a new cycle."""

    action = Action.MANAGE
    form_class = StartDiscoveryForm

    def perform(self, form: StartDiscoveryForm) -> str:
        phase = services.start_discovery(project=self.project, user=self.person, **form.cleaned_data)
        return _("Discovery runs until %(day)s.") % {"day": sentences.day(phase.ends_on or phase.started_on)}

    def words(self) -> dict[str, Any]:
        again = Phase.objects.filter(project=self.project).exists()
        if again:
            return {
                "heading": _("Return to discovery"),
                "lead": _("A new cycle begins. What was found and decided before stays as it is."),
                "button": _("Start the new cycle"),
                "icon": "rotate-cw",
            }
        return {
            "heading": _("Start discovery"),
            "lead": _("Time is fixed, the questions are not: at its end people decide whether to go on."),
            "button": _("Start discovery"),
            "icon": "play",
        }


class OpenDiscovery(ProjectMixin):
    @cached_property
    def phase(self) -> Phase:
        phases = Phase.objects.select_related("project")
        return get_object_or_404(phases, project=self.project, kind=Phase.Kind.DISCOVERY, closed_at=None)


class ChangeTimebox(OpenDiscovery, FormPage[TimeboxForm]):
    action = Action.MANAGE
    form_class = TimeboxForm

    def get_initial(self) -> dict[str, Any]:
        return {"started_on": self.phase.started_on, "ends_on": self.phase.ends_on}

    def perform(self, form: TimeboxForm) -> str:
        services.change_timebox(phase=self.phase, user=self.person, **form.cleaned_data)
        return _("The timebox was changed.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Change the timebox"),
            "lead": _("Only before work starts. Afterwards it can be extended once, by a decision."),
            "button": _("Change the timebox"),
        }


class HypothesisMixin(ProjectMixin):
    action = Action.UPLOAD

    @cached_property
    def hypothesis(self) -> Hypothesis:
        rows = Hypothesis.objects.select_related("project", "phase")
        return get_object_or_404(rows, project=self.project, number=self.kwargs["number"])


class Settle(HypothesisMixin, FormPage[SettleForm]):
    form_class = SettleForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def perform(self, form: SettleForm) -> str:
        services.settle_hypothesis(hypothesis=self.hypothesis, user=self.person, **form.cleaned_data)
        return _("%(code)s is settled.") % {"code": self.hypothesis.code}

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Settle %(code)s") % {"code": self.hypothesis.code},
            "quote": self.hypothesis.text,
            "button": _("Settle it"),
            "icon": "check",
        }

    @property
    def back_url(self) -> str:
        cycle = self.hypothesis.phase.cycle
        return reverse("lifecycle:discovery", args=[self.project.slug]) + f"?cycle={cycle}"


class ReopenHypothesis(HypothesisMixin, ButtonView):
    def perform(self) -> str:
        services.reopen_hypothesis(hypothesis=self.hypothesis, user=self.person)
        return _("%(code)s is open again.") % {"code": self.hypothesis.code}
