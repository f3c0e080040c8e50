"""What the pages of requirements share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.projects.views import ProjectMixin
from apps.requirements.models import Requirement


class ServiceForm(ProjectMixin):
    """A form whose valid data go to a service; what the service rejects stands at the field it speaks of."""

    #: Code of a rejection -> name of the field. Everything else stands over the form.
    field_of: Mapping[str, str] = {}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return self.save(form)
        except InputRejected as error:
            self.show(error, form)
            return self.form_invalid(form)

    def show(self, error: InputRejected, form: forms.BaseForm) -> None:
        field = self.field_of.get(error.code)
        form.add_error(field if field in form.fields else None, translate(error.message))

    def save(self, form: Any) -> HttpResponse:
        """Call the service and say where to go on."""
        raise NotImplementedError

    def form_invalid(self, form: Any) -> HttpResponse:
        return super().form_invalid(form)  # type: ignore[misc,no-any-return]


class RequirementMixin(ProjectMixin):
    """The requirement of the address, with its newest version."""

    @cached_property
    def requirement(self) -> Requirement:
        rows = Requirement.objects.filter(project=self.project).select_related(
            "project", "current__author", "current__dataset", "current__file"
        )
        return get_object_or_404(rows, number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(requirement=self.requirement, **kwargs)
