"""The price list: what the decisions of a model are worth."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.compute.value import FORMULAS
from apps.evaluations.models import Run, task_label
from apps.projects.access import Action, require
from apps.requirements import services
from apps.requirements.forms import ValueForm
from apps.requirements.models import ProjectJudgement, ValueCase
from apps.requirements.views.base import ServiceForm


class ValuePage(ServiceForm, FormView[ValueForm]):
    """Everybody reads the prices; managers write the next version of them."""

    form_class = ValueForm
    template_name = "requirements/value.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    @cached_property
    def cases(self) -> list[ValueCase]:
        return list(ValueCase.objects.filter(project=self.project).select_related("author"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "newest": self.cases[0] if self.cases else None}

    def save(self, form: ValueForm) -> HttpResponse:
        services.set_value_case(
            project=self.project,
            user=self.person,
            fields=form.value_fields(),
            reason=form.cleaned_data.get("reason", ""),
        )
        messages.success(
            self.request, _("The price list is saved, and requirements in money are judged by it.")
        )
        return redirect("requirements:value", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tasks = Run.objects.filter(project=self.project).exclude(task="").order_by()
        known = set(tasks.values_list("task", flat=True).distinct())
        formulas = [(task_label(task), FORMULAS[task]) for task in FORMULAS if task in known or not known]
        judgement = ProjectJudgement.objects.select_related("run").filter(project=self.project).first()
        return super().get_context_data(cases=self.cases, formulas=formulas, judgement=judgement, **kwargs)
