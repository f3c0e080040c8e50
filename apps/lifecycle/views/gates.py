"""Gates: criteria computed from evidence, criteria of the project, and the decision of people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.lifecycle import gates, sentences, services
from apps.lifecycle.forms import CriterionForm, DecisionForm, JudgeForm, ServiceForm
from apps.lifecycle.models import Criterion, Decision, Gate, Phase
from apps.lifecycle.views.base import FormPage, ServiceView
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin

#: The phase that ends at a gate.
BEFORE = {Gate.DELIVERY: Phase.Kind.DISCOVERY, Gate.PRODUCTION: Phase.Kind.DELIVERY}
Outcome = Decision.Outcome
#: What keeps the gate shut comes first.
ORDER: list[str] = [Criterion.State.NOT_MET, Criterion.State.UNKNOWN, Criterion.State.MET]


@dataclass(frozen=True, slots=True)
class Row:
    criterion: gates.CriterionResult

    @property
    def own(self) -> str:
        """The id of a criterion of the project's own, empty for a standard one."""
        kind, _dash, pk = self.criterion.key.partition("-")
        return pk if kind == "own" else ""

    @property
    def url(self) -> str:
        return reverse(self.criterion.url_name, args=self.criterion.url_args)


class GateMixin(ProjectMixin):
    """Finds the gate of the address."""

    page = "gate"

    @cached_property
    def gate(self) -> Gate:
        if self.kwargs["gate"] not in Gate.values:
            raise Http404
        return Gate(self.kwargs["gate"])

    @property
    def back_url(self) -> str:
        return reverse("lifecycle:gate", args=[self.project.slug, self.gate])


class GatePage(GateMixin, ServiceView[DecisionForm]):
    """Everybody reads the criteria; managers decide on the same page."""

    template_name = "lifecycle/gate.html"
    form_class = DecisionForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    @property
    def phase(self) -> Phase | None:
        """The one that waits before the gate now."""
        kind = BEFORE[self.gate]
        return Phase.objects.filter(project=self.project, kind=kind, closed_at=None).first()

    @cached_property
    def decisions(self) -> list[Decision]:
        """What was decided about the phases before this gate, the newest first."""
        rows = Decision.objects.filter(project=self.project, phase__kind=BEFORE[self.gate])
        return list(rows.select_related("phase", "decided_by", "second_person"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "outcomes": self._outcomes()}

    def get_initial(self) -> dict[str, Any]:
        phase = self.phase
        return {"phase": phase.pk if phase else None}

    def _outcomes(self) -> list[str]:
        outcomes = [Outcome.GO, Outcome.CHANGE_COURSE, Outcome.STOP]
        return [*outcomes, Outcome.EXTEND] if self.gate == Gate.DELIVERY else list(outcomes)

    def perform(self, form: DecisionForm) -> str:
        given = dict(form.cleaned_data)
        phases = Phase.objects.select_related("project")
        phase = get_object_or_404(phases, project=self.project, kind=BEFORE[self.gate], pk=given.pop("phase"))
        subject = Decision.Subject.TIMEBOX if given["outcome"] == Outcome.EXTEND else self.gate.value
        decision = services.decide(phase=phase, user=self.person, subject=subject, **given)
        if decision.state == Decision.State.PROPOSED:
            return _("The decision is recorded. Another manager of the project has to confirm it.")
        return _("The decision is in force: %(outcome)s.") % {"outcome": decision.get_outcome_display()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assessment = gates.assess(self.project, self.gate)
        counts = Counter(criterion.state for criterion in assessment.criteria)
        rows = sorted(map(Row, assessment.criteria), key=lambda row: ORDER.index(row.criterion.state))
        phase = self.phase
        open_ones = [d for d in self.decisions if d.state == Decision.State.PROPOSED]
        return super().get_context_data(
            gate=self.gate,
            phase=phase,
            rows=rows,
            advice=assessment.advice,
            reasons=assessment.reasons,
            lead=sentences.of_gate(counts, assessment.advice),
            advice_sentence=sentences.of_advice(assessment.advice),
            proposed=open_ones[0] if open_ones else None,
            decisions=[d for d in self.decisions if d.state != Decision.State.PROPOSED][:10],
            extended=any(
                d.outcome == Outcome.EXTEND and d.state == Decision.State.IN_FORCE and d.phase == phase
                for d in self.decisions
            ),
            **kwargs,
        )


class AddCriterion(GateMixin, FormPage[CriterionForm]):
    action = Action.MANAGE
    form_class = CriterionForm

    def perform(self, form: CriterionForm) -> str:
        services.add_criterion(
            project=self.project, user=self.person, gate=self.gate.value, **form.cleaned_data
        )
        return _("The criterion was added. It is unknown until somebody judges it.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Add a criterion to the gate"),
            "lead": _("The gate stays shut until it is met: unknown never passes."),
            "button": _("Add the criterion"),
            "icon": "plus",
        }


class CriterionMixin(ProjectMixin):
    action = Action.MANAGE
    page = "gate"

    @cached_property
    def criterion(self) -> Criterion:
        rows = Criterion.objects.select_related("project").filter(removed_at=None)
        return get_object_or_404(rows, project=self.project, pk=self.kwargs["pk"])

    @property
    def back_url(self) -> str:
        return reverse("lifecycle:gate", args=[self.project.slug, self.criterion.gate])


class JudgeCriterion(CriterionMixin, FormPage[JudgeForm]):
    form_class = JudgeForm

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.criterion, name) for name in ("state", "evidence", "link")}

    def perform(self, form: JudgeForm) -> str:
        services.judge_criterion(criterion=self.criterion, user=self.person, **form.cleaned_data)
        return _("The criterion was judged.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Judge a criterion"),
            "lead": _("Say whether it is met, and what shows it."),
            "quote": self.criterion.text,
            "button": _("Save"),
        }


class RemoveCriterion(CriterionMixin, FormPage[ServiceForm]):
    form_class = ServiceForm

    def perform(self, form: ServiceForm) -> str:
        services.remove_criterion(criterion=self.criterion, user=self.person)
        return _("The criterion was removed.")

    def words(self) -> dict[str, Any]:
        return {
            "heading": _("Remove this criterion?"),
            "lead": _("The gate no longer asks for it. Earlier decisions keep what it said."),
            "quote": self.criterion.text,
            "button": _("Remove it"),
            "icon": "x",
            "danger": True,
        }
