"""Alerts: their lists, and the page of an alert."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView, ListView

from apps.accounts.models import User
from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.monitoring import lists
from apps.monitoring.forms.alerts import AlertForm
from apps.monitoring.forms.filters import AlertFilterForm
from apps.monitoring.models import Alert
from apps.monitoring.services import alerts as services
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.projects.views import ProjectMixin


class AllAlerts(LoginRequiredMixin, ListView[Alert]):
    """Causes, with what follows from them below; those that are not resolved unless others are asked for."""

    template_name = "monitoring/all_alerts.html"
    paginate_by = lists.PAGE_SIZE

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def in_project(self) -> Project | None:
        return None

    @cached_property
    def form(self) -> AlertFilterForm:
        return AlertFilterForm(self.request.GET)

    def get_queryset(self) -> QuerySet[Alert]:
        alerts = lists.alerts_of(self.person, self.in_project())
        return lists.filtered_alerts(alerts, self.form.chosen(), timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form, filtered=bool(self.form.chosen()), now=timezone.now(), **kwargs
        )


class ProjectAlerts(ProjectMixin, AllAlerts):
    template_name = "monitoring/alerts.html"

    def in_project(self) -> Project | None:
        return self.project


class AlertMixin(ProjectMixin):
    @cached_property
    def alert(self) -> Alert:
        alerts = Alert.objects.select_related(
            "monitor", "project", "batch", "parent", "acknowledged_by", "resolved_by"
        ).defer("monitor__pooled", "monitor__learned", "monitor__standing", "batch__check_result")
        return get_object_or_404(alerts, project=self.project, number=self.kwargs["alert"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "alert": self.alert}


class AlertDetail(AlertMixin, FormView[AlertForm]):
    """A post acknowledges, snoozes, resolves or notes, as its button ``do`` says."""

    template_name = "monitoring/alert.html"
    form_class = AlertForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AlertForm) -> HttpResponse:
        said: dict[str, Any] = {"alert": self.alert, "user": self.person, "note": form.cleaned_data["note"]}
        try:
            match form.cleaned_data["do"]:
                case "acknowledge":
                    services.acknowledge(**said)
                case "snooze":
                    services.snooze(until=form.moment(), **said)
                case "resolve":
                    services.resolve(**said)
                case _:
                    services.add_note(**said)
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.render_to_response(self.get_context_data(form=form), status=status_of(error))
        return redirect("monitoring:alert", self.project.slug, self.alert.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        alert = self.alert
        children = lists.alerts_of(self.person, self.project).filter(parent=alert)
        return super().get_context_data(
            monitor=alert.monitor,
            events=list(alert.events.select_related("by")),
            children=list(children.order_by("resolved_at", "first_at", "pk")[:100]),
            now=timezone.now(),
            **kwargs,
        )
