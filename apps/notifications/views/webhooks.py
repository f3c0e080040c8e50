"""The webhooks of a project: list, form, secret, test, deletion."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView, TemplateView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.notifications import services
from apps.notifications.forms import WebhookForm
from apps.notifications.lists import PAGE_SIZE, listed_webhooks, with_newest
from apps.notifications.models import Webhook
from apps.notifications.services import WebhookFields
from apps.notifications.views.base import ManagerMixin, ServiceForm, WebhookMixin, show_secret


class WebhookList(ManagerMixin, ListView[Webhook]):
    template_name = "notifications/webhooks.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[Webhook]:
        return listed_webhooks(self.project)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "rows": with_newest(list(context["object_list"]))}


class WebhookCreate(ManagerMixin, ServiceForm, FormView[WebhookForm]):
    """A new secret is part of this one answer and of nothing else: no address, no session, no log."""

    form_class = WebhookForm
    template_name = "notifications/webhook_new.html"

    def save(self, form: WebhookForm) -> HttpResponse:
        webhook = services.add_webhook(project=self.project, user=self.person, fields=form.fields_said())
        return show_secret(self.request, webhook, webhook.secret)


class WebhookEdit(WebhookMixin, ServiceForm, FormView[WebhookForm]):
    form_class = WebhookForm
    template_name = "notifications/webhook.html"

    def get_initial(self) -> dict[str, Any]:
        return {field.name: getattr(self.webhook, field.name) for field in fields(WebhookFields)}

    def save(self, form: WebhookForm) -> HttpResponse:
        webhook = services.change_webhook(webhook=self.webhook, user=self.person, fields=form.fields_said())
        messages.success(self.request, _("The webhook “%(name)s” was changed.") % {"name": webhook.name})
        return redirect("notifications:webhooks", self.project.slug)


class WebhookDelete(WebhookMixin, TemplateView):
    """Asks before the webhook and its log are gone."""

    template_name = "notifications/webhook_delete.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = self.webhook.name
        services.delete_webhook(webhook=self.webhook, user=self.person)
        messages.success(request, _("The webhook “%(name)s” was deleted.") % {"name": name})
        return redirect("notifications:webhooks", self.project.slug)


class WebhookSecret(WebhookMixin, TemplateView):
    """Asks before the receiver needs another secret, and shows the new one once."""

    template_name = "notifications/webhook_secret.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        secret = services.rotate_secret(webhook=self.webhook, user=self.person)
        return show_secret(request, self.webhook, secret)


class WebhookTest(WebhookMixin, View):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            services.send_test(webhook=self.webhook, user=self.person)
        except InputRejected as error:
            messages.error(request, translate(error.message))
            return redirect("notifications:webhooks", self.project.slug)
        messages.success(request, _("A test is on its way. The log says what came of it."))
        return redirect("notifications:deliveries", self.project.slug)
