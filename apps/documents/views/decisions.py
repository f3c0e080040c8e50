"""Architecture decisions: the list, a new one, one with its state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView, TemplateView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.documents.forms import DecisionForm, SupersedeForm
from apps.documents.models import ArchitectureDecision
from apps.documents.reading import texts_to_html
from apps.documents.services import (
    add_architecture_decision,
    settle_architecture_decision,
    supersede_architecture_decision,
)
from apps.projects.access import Action
from apps.projects.views import ProjectMixin


def _decisions() -> QuerySet[ArchitectureDecision]:
    return ArchitectureDecision.objects.select_related("author", "settled_by", "superseded_by", "project")


class DecisionList(ProjectMixin, ListView[ArchitectureDecision]):
    template_name = "documents/decisions.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[ArchitectureDecision]:
        return _decisions().filter(project=self.project).order_by("-number")


class DecisionCreate(ProjectMixin, FormView[DecisionForm]):
    template_name = "documents/decision_create.html"
    form_class = DecisionForm
    action = Action.UPLOAD

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        try:
            decision = add_architecture_decision(
                project=self.project, user=self.person, fields=form.fields_of()
            )
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("%(code)s was proposed.") % {"code": decision.code})
        return redirect("documents:decision", self.project.slug, decision.number)


class DecisionMixin(ProjectMixin):
    @cached_property
    def decision(self) -> ArchitectureDecision:
        rows = _decisions().filter(project=self.project)
        return get_object_or_404(rows, number=self.kwargs["adr"])

    def answer(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return redirect("documents:decision", self.project.slug, self.decision.number)

    def refuse(self, sentence: str) -> HttpResponse:
        messages.error(self.request, sentence)
        return redirect("documents:decision", self.project.slug, self.decision.number)


class DecisionDetail(DecisionMixin, TemplateView):
    template_name = "documents/decision.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decision = self.decision
        names = ("context", "options", "decision", "consequences")
        texts = texts_to_html(self.project, [getattr(decision, name) for name in names])
        labels = [_("Context"), _("Options that were weighed"), _("Decision"), _("Consequences")]
        return super().get_context_data(
            decision=decision,
            parts=[part for part in zip(names, labels, texts, strict=True) if part[2]],
            replaces=decision.supersedes.order_by("number"),
            supersede_form=SupersedeForm(decision=decision),
            **kwargs,
        )


class DecisionSettle(DecisionMixin, View):
    """``state``: accepted or rejected."""

    action = Action.MANAGE

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            decision = settle_architecture_decision(
                decision=self.decision, user=self.person, state=request.POST.get("state", "")
            )
        except InputRejected as error:
            return self.refuse(translate(error.message))
        state = decision.get_state_display()
        return self.answer(_("%(code)s is %(state)s now.") % {"code": decision.code, "state": state})


class DecisionSupersede(DecisionMixin, View):
    action = Action.MANAGE

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = SupersedeForm(request.POST, decision=self.decision)
        if not form.is_valid():
            return self.refuse(str(form.errors["by"][0]))
        other = form.cleaned_data["by"]
        try:
            supersede_architecture_decision(decision=self.decision, user=self.person, by=other.number)
        except InputRejected as error:
            return self.refuse(translate(error.message))
        codes = {"old": self.decision.code, "new": other.code}
        return self.answer(_("%(old)s gave way to %(new)s.") % codes)
