"""What a project allows with its hold-outs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.evaluations.forms import PolicyForm
from apps.evaluations.models import EvaluationPolicy
from apps.evaluations.services import set_policy
from apps.projects.access import Action
from apps.projects.views import ProjectMixin


class PolicyPage(ProjectMixin, FormView[PolicyForm]):
    action = Action.MANAGE
    template_name = "evaluations/policy.html"
    form_class = PolicyForm

    def get_initial(self) -> dict[str, Any]:
        policy = EvaluationPolicy.of(self.project)
        return {"leak": policy.leak, "most_looks": policy.most_looks}

    def form_valid(self, form: PolicyForm) -> HttpResponse:
        set_policy(project=self.project, user=self.person, **form.cleaned_data)
        messages.success(self.request, _("The policy holds for the runs that are evaluated from now on."))
        return redirect("evaluations:policy", self.project.slug)
