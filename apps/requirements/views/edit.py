"""Writing a requirement: the new one, its next version, and its end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.projects.access import Action
from apps.requirements import services
from apps.requirements.forms import ChangeRequirementForm, NewRequirementForm, RequirementForm, WithdrawForm
from apps.requirements.models import Stakeholder
from apps.requirements.views.base import RequirementMixin, ServiceForm


class WriteRequirement(ServiceForm, FormView[RequirementForm]):
    """The button ``preview`` shows the sentence of the scenario and keeps what was typed, unchecked."""

    action = Action.MANAGE
    template_name = "requirements/write.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        form_class, bound = self.get_form_class(), self.get_form()
        typed = {field.name: field.value() for field in bound}
        sentence = form_class(project=self.project, initial=typed).sentence()
        typed["statement"] = typed["statement"] or sentence
        form = form_class(project=self.project, initial=typed)
        return self.render_to_response(self.get_context_data(form=form))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}


class RequirementCreate(WriteRequirement):
    form_class = NewRequirementForm

    def get_initial(self) -> dict[str, Any]:
        """``?stakeholder=`` is who asks: the link of a stakeholder's row."""
        return {"asked_by": self.request.GET.getlist("stakeholder")}

    def save(self, form: NewRequirementForm) -> HttpResponse:
        requirement = services.add_requirement(
            project=self.project,
            user=self.person,
            fields=form.requirement_fields(),
            asked_by=tuple(form.cleaned_data["asked_by"]),
            asked_on=form.cleaned_data["asked_on"],
        )
        messages.success(self.request, _("%(code)s is written down.") % {"code": requirement.code})
        return redirect("requirements:detail", self.project.slug, requirement.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        has_stakeholders = Stakeholder.objects.filter(project=self.project).exists()
        return super().get_context_data(has_stakeholders=has_stakeholders, **kwargs)


class RequirementEdit(RequirementMixin, WriteRequirement):
    form_class = ChangeRequirementForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "version": self.requirement.current}

    def get_initial(self) -> dict[str, Any]:
        return {"based_on": self.requirement.current.number if self.requirement.current else None}

    def save(self, form: ChangeRequirementForm) -> HttpResponse:
        services.change_requirement(
            requirement=self.requirement,
            user=self.person,
            fields=form.requirement_fields(),
            reason=form.cleaned_data["reason"],
            based_on=form.cleaned_data["based_on"],
        )
        messages.success(
            self.request,
            _("The change of %(code)s is recorded; the older version stays readable.")
            % {"code": self.requirement.code},
        )
        return redirect("requirements:detail", self.project.slug, self.requirement.number)


class RequirementWithdraw(RequirementMixin, ServiceForm, FormView[WithdrawForm]):
    action = Action.MANAGE
    form_class = WithdrawForm
    template_name = "requirements/withdraw.html"

    def save(self, form: WithdrawForm) -> HttpResponse:
        services.withdraw_requirement(
            requirement=self.requirement, user=self.person, reason=form.cleaned_data["reason"]
        )
        messages.success(self.request, _("%(code)s is withdrawn.") % {"code": self.requirement.code})
        return redirect("requirements:list", self.project.slug)
