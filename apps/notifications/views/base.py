"""What the pages of webhooks share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.notifications.models import Webhook
from apps.projects.access import Action
from apps.projects.views import ProjectMixin

#: Code of a rejection -> name of the field. Everything else stands over the form.
FIELD_OF = {
    "webhook_taken": "name",
    **dict.fromkeys(["bad_address", "credentials_in_address", "bad_port", "own_network"], "url"),
    "unknown_zone": "zone",
    "half_quiet_hours": "quiet_until",
    "no_quiet_hours": "quiet_until",
}


class ManagerMixin(ProjectMixin):
    """For managers only: an address can be as secret as a password."""

    action = Action.MANAGE


class ServiceForm:
    """A form whose valid data go to a service; what that rejects stands at the field it speaks of."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return self.save(form)
        except InputRejected as error:
            form.add_error(FIELD_OF.get(error.code), translate(error.message))
            return self.form_invalid(form)

    def save(self, form: Any) -> HttpResponse:
        """Call the service and say where to go on."""
        raise NotImplementedError

    def form_invalid(self, form: Any) -> HttpResponse:
        return super().form_invalid(form)  # type: ignore[misc,no-any-return]


class WebhookMixin(ManagerMixin):
    """The webhook of the address."""

    @cached_property
    def webhook(self) -> Webhook:
        rows = Webhook.objects.filter(project=self.project).select_related("project")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(webhook=self.webhook, **kwargs)


def show_secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """On a page of its own and not in a message, which would be kept in the session."""
    context = {"webhook": webhook, "project": webhook.project, "secret": secret, "may": {"manage": True}}
    response = render(request, "notifications/secret.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
