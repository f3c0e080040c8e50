"""Stakeholders, and the matrix of who wants what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.projects.access import Action, require
from apps.requirements import services
from apps.requirements.forms import StakeholderForm, StancesForm
from apps.requirements.models import Requirement, Stakeholder, Stance
from apps.requirements.views.base import RequirementMixin, ServiceForm


class StakeholderList(ServiceForm, FormView[StakeholderForm]):
    """Everybody sees who wants something; managers add stakeholders."""

    form_class = StakeholderForm
    template_name = "requirements/stakeholders.html"
    field_of: Mapping[str, str] = {"stakeholder_taken": "name"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    def save(self, form: StakeholderForm) -> HttpResponse:
        stakeholder = services.add_stakeholder(
            project=self.project, user=self.person, fields=form.stakeholder_fields()
        )
        messages.success(self.request, _("%(name)s is a stakeholder now.") % {"name": stakeholder.name})
        return redirect("requirements:stakeholders", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        of_kind = {
            kind.value: Count(
                "stances", filter=Q(stances__kind=kind, stances__requirement__withdrawn_at=None)
            )
            for kind in Stance.Kind
        }
        rows = (
            Stakeholder.objects.filter(project=self.project)
            .annotate(**of_kind)
            .order_by("-influence", "name")
        )
        return super().get_context_data(stakeholders=rows.order_by("-influence", "name"), **kwargs)


class StakeholderMixin(ServiceForm):
    action = Action.MANAGE

    @cached_property
    def stakeholder(self) -> Stakeholder:
        rows = Stakeholder.objects.filter(project=self.project).select_related("project")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(stakeholder=self.stakeholder, **kwargs)


class StakeholderEdit(StakeholderMixin, FormView[StakeholderForm]):
    form_class = StakeholderForm
    template_name = "requirements/stakeholder.html"
    field_of = StakeholderList.field_of

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy: an invalid form would change the name that the page's head shows.
        return {**super().get_form_kwargs(), "instance": Stakeholder.objects.get(pk=self.stakeholder.pk)}

    def save(self, form: StakeholderForm) -> HttpResponse:
        services.edit_stakeholder(
            stakeholder=self.stakeholder, user=self.person, fields=form.stakeholder_fields()
        )
        messages.success(self.request, _("The stakeholder was changed."))
        return redirect("requirements:stakeholders", self.project.slug)


class StakeholderDelete(StakeholderMixin, TemplateView):
    template_name = "requirements/delete_stakeholder.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            services.delete_stakeholder(stakeholder=self.stakeholder, user=self.person)
        except InputRejected as error:
            return self.render_to_response(self.get_context_data(refusal=translate(error.message)))
        messages.success(request, _("%(name)s is no stakeholder any more.") % {"name": self.stakeholder.name})
        return redirect("requirements:stakeholders", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stances = self.stakeholder.stances.select_related("requirement").order_by("requirement__number")
        return super().get_context_data(stances=stances, **kwargs)


class StanceForms(ServiceForm, FormView[StancesForm]):
    """The stances of some requirements, a field a cell."""

    form_class = StancesForm

    @property
    def requirements(self) -> Sequence[Requirement]:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        stances = Stance.objects.filter(requirement__in=self.requirements)
        return {
            **super().get_form_kwargs(),
            "stakeholders": list(Stakeholder.objects.filter(project=self.project)),
            "requirements": self.requirements,
            "stances": {(row.stakeholder_id, row.requirement_id): row.kind for row in stances},
        }

    def record(self, form: StancesForm) -> None:
        changes = form.changes()
        for stakeholder, requirement, kind in changes:
            services.set_stance(requirement=requirement, stakeholder=stakeholder, user=self.person, kind=kind)
        words = ngettext("%(count)d cell was changed.", "%(count)d cells were changed.", len(changes))
        messages.success(self.request, words % {"count": len(changes)})


class Matrix(StanceForms):
    """The whole matrix, to be changed by managers."""

    action = Action.MANAGE
    template_name = "requirements/matrix.html"

    @cached_property
    def requirements(self) -> Sequence[Requirement]:
        return list(
            Requirement.objects.filter(project=self.project, withdrawn_at=None).select_related("project")
        )

    def save(self, form: StancesForm) -> HttpResponse:
        self.record(form)
        return redirect("requirements:list", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows: dict[Stakeholder, list[Any]] = {}
        for name, (stakeholder, _requirement) in context["form"].cells.items():
            rows.setdefault(stakeholder, []).append(context["form"][name])
        return {**context, "requirements": self.requirements, "rows": rows.items()}


class StanceChange(RequirementMixin, StanceForms):
    """The stances of one requirement; the form stands on its page."""

    action = Action.MANAGE
    http_method_names = ["post"]

    @property
    def requirements(self) -> Sequence[Requirement]:
        return [self.requirement]

    def save(self, form: StancesForm) -> HttpResponse:
        self.record(form)
        return redirect("requirements:detail", self.project.slug, self.requirement.number)

    def form_invalid(self, form: StancesForm) -> HttpResponse:
        for error in [error for errors in form.errors.values() for error in errors]:
            messages.error(self.request, str(error))
        return redirect("requirements:detail", self.project.slug, self.requirement.number)
