"""What the forms of this app share: one form, one service, one sentence that tells what was done."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.lifecycle.forms import ServiceForm
from apps.projects.views import ProjectMixin

F = TypeVar("F", bound=ServiceForm)
#: Pages without a tab of their own, and the tab below which they stand.
TABS = {"fit": "discovery", "gate": "decisions"}


class ServiceView(ProjectMixin, FormView[F]):
    """Gives a form's values to a service; what the service rejects is shown in the form as it was typed."""

    #: The page to which the form belongs, and where people come back to.
    page = "discovery"

    def perform(self, form: F) -> str:
        """Call the service. Returns the sentence that tells what was done."""
        raise NotImplementedError

    def form_valid(self, form: F) -> HttpResponse:
        try:
            messages.success(self.request, self.perform(form))
        except InputRejected as error:
            form.reject(error)
            return self.form_invalid(form)
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return self.back_url

    @property
    def back_url(self) -> str:
        return reverse(f"lifecycle:{self.page}", args=[self.project.slug])


class FormPage(ServiceView[F]):
    """A form on a page of its own. ``words`` are its heading, what it explains and the name of its button."""

    template_name = "lifecycle/form.html"

    def words(self) -> dict[str, Any]:
        """``heading``, ``button`` and, where they help, ``lead``, ``quote``, ``icon``."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.words()
        tab = TABS.get(self.page, self.page)
        return super().get_context_data(back_url=self.back_url, tab=tab, words=words, **kwargs)


class ButtonView(ProjectMixin, View):
    """A button that calls a service; a rejection is told on the page that it leads back to."""

    page = "discovery"

    def perform(self) -> str:
        """Call the service. Returns the sentence that tells what was done."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            messages.success(request, self.perform())
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect(f"lifecycle:{self.page}", self.project.slug)
