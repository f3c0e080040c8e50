"""The log of what was sent, with the way to send it again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import ListView, View

from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.notifications import services
from apps.notifications.forms import DeliveryFilterForm
from apps.notifications.lists import PAGE_SIZE, filtered_deliveries
from apps.notifications.models import Delivery, Webhook
from apps.notifications.views.base import ManagerMixin


class DeliveryList(ManagerMixin, ListView[Delivery]):
    """`?state=` and `?webhook=` filter."""

    template_name = "notifications/deliveries.html"
    paginate_by = PAGE_SIZE

    @cached_property
    def form(self) -> DeliveryFilterForm:
        webhooks = Webhook.objects.filter(project=self.project).values_list("pk", "name")
        return DeliveryFilterForm(self.request.GET, webhooks=list(webhooks))

    def get_queryset(self) -> QuerySet[Delivery]:
        return filtered_deliveries(self.project, self.form.chosen())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=self.form, filtered=bool(self.form.chosen()), **kwargs)


class DeliveryReplay(ManagerMixin, View):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Delivery.objects.select_related("project", "webhook").filter(project=self.project)
        delivery = get_object_or_404(rows, pk=kwargs["pk"])
        try:
            services.replay(delivery=delivery, user=self.person)
            messages.success(request, _("The message is sent again."))
        except InputRejected as error:
            messages.error(request, translate(error.message))
        return redirect("notifications:deliveries", self.project.slug)
