"""How the reader wants to be told."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from apps.accounts.models import User
from apps.notifications import services
from apps.notifications.forms import PreferenceForm
from apps.notifications.models import Delivery, Preference
from apps.notifications.sending.mail import can_send
from apps.notifications.services import PreferenceFields
from apps.notifications.views.base import ServiceForm


class PreferenceEdit(LoginRequiredMixin, ServiceForm, FormView[PreferenceForm]):
    form_class = PreferenceForm
    template_name = "notifications/preference.html"

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def get_initial(self) -> dict[str, Any]:
        preference = Preference.of(self.person)
        return {field.name: getattr(preference, field.name) for field in fields(PreferenceFields)}

    def save(self, form: PreferenceForm) -> HttpResponse:
        services.set_preference(user=self.person, fields=form.fields_said())
        messages.success(self.request, _("This is how you are told from now on."))
        return redirect("notifications:preference")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tests = Delivery.objects.filter(person=self.person, project=None)
        return super().get_context_data(can_send=can_send(), test=tests.first(), **kwargs)


class TestMail(LoginRequiredMixin, View):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.send_test_mail(user=cast(User, request.user))
        messages.success(request, _("A mail is on its way to you."))
        return redirect("notifications:preference")
